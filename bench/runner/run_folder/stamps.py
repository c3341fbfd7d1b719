"""What a result file says about its making, beside what mteb writes: under the key ``embsig``, which mteb reads past."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: The key in a result of mteb.
KEY = "embsig"


def stated(proof: Mapping[str, Any]) -> dict[str, Any]:
    """What every output says: ``data_sha256`` by split and subset, and ``missing_weights`` where there are any."""
    missing = (proof.get("weights") or {}).get("missing")
    return {"data_sha256": proof.get("data_sha256") or {}, **({"missing_weights": missing} if missing else {})}


def stamp(stage: Path, proof: Mapping[str, Any]) -> None:
    """Write it into the results below `stage`."""
    for path in (stage / "results").glob("*/*/*.json"):
        if path.name != "model_meta.json":
            said = json.loads(path.read_text(encoding="utf-8"))
            path.write_text(json.dumps({**said, KEY: stated(proof)}, indent=2), encoding="utf-8")
