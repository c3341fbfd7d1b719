"""The commonest kinds of checkpoint: none that is right is refused, and one that lacks a weight of its vectors is, by name."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from bench import evaluate
from bench.runner.encoding.load_encoder import load_encoder
from bench.runner.grid.jobs import Settings
from bench.runner.grid.models import resolve_models
from bench.runner.grid.prompts import Prompts
from stats.common.errors import InputError

Tensors = dict[str, Any]
SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 128,
}


def rewrite(folder: Path, change: Callable[[Tensors], Tensors]) -> Path:
    path = folder / "model.safetensors"
    save_file({k: np.ascontiguousarray(v) for k, v in change(load_file(path)).items()}, path, metadata={"format": "pt"})
    return folder


def load(folder: Path, **options: Any) -> Any:
    return load_encoder(resolve_models([folder])[0], Settings(devices=("cpu",), dtype="float32", **options))


def of_transformers(tiny: Path, folder: Path, config: Any, kind: Any, pooling: str = "mean") -> Path:
    """A sentence-transformers folder around an untrained model of transformers, with the tiny model's tokenizer."""
    import torch

    shutil.copytree(tiny, folder)
    torch.manual_seed(0)
    model = kind(config)
    (folder / "model.safetensors").unlink()
    (folder / "config.json").unlink()
    model.save_pretrained(folder)
    said = json.loads((folder / "1_Pooling" / "config.json").read_text())
    if "pooling_mode" in said:
        said["pooling_mode"] = pooling
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(said))
    return folder


def with_prefix(prefix: str) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {prefix + k: v for k, v in tensors.items()}


def in_old_names(tensors: Tensors) -> Tensors:
    return {
        k.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): v
        for k, v in tensors.items()
    }


def without(*parts: str) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {k: v for k, v in tensors.items() if not any(p in k for p in parts)}


def with_more(tensors: Tensors) -> Tensors:
    return {
        **tensors,
        "embeddings.position_ids": np.arange(128)[None],
        "classifier.weight": np.zeros((2, 16), np.float32),
    }


def in_half(tensors: Tensors) -> Tensors:
    return {k: v.astype(np.float16) if v.dtype == np.float32 else v for k, v in tensors.items()}


@pytest.fixture
def make(tiny_model: Path, tmp_path: Path, tiny_decoder: Callable[[str], Path]) -> Callable[[str], Path]:
    import transformers as hf

    vocabulary = json.loads((tiny_model / "config.json").read_text())["vocab_size"]
    sizes = {**SMALL, "vocab_size": vocabulary}

    def changed(change: Callable[[Tensors], Tensors]) -> Path:
        return rewrite(shutil.copytree(tiny_model, tmp_path / "model"), change)

    def bare() -> Path:
        folder = shutil.copytree(tiny_model, tmp_path / "model")
        for name in ("modules.json", "config_sentence_transformers.json", "sentence_bert_config.json"):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / "1_Pooling")
        return folder

    def sharded() -> Path:
        from sentence_transformers import SentenceTransformer

        folder = shutil.copytree(tiny_model, tmp_path / "model")
        inner = SentenceTransformer(str(tiny_model), device="cpu")[0].model
        (folder / "model.safetensors").unlink()
        inner.save_pretrained(folder, max_shard_size="8KB")
        assert len(list(folder.glob("model-*.safetensors"))) > 1
        return folder

    def lora(inside: str = "") -> Path:
        from peft import LoraConfig
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(tiny_model), device="cpu")
        model[0].model.add_adapter(LoraConfig(r=2, target_modules=["query", "value"]))
        model.save(str(tmp_path / "lora"), create_model_card=False)
        return tmp_path / "lora"

    def dense() -> Path:
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.base.modules import Dense

        model = SentenceTransformer(str(tiny_model), device="cpu")
        model.append(Dense(16, 8))
        model.save(str(tmp_path / "dense"), create_model_card=False)
        return tmp_path / "dense"

    def variant(name: str) -> Path:
        from bench import build_variant

        build_variant(tiny_decoder("llama"), name).save(str(tmp_path / "variant"))
        return tmp_path / "variant"

    def of(config: Any, kind: Any, pooling: str = "mean") -> Path:
        return of_transformers(tiny_model, tmp_path / "model", config, kind, pooling)

    t5 = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2, "vocab_size": vocabulary}
    distil = {
        "vocab_size": vocabulary,
        "dim": 16,
        "n_layers": 2,
        "n_heads": 2,
        "hidden_dim": 32,
        "max_position_embeddings": 128,
    }
    makers: dict[str, Callable[[], Path]] = {
        "as saved": lambda: changed(lambda t: t),
        "prefix bert.": lambda: changed(with_prefix("bert.")),
        "gamma and beta": lambda: changed(in_old_names),
        "gamma and beta under bert.": lambda: changed(lambda t: with_prefix("bert.")(in_old_names(t))),
        "without pooler": lambda: changed(without("pooler")),
        "with a head and position ids": lambda: changed(with_more),
        "in float16": lambda: changed(in_half),
        "no sentence-transformers files": bare,
        "sharded": sharded,
        "LoRA": lora,
        "Dense after the pooling": dense,
        "masked language model": lambda: of(hf.BertConfig(**sizes), hf.BertForMaskedLM),
        "RoBERTa, tied head": lambda: of(hf.RobertaConfig(**sizes, pad_token_id=0), hf.RobertaForMaskedLM),
        "classifier": lambda: of(hf.BertConfig(**sizes), hf.BertForSequenceClassification),
        "DistilBERT": lambda: of(hf.DistilBertConfig(**distil), hf.DistilBertModel),
        "MPNet": lambda: of(hf.MPNetConfig(**sizes), hf.MPNetForMaskedLM),
        "T5, whole": lambda: of(hf.T5Config(**t5), hf.T5ForConditionalGeneration),
        "T5 encoder": lambda: of(hf.T5Config(**t5), hf.T5EncoderModel),
        "ModernBERT": lambda: of(hf.ModernBertConfig(**sizes, pad_token_id=0, eos_token_id=1, bos_token_id=1, cls_token_id=1, sep_token_id=1), hf.ModernBertForMaskedLM),
        "Llama, tied embeddings": lambda: of(hf.LlamaConfig(**sizes, num_key_value_heads=2, tie_word_embeddings=True), hf.LlamaForCausalLM),
        "Qwen2, own head": lambda: of(hf.Qwen2Config(**sizes, num_key_value_heads=2, tie_word_embeddings=False), hf.Qwen2ForCausalLM),
        "variant": lambda: variant("model-5"),
    }  # fmt: skip
    return lambda kind: makers[kind]()


