"""A revision is the content of all that a vector depends on: weights, base, tokenizer, configuration, pooling."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from bench import evaluate
from bench.runner.encoding.load_encoder import resolved
from bench.runner.grid.jobs import Job, Settings
from bench.runner.grid.models import resolve_models
from bench.runner.grid.tasks import resolve_tasks
from bench.runner.identity import attention_of, data_hash, environment, hub_commit, model_revision, verified
from stats.common.errors import InputError


def nudge(path: Path) -> None:
    """Change one weight."""
    tensors = load_file(path)
    first = next(name for name, tensor in tensors.items() if tensor.ndim == 2)
    tensors[first] = tensors[first] + np.float32(0.25)
    save_file(tensors, path, metadata={"format": "pt"})


@pytest.fixture
def lora(tiny_model: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A LoRA folder as sentence-transformers writes it, and its base."""
    from peft import LoraConfig
    from sentence_transformers import SentenceTransformer

    base = shutil.copytree(tiny_model, tmp_path / "base")
    model = SentenceTransformer(str(base), device="cpu")
    model[0].model.add_adapter(LoraConfig(r=2, target_modules=["query"]))
    folder = tmp_path / "lora"
    model.save(str(folder), create_model_card=False)
    assert json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"] == str(base)
    return folder, base


def test_a_lora_folder_whose_base_changed_is_another_model(
    lora: tuple[Path, Path], mock_tasks: list[Any], tmp_path: Path
) -> None:
    folder, base = lora
    sts = [t for t in mock_tasks if t.metadata.name == "MockSTSTask"]
    (before,) = evaluate(folder, sts, output=tmp_path / "run").outcomes
    nudge(base / "model.safetensors")
    (after,) = evaluate(folder, sts, output=tmp_path / "run").outcomes
    assert (before.status, after.status) == ("done", "done")
    assert after.job.model.revision != before.job.model.revision
    assert evaluate(folder, sts, output=tmp_path / "run").outcomes[0].status == "cached"


