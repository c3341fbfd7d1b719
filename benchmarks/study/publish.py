"""Put a finished study where it ships: its base, the first seed of every variant, its archive."""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.runner.identity import model_revision
from bench.study.archive import CURVES, MANIFEST, SCORES, write_archive
from bench.study.making import about
from bench.training.manifest import MANIFEST_FILE, hash_files
from bench.variants.base import EMBEDDED, hash_folder

_DECODER = "decoder.json"
#: Of the base's folder; what pretraining keeps beside it does not ship.
_BASE = ("config.json", "manifest.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")


def publish(study: Path, data: Path) -> list[Path]:
    """Copy what ships, with every model on the base that ships in place of the folder it was trained from.

    Weights stay byte for byte. What names the base (in every model's ``decoder.json`` and manifest) does not, so that hashes of files and
    revisions of models are those of the published ones.

    Parameters
    ----------
    study : Path
        As `bench.study.making.make_study` left it.
    data : Path
        ``bench/data`` of a checkout, whose ``base`` is the study's already or becomes it.

    Returns
    -------
    list of Path
        The folders that were written.
    """
    base, variants, archive = data / "base", data / "variants", data / "study"
    for name in _BASE:
        shutil.copy(study / "base" / name, base / name)
    sha256 = hash_folder(base)
    with tempfile.TemporaryDirectory(dir=data) as place:
        models = Path(place) / "models"
        shutil.copytree(study / "models", models)
        for folder in models.iterdir():
            _on_embedded(folder, sha256)
        made = write_archive(study / "run", models, Path(place) / "study", about=about(base))
        _renew_revisions(made / MANIFEST, models)
        for target in (variants, archive):
            shutil.rmtree(target, ignore_errors=True)
        for folder in sorted(models.glob("*-s0")):
            shutil.copytree(folder, variants / folder.name)
        shutil.copytree(made, archive)
    return [base, variants, archive]


def publish_condition(archive: Path, target: Path) -> Path:
    """Put the scores and losses of a condition beside the study's tables; its samples, which no table is made of, stay where they are.

    Parameters
    ----------
    archive : Path
        As `bench.study.making.make_study` left it.
    target : Path
        The folder to write.

    Returns
    -------
    Path
        The folder.
    """
    kept = (SCORES, CURVES)
    target.mkdir(parents=True, exist_ok=True)
    for name in (*kept, MANIFEST):
        shutil.copy(archive / name, target / name)
    _edit(
        target / MANIFEST,
        lambda said: {**said, "samples": {}, "files": {name: said["files"][name] for name in kept}},
        indent=1,
    )
    return target


def _on_embedded(folder: Path, sha256: str) -> None:
    named = {"kind": EMBEDDED, "name": EMBEDDED, "sha256": sha256, "revision": ""}
    _edit(folder / _DECODER, lambda said: {**said, "base": named})
    files = hash_files(folder)
    _edit(folder / MANIFEST_FILE, lambda said: {**said, "base": named, "files": files})


def _renew_revisions(manifest: Path, models: Path) -> None:
    known: dict[str, str] = {}

    def revision(model: str) -> str:
        if model not in known:
            known[model] = model_revision(models / model.replace("/seed-", "-s"))
        return known[model]

    def renewed(said: dict[str, Any]) -> dict[str, Any]:
        for task in said["samples"].values():
            for model, own in task["of_model"].items():
                own["model_revision"] = revision(model)
        return said

    _edit(manifest, renewed, indent=1)


def _edit(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]], *, indent: int = 2) -> None:
    said = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(change(said), indent=indent) + "\n", encoding="utf-8")