RIGHT = (
    "as saved", "prefix bert.", "gamma and beta", "gamma and beta under bert.", "without pooler", "with a head and position ids",
    "in float16", "no sentence-transformers files", "sharded", "LoRA", "Dense after the pooling", "masked language model",
    "RoBERTa, tied head", "classifier", "DistilBERT", "MPNet", "T5, whole", "T5 encoder", "ModernBERT",
    "Llama, tied embeddings", "Qwen2, own head", "variant",
)  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", RIGHT)
def test_no_checkpoint_that_is_right_is_refused(make: Callable[[str], Path], kind: str) -> None:
    encoder = load(make(kind))
    assert "missing" not in encoder.weights
    vectors = encoder.encode_distinct(["one text", "another"], None, None)
    assert np.isfinite(vectors).all()


def test_old_names_and_prefixes_give_the_vectors_of_the_present_ones(
    make: Callable[[str], Path], tiny_model: Path
) -> None:
    expected = load(tiny_model).encode_distinct(["one text"], None, None)
    found = load(make("gamma and beta under bert.")).encode_distinct(["one text"], None, None)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def faults() -> Iterator[tuple[str, Callable[[Tensors], Tensors], str]]:
    yield "a layer", without("layer.1."), r"layer\.1\."
    yield "one tensor", without("layer.0.output.dense.weight"), r"encoder\.layer\.0\.output\.dense\.weight"
    yield "embeddings", without("word_embeddings"), r"embeddings\.word_embeddings\.weight"
    yield "all", lambda t: {"other": np.zeros((1, 1), np.float32)}, "lacks"
    yield "names of another model", with_prefix("gpt."), "lacks"


@pytest.mark.parametrize(("change", "named"), [f[1:] for f in faults()], ids=[f[0] for f in faults()])
def test_a_checkpoint_that_lacks_weights_fails_by_name(
    tiny_model: Path, tmp_path: Path, change: Callable[[Tensors], Tensors], named: str
) -> None:
    folder = rewrite(shutil.copytree(tiny_model, tmp_path / "model"), change)
    with pytest.raises(InputError, match=named) as caught:
        load(folder)
    assert "--allow-missing-weights" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_shape_fails(tiny_model: Path, tmp_path: Path) -> None:
    folder = rewrite(
        shutil.copytree(tiny_model, tmp_path / "model"),
        lambda t: {k: v[:, :8] if k.endswith("layer.0.output.dense.weight") else v for k, v in t.items()},
    )
    with pytest.raises(
        InputError, match=r"has 1 weights in another shape .*\(encoder\.layer\.0\.output\.dense\.weight\)"
    ):
        load(folder)