def test_an_adapter_of_an_adapter_and_a_circle(lora: tuple[Path, Path], tmp_path: Path) -> None:
    folder, base = lora
    upper = tmp_path / "upper"
    upper.mkdir()
    (upper / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": str(folder)}))
    before = model_revision(upper)
    nudge(base / "model.safetensors")
    assert model_revision(upper) != before
    (upper / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": str(upper)}))
    with pytest.raises(InputError, match="in a circle"):
        model_revision(upper)


def test_a_variant_whose_base_changed_is_another_model(tiny_decoder: Callable[[str], Path], tmp_path: Path) -> None:
    from bench import build_variant

    base = shutil.copytree(tiny_decoder("llama"), tmp_path / "llama")
    build_variant(base, "model-1").save(str(tmp_path / "saved"))
    names = [f"model-1@{base}", str(tmp_path / "saved")]
    before = [s.revision for s in resolve_models(names)]
    weights = next(base.glob("*.safetensors"))
    nudge(weights)
    assert all(a != b for a, b in zip(before, [s.revision for s in resolve_models(names)], strict=True))


@pytest.mark.parametrize(
    "part", ["model.safetensors", "tokenizer.json", "config.json", "1_Pooling/config.json", "modules.json"]
)
def test_every_part_of_a_folder_counts(tiny_model: Path, tmp_path: Path, part: str) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "copy")
    assert model_revision(folder) == model_revision(tiny_model)
    (folder / part).write_bytes((folder / part).read_bytes() + b" ")
    assert model_revision(folder) != model_revision(tiny_model)


def test_what_lies_behind_links_and_elsewhere_counts(tiny_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "copy")
    pooling = tmp_path / "pooling"
    shutil.move(folder / "1_Pooling", pooling)
    (folder / "1_Pooling").symlink_to(pooling)
    assert model_revision(folder) == model_revision(tiny_model)
    (pooling / "config.json").write_text("{}")
    linked = model_revision(folder)
    assert linked != model_revision(tiny_model)
    (folder / "1_Pooling").unlink()
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["path"] = "../pooling"
    (folder / "modules.json").write_text(json.dumps(modules))
    outside = model_revision(folder)
    (pooling / "config.json").write_text("{ }")
    assert model_revision(folder) != outside
    data = tmp_path / "data"
    (data / "real").mkdir(parents=True)
    (data / "task").mkdir()
    (data / "task" / "qrels").symlink_to(data / "real")
    empty = data_hash(data / "task")
    (data / "real" / "test.jsonl").write_text("{}")
    assert data_hash(data / "task") != empty


def test_a_file_exchanged_for_one_of_its_size_and_date(tiny_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "copy")
    path = folder / "model.safetensors"
    before, stat = model_revision(folder), path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert model_revision(folder) != before


def test_a_hub_cache_that_was_tampered_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.file_download.HF_HUB_CACHE", str(tmp_path), raising=False)
    place, commit = tmp_path / "models--org--name", "0123456789abcdef0123456789abcdef01234567"
    snapshot, blobs = place / "snapshots" / commit, place / "blobs"
    for folder in (snapshot, blobs, place / "refs"):
        folder.mkdir(parents=True)
    (place / "refs" / "main").write_text(commit)
    config, weights = b"{}", b"weights"
    small = hashlib.sha1(b"blob 2\0" + config, usedforsecurity=False).hexdigest()
    large = hashlib.sha256(weights).hexdigest()
    for name, blob, content in (("config.json", small, config), ("model.safetensors", large, weights)):
        (blobs / blob).write_bytes(content)
        (snapshot / name).symlink_to(blobs / blob)
    assert hub_commit("org/name") == commit
    assert resolve_models(["org/name"])[0].revision == commit
    (blobs / large).write_bytes(b"WEIGHTS")
    with pytest.raises(InputError, match=r"model\.safetensors is not what the hub sent under commit 0123456789ab"):
        resolve_models(["org/name"])
    (snapshot / "model.safetensors").unlink()
    (snapshot / "model.safetensors").write_bytes(b"plain")
    assert verified(snapshot).startswith("+")


def test_two_objects_of_one_name_are_refused(tiny_model: Path) -> None:
    from mteb.models.model_meta import ModelMeta
    from sentence_transformers import SentenceTransformer

    def encoder(seed: int) -> Any:
        import torch

        model = SentenceTransformer(str(tiny_model), device="cpu")
        with torch.no_grad():
            next(model.parameters()).add_(seed)
        meta = ModelMeta.create_empty(overwrites={"name": "org/x", "revision": "1"})
        return SimpleNamespace(model=model, mteb_model_meta=meta)

    assert len(resolve_models([encoder(0), encoder(0)])) == 1
    with pytest.raises(InputError, match=r"two models are called org/x in revision 1, and their weights differ"):
        resolve_models([encoder(0), encoder(1)])


def test_two_names_of_one_results_folder_are_refused(tiny_model: Path) -> None:
    with pytest.raises(InputError, match=r"the results of 'org/a b' and 'org/a_b' would share one folder"):
        resolve_models([f"org/a b={tiny_model}", f"org/a_b={tiny_model}"])


def test_the_key_has_precision_and_attention_as_resolved(tiny_model: Path) -> None:
    (model,), (task,) = resolve_models([tiny_model]), resolve_tasks(["STS12"])
    job = Job(model, task)
    keys = [job.identity(resolved(Settings(devices=("cpu",)), gpus)) for gpus in (None, 0, 1)]
    assert [k["dtype"] for k in keys] == ["float32", "float32", "bfloat16"]
    assert keys[0] == keys[1] != keys[2]
    assert keys[0]["attention"] == "sdpa"


def test_the_attention_that_is_foreseen_is_the_one_computed_with(
    tiny_model: Path, mock_tasks: list[Any], tmp_path: Path
) -> None:
    sts = [t for t in mock_tasks if t.metadata.name == "MockSTSTask"]
    eager = shutil.copytree(tiny_model, tmp_path / "eager")
    said = json.loads((eager / "sentence_bert_config.json").read_text())
    (eager / "sentence_bert_config.json").write_text(
        json.dumps({**said, "model_kwargs": {"attn_implementation": "eager"}})
    )
    assert [attention_of(f) for f in (tiny_model, eager)] == ["sdpa", "eager"]
    evaluate([tiny_model, eager], sts, output=tmp_path / "run")
    found = [json.loads(p.read_text()) for p in sorted((tmp_path / "run" / "jobs").rglob("MockSTSTask.json"))]
    assert sorted(r["computed"]["attention"] for r in found) == ["eager", "sdpa"]
    assert all(r["identity"]["attention"] == r["computed"]["attention"] for r in found)
    assert all(r["computed"]["dtype"] == r["identity"]["dtype"] == "float32" for r in found)


def test_embeddings_kept_on_disk_are_those_of_one_precision(
    tiny_model: Path, mock_tasks: list[Any], tmp_path: Path
) -> None:
    sts = [t for t in mock_tasks if t.metadata.name == "MockSTSTask"]
    cache = tmp_path / "cache"
    for kept, dtype in enumerate(("float32", "bfloat16"), 1):
        evaluate(tiny_model, sts, output=tmp_path / dtype, dtype=dtype, cache_folder=cache)
        assert len(list(cache.glob("*.npy"))) == 2 * kept  # the two columns of sentences


def test_the_environment_names_what_computes() -> None:
    assert {"python", "mteb", "transformers", "sentence-transformers", "torch"} <= set(environment())
