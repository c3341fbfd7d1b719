"""The base that ships with embsig: where it lies, what it was made from, and whether that is what is installed here."""

import json
from pathlib import Path
from typing import Any

from stats.common.errors import InputError

_DATA = Path(__file__).resolve().parent.parent / "data"


def base_folder() -> Path:
    """Name the folder of the embedded base, for ``AutoModel.from_pretrained`` or ``build_variant``.

    Raises
    ------
    InputError
        If this installation has none.
    """
    folder = _DATA / "base"
    if not (folder / "model.safetensors").is_file():
        raise InputError("this installation has no embedded base; reinstall embsig, or make one with `embsig pretrain`")
    return folder


def base_manifest() -> dict[str, Any]:
    """Read what the embedded base was made from: corpus hash and versions, recipe, tokens, seconds, loss."""
    manifest: dict[str, Any] = json.loads((base_folder() / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def variants_folder() -> Path:
    """Name the folder of the trained variants that ship with embsig, one folder per variant and seed."""
    return _DATA / "variants"


def corpus_note() -> str | None:
    """Say in one line if the corpus of this installation is not the one the embedded base was trained on.

    Returns
    -------
    str or None
        None where they are the same; else which packages differ in version, for the caller to show.
    """
    from bench.corpus import load_corpus

    corpus, manifest = load_corpus(), base_manifest()
    if corpus.hash == manifest["corpus"]:
        return None
    trained: dict[str, str] = manifest["corpus_versions"]
    changed = sorted(
        name for name in trained.keys() | corpus.versions.keys() if trained.get(name) != corpus.versions.get(name)
    )
    listed = ", ".join(
        f"{name} {corpus.versions.get(name, 'absent')} (was {trained.get(name, 'absent')})" for name in changed[:4]
    )
    more = f" and {len(changed) - 4} more" if len(changed) > 4 else ""
    return (
        f"the suite's corpus {corpus.hash[:12]} is not the {manifest['corpus'][:12]} of the shipped models: "
        f"{listed + more or 'same versions, other sources'}; scores are comparable on this machine, but not with published ones"
    )
