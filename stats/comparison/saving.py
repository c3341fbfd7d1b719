"""A comparison as one file: JSON with exact floats."""

import gzip
import hashlib
import json
import zlib
from dataclasses import fields
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..auditing._audit import Audit
from ..common.errors import InputError
from ..common.writing import write_whole
from ..coverage import Coverage
from ..factors.result import FactorialResult
from ..scores import Scores
from .comparison import Comparison
from .finding import GROUPS, Finding
from .method import Method

SCHEMA = 1
_KIND = "embsig comparison"
#: The key of the hash of everything below it, by which a file that was damaged or edited is told.
_DIGEST = "content_sha256"


def save(comparison: Comparison, path: str | PathLike[str]) -> None:
    """Write a comparison; the file is complete or not there at all."""
    path = Path(path)
    packed = _pack(comparison)
    content = json.dumps(
        {"kind": _KIND, "schema": SCHEMA, _DIGEST: _digest(packed), **packed}, ensure_ascii=False
    ).encode()
    if path.suffix == ".gz":
        content = gzip.compress(content, mtime=0)
    write_whole(path, content)


def load(path: str | PathLike[str]) -> Comparison:
    """Read a comparison that `save` wrote; raises InputError if it is something else."""
    path = Path(path)
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        found = json.loads(content)
    except (OSError, ValueError, EOFError, zlib.error, RecursionError) as error:
        raise InputError(
            f"{path}: cannot be read as a saved comparison: {' '.join(str(error).split())[:200]}"
        ) from error
    if not isinstance(found, dict) or found.get("kind") != _KIND:
        raise InputError(f"{path}: is not a saved comparison; expected a file that Comparison.save wrote")
    schema = found.get("schema")
    if isinstance(schema, int | float) and schema > SCHEMA:
        raise InputError(f"{path}: is of version {schema}, newer than {SCHEMA}; update embsig")
    packed = {key: value for key, value in found.items() if key not in ("kind", "schema", _DIGEST)}
    try:
        if schema != SCHEMA or found.get(_DIGEST, _digest(packed)) != _digest(packed):
            raise ValueError("its content is not what was saved")
        return _unpack(found)
    # Whatever a part of another kind than was saved runs into.
    except (ValueError, TypeError, KeyError, AttributeError, LookupError, ArithmeticError, RecursionError) as error:
        raise InputError(
            f"{path}: is a damaged saved comparison ({' '.join(str(error).split())[:120]}); save it again"
        ) from error


def _digest(packed: dict[str, Any]) -> str:
    text = json.dumps(packed, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# Python's json writes floats so that they read back exactly, and NaN and infinities by name.


def _pack(c: Comparison) -> dict[str, Any]:
    return {
        "method": c.method.to_dict(),
        "scores": _pack_scores(c.scores),
        "excluded": {kind: dict(names) for kind, names in c.excluded.items()},
        "omnibus": c.omnibus,
        "nemenyi_critical_difference": c.nemenyi_critical_difference,
        "ranks": _pack_frame(c.ranks),
        "pairs": _pack_frame(c.pairs),
        "cliques": c.cliques,
        "uncovered_pairs": c.uncovered_pairs,
        "conclusions": c.conclusions,
        "warnings": c.warnings,
        "smallest_pvalue": c.smallest_pvalue,
        "control": c.control,
        "families": {name: _pack(part) for name, part in c.families.items()},
        "audit": None if c.audit is None else c.audit.to_dict(),
        "provenance": c.provenance,
        "coverage": None if c.coverage is None else c.coverage.to_dict(),
        "design": None if c.design is None else c.design.to_dict(),
        "n_pool": c.n_pool,
        "top_set": c.top_set,
        "powerless": c.powerless,
        "further": {g: {name: _pack_finding(f) for name, f in named.items()} for g, named in c.further.items()},
    }


def _unpack(found: dict[str, Any]) -> Comparison:
    audit, scores = found["audit"], _unpack_scores(found["scores"])
    further = found.get("further", {group: {} for group in GROUPS})  # older files have none
    return Comparison(
        method=Method.from_dict(found["method"], n_tasks=scores.n_tasks),
        scores=scores,
        excluded=found["excluded"],
        omnibus=found["omnibus"],
        nemenyi_critical_difference=found["nemenyi_critical_difference"],
        ranks=_unpack_frame(found["ranks"]),
        pairs=_unpack_frame(found["pairs"]),
        cliques=found["cliques"],
        uncovered_pairs=[(a, b) for a, b in found["uncovered_pairs"]],
        conclusions=found["conclusions"],
        warnings=found["warnings"],
        smallest_pvalue=found["smallest_pvalue"],
        control=found["control"],
        families={name: _unpack(part) for name, part in found["families"].items()},
        audit=None if audit is None else Audit.from_dict(audit),
        provenance=found["provenance"],
        # Older files have none.
        coverage=None if found.get("coverage") is None else Coverage.from_dict(found["coverage"], scores),
        design=None if found.get("design") is None else FactorialResult.from_dict(found["design"]),
        n_pool=found.get("n_pool", scores.n_models),
        top_set=found.get("top_set", []),
        powerless=found.get("powerless", False),
        further={g: {name: _unpack_finding(f) for name, f in named.items()} for g, named in further.items()},
    )


def _pack_finding(finding: Finding) -> dict[str, Any]:
    words = {f.name: getattr(finding, f.name) for f in fields(finding)}
    return words | {"frame": _pack_frame(finding.frame), "warnings": list(finding.warnings)}


def _unpack_finding(found: dict[str, Any]) -> Finding:
    return Finding(**found | {"frame": _unpack_frame(found["frame"]), "warnings": tuple(found["warnings"])})


def _pack_scores(scores: Scores) -> dict[str, Any]:
    return {
        "table": _pack_frame(scores.table.rename_axis(columns=None).reset_index()),
        "tasks": _pack_frame(scores.tasks.reset_index()),
        "cells": None if scores.cells is None else _pack_frame(scores.cells),
        "provenance": dict(scores.provenance),
        "higher_is_better": scores.higher_is_better,
        "excluded": {kind: dict(names) for kind, names in scores.excluded.items()},
        "unit": scores.unit,
    }


def _unpack_scores(found: dict[str, Any]) -> Scores:
    return Scores(
        table=_unpack_frame(found["table"]).set_index("task").rename_axis(columns="model"),
        tasks=_unpack_frame(found["tasks"]).set_index("task"),
        cells=None if found["cells"] is None else _unpack_frame(found["cells"]),
        provenance=found["provenance"],
        higher_is_better=found["higher_is_better"],
        excluded=found["excluded"],
        unit=found.get("unit", "task"),
    )


def _pack_frame(frame: pd.DataFrame) -> dict[str, Any]:
    """Column by column with its dtype."""
    columns = {}
    for name in frame:
        column = frame[name]
        values = [None if v is pd.NA else v.tolist() if isinstance(v, np.ndarray | np.generic) else v for v in column]
        columns[str(name)] = {"dtype": str(column.dtype), "values": values}
    return {"columns": columns, "length": len(frame)}


def _unpack_frame(found: dict[str, Any]) -> pd.DataFrame:
    index = pd.RangeIndex(found["length"])
    return pd.DataFrame(
        {name: pd.Series(c["values"], dtype=c["dtype"], index=index) for name, c in found["columns"].items()},
        index=index,
    )