def test_a_pooler_counts_where_vectors_pass_through_it(make: Callable[[str], Path]) -> None:
    folder = make("without pooler")
    assert load(folder).weights["unused"] == ["pooler.dense.bias", "pooler.dense.weight"]
    said = json.loads((folder / "sentence_bert_config.json").read_text())
    said["modality_config"] = {"text": {"method": "forward", "method_output_name": "pooler_output"}}
    said["module_output_name"] = "sentence_embedding"
    (folder / "sentence_bert_config.json").write_text(json.dumps(said))
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps(modules[:1]))
    with pytest.raises(InputError, match=r"pooler\.dense\.bias, pooler\.dense\.weight"):
        load(folder)


def test_unexpected_weights_are_recorded(make: Callable[[str], Path]) -> None:
    assert load(make("with a head and position ids")).weights["unexpected"] == ["classifier.weight"]


def test_an_adapter_without_its_file_is_refused(make: Callable[[str], Path]) -> None:
    folder = make("variant")
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(InputError, match=r"has an adapter_config\.json and no adapter_model\.safetensors"):
        load(folder)


def test_what_is_allowed_is_recorded_everywhere_and_is_no_result_without_leave(
    tiny_model: Path, mock_tasks: list[Any], tmp_path: Path
) -> None:
    from bench import read_samples, read_scores

    folder = rewrite(shutil.copytree(tiny_model, tmp_path / "model"), without("layer.1."))
    sts = [t for t in mock_tasks if t.metadata.name == "MockSTSTask"]
    out = tmp_path / "run"
    (failed,) = evaluate(folder, sts, output=out).outcomes
    assert failed.status == "failed"
    assert "lacks 16 of the weights" in failed.reason
    (done,) = evaluate(folder, sts, output=out, allow_missing_weights=True, retry_failed=True).outcomes
    assert done.status == "done"
    lacking = json.loads((out / "manifest.json").read_text())["jobs"][0]["weights"]["missing"]
    assert len(lacking) == 16
    name = done.job.model.name
    assert read_samples(out).meta("MockSTSTask", name)["missing_weights"] == lacking
    assert (
        json.loads((out / "results" / done.job.folder / "MockSTSTask.json").read_text())["embsig"]["missing_weights"]
        == lacking
    )
    assert read_scores(out, cache=False).cells["missing_weights"].tolist() == [16]
    assert evaluate(folder, sts, output=out, allow_missing_weights=True).outcomes[0].status == "cached"
    assert evaluate(folder, sts, output=out).outcomes[0].status == "failed"


@pytest.mark.parametrize(
    "modules",
    [
        *([], {}, 5, "x", None, [1, 2], [None], [[{}]], [{}]),
        [{"path": 7, "type": "sentence_transformers.models.Transformer"}],
        [{"path": "", "type": ["a"]}],
        [{"path": "", "type": None}],
        [{"path": "", "type": "sentence_transformers.models.Transformer", "kwargs": 5}],
    ],
    ids=repr,
)
def test_modules_of_odd_types_are_refused_by_the_file(tiny_model: Path, tmp_path: Path, modules: Any) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(InputError, match=r"modules\.json' holds .*: expected a list of modules") as caught:
        load(folder)
    assert "\n" not in str(caught.value)


def test_a_folder_that_claims_what_no_model_is_fails_at_once(tiny_model: Path, tmp_path: Path) -> None:
    deep = shutil.copytree(tiny_model, tmp_path / "deep")
    said = json.loads((deep / "config.json").read_text())
    (deep / "config.json").write_text(json.dumps({**said, "num_hidden_layers": 10**7}))
    with pytest.raises(
        InputError, match=r"config\.json asks for 10,000,000 layers, and its weights are \d+ tensors: expected"
    ):
        load(deep)
    wordy = shutil.copytree(tiny_model, tmp_path / "wordy")
    settings = json.loads((wordy / "config_sentence_transformers.json").read_text())
    settings["prompts"] = {"query": "word " * 2_000_000}
    (wordy / "config_sentence_transformers.json").write_text(json.dumps(settings))
    with pytest.raises(InputError, match=r"the prompt 'query' has 10,000,000 characters: expected at most 100,000"):
        load(wordy)
    with pytest.raises(InputError, match=r"the prompt 'STS' has 10,000,000 characters"):
        Prompts.parse({"STS": "word " * 2_000_000})
