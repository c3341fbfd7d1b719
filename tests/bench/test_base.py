"""Pretraining: the loss and its gradients, packing, the schedule, resuming to the same bytes, and the shipped base."""

import json

import numpy as np
import pytest
import torch

from bench.embedded_base.loss import backward_next_token, evaluate_next_token
from bench.embedded_base.masked import evaluate_masked, hide, is_masked, masked_states
from bench.embedded_base.pretraining import Recipe, pretrain
from bench.embedded_base.token_blocks import epochs, pack
from bench.embedded_base.tokenizer import EOS, PAD, train_tokenizer
from stats.common.errors import InputError

TEXTS = [f"The quick brown fox number {i} jumps over the lazy dog {7 * i}." for i in range(300)]
RECIPE = Recipe(steps=6, batch=4, length=32, warmup=2, decay=2)
TINY = {
    "hidden_size": 32,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
}
OPTIONS = {
    "recipe": RECIPE,
    "train_texts": TEXTS,
    "validation_texts": TEXTS[:40],
    "vocabulary": 400,
    "shape": TINY,
    "every": 3,
}


def test_tokenizer_round_trip_and_special_tokens():
    tokenizer = train_tokenizer(TEXTS, 320)
    text = "Füchse jump 42 times\n\tover ∑ dogs"
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
    assert (tokenizer.eos_token, tokenizer.pad_token, tokenizer.padding_side) == (EOS, PAD, "left")
    assert tokenizer.eos_token_id != tokenizer.pad_token_id


def test_pack_and_epochs():
    documents = [np.full(3, i, np.int32) for i in range(8)]
    assert pack(documents, 5).shape == (4, 5)
    stream = epochs(documents, 4, 2, seed=1)
    first = [next(stream) for _ in range(6)]
    resumed = epochs(documents, 4, 2, seed=1, start=4)
    assert (next(resumed) == first[4]).all()
    assert np.sort(np.concatenate(first[:3]).ravel()).tolist() == sorted([i for i in range(8) for _ in range(3)])


def test_schedule():
    recipe = Recipe(steps=100, warmup=10, decay=20)
    assert recipe.rate(0) == pytest.approx(0.1)
    assert recipe.rate(50) == 1
    assert recipe.rate(90) == pytest.approx(0.5)
    assert recipe.rate(99) == pytest.approx(0.05)


def test_chunked_loss_equals_cross_entropy():
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(300, 16, generator=generator).requires_grad_()
    head = torch.nn.Parameter(torch.randn(40, 16, generator=generator))
    targets = torch.randint(0, 40, (300,), generator=generator)
    loss = backward_next_token(hidden, head, targets)
    other, weight = hidden.detach().requires_grad_(), torch.nn.Parameter(head.detach())
    expected = torch.nn.functional.cross_entropy(other @ weight.T, targets)
    expected.backward()
    # the logits and gradients are of bfloat16, whose relative step is 2**-8
    assert loss == pytest.approx(expected.item(), rel=0.01)
    for mine, theirs in ((hidden.grad, other.grad), (head.grad, weight.grad)):
        assert torch.linalg.norm(mine - theirs) < 0.02 * torch.linalg.norm(theirs)


def tiny_decoder():
    from bench.embedded_base.model import new_model

    return new_model(50, 0, 1, **TINY).eval()


def test_masked_updates_are_spread_evenly():
    assert [is_masked(step, 0.25) for step in range(8)] == [False, False, False, True] * 2
    assert not any(is_masked(step, 0.0) for step in range(50))
    assert all(is_masked(step, 1.0) for step in range(50))


def test_a_masked_update_sees_both_ways_as_a_bidirectional_variant_does():
    from bench.variants.attentions import configure

    model = tiny_decoder()
    first, second = torch.tensor([[5, 6, 7, 8]]), torch.tensor([[5, 6, 7, 9]])
    everything = torch.tensor([[False, True, True, True]])
    with torch.no_grad():
        moved = masked_states(model, first, everything) - masked_states(model, second, everything)
        assert (moved.abs().amax(-1) > 1e-4).all()  # the last token moves the state of the first
        states = masked_states(model, first, everything)
        configure(model.config, "bidirectional")
        theirs = model.model(input_ids=first, attention_mask=torch.ones_like(first), use_cache=False)
        assert torch.allclose(states, theirs.last_hidden_state[0, :-1], atol=1e-6)


def test_hidden_tokens_depend_on_seed_and_update_alone():
    rows = torch.randint(2, 50, (40, 30), generator=torch.Generator().manual_seed(0))
    inputs, hidden = hide(rows, 1, 0.3, seed=4, step=7)
    assert (inputs[hidden] == 1).all()
    assert (inputs[~hidden] == rows[~hidden]).all()
    assert not hidden[:, 0].any()
    assert hidden[:, 1:].float().mean() == pytest.approx(0.3, abs=0.04)  # 1160 draws: se .0135
    again, other = hide(rows, 1, 0.3, seed=4, step=7), hide(rows, 1, 0.3, seed=4, step=8)
    assert (again[1] == hidden).all()
    assert (other[1] != hidden).any()


def test_the_masked_loss_is_the_cross_entropy_of_the_hidden_tokens():
    model = tiny_decoder()
    rows = torch.randint(2, 50, (6, 20), generator=torch.Generator().manual_seed(1))
    inputs, hidden = hide(rows, 1, 0.3, seed=0)
    configured = model.model(input_ids=inputs, use_cache=False, attention_mask={"full_attention": None})
    log_p = (configured.last_hidden_state @ model.lm_head.weight.T).log_softmax(-1)
    terms = [-log_p[b, t - 1, rows[b, t]].item() for b in range(6) for t in range(20) if hidden[b, t]]
    # autocast multiplies in bfloat16, whose relative step is 2**-8
    assert evaluate_masked(model, rows, 1, 0.3) == pytest.approx(np.mean(terms), rel=0.01)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return pretrain(tmp_path_factory.mktemp("base"), **OPTIONS)


def test_pretraining_learns_and_writes_a_base(made):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    lines = [json.loads(line) for line in (made / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [3, 6]
    assert lines[1]["loss"] < lines[0]["loss"]
    manifest = json.loads((made / "manifest.json").read_text())
    assert manifest["tokens_seen"] == 6 * 4 * 32
    model = AutoModelForCausalLM.from_pretrained(made, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(made)
    blocks = torch.tensor([tokenizer(" ".join(TEXTS[:9]))["input_ids"][:64]])
    assert evaluate_next_token(model, blocks) < np.log(400)
    assert model.config.tie_word_embeddings
    assert tokenizer.eos_token_id == model.config.eos_token_id


def test_an_interrupted_run_ends_in_the_same_bytes(made, tmp_path):
    class Stop(Exception):
        pass

    def stop(line):
        raise Stop

    with pytest.raises(Stop):
        pretrain(tmp_path, progress=stop, **OPTIONS)
    pretrain(tmp_path, **OPTIONS)
    assert (tmp_path / "model.safetensors").read_bytes() == (made / "model.safetensors").read_bytes()
    with pytest.raises(InputError, match="another recipe"):
        pretrain(tmp_path, **{**OPTIONS, "recipe": Recipe(steps=6, batch=4, length=32, warmup=2, decay=2, seed=1)})


def test_a_mixed_base_learns_both_and_resumes_to_the_same_bytes(tmp_path):
    class Stop(Exception):
        pass

    def stop(line):
        raise Stop

    options = {
        **OPTIONS,
        "recipe": Recipe(steps=60, batch=4, length=32, warmup=2, decay=10, masked_share=0.5),
        "every": 30,
    }
    whole, halted = tmp_path / "whole", tmp_path / "halted"
    pretrain(whole, **options)
    manifest = json.loads((whole / "manifest.json").read_text())
    assert manifest["masked_validation_loss"] < np.log(400)
    assert manifest["validation_loss"] < np.log(400)
    with pytest.raises(Stop):
        pretrain(halted, progress=stop, **options)
    pretrain(halted, **options)
    assert (halted / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


def test_shares_of_masked_updates_are_shares():
    with pytest.raises(InputError, match=r"masked_share=1\.5"):
        Recipe(masked_share=1.5)


def test_the_decay_flag_shortens_a_run(tmp_path):
    (tmp_path / "decay").touch()
    pretrain(tmp_path, **{**OPTIONS, "recipe": Recipe(steps=1000, batch=4, length=32, warmup=2, decay=3)})
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["recipe"]["steps"] == 3


def test_too_little_text(tmp_path):
    with pytest.raises(InputError, match="fewer than one batch"):
        pretrain(tmp_path, **{**OPTIONS, "train_texts": TEXTS[:2]})


def test_a_base_is_the_same_with_the_checkpoint_of_its_pretraining_and_without(tmp_path):
    from bench.variants.base import hash_folder

    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    alone = hash_folder(tmp_path)
    (tmp_path / "checkpoint.safetensors").write_bytes(b"moments")
    assert hash_folder(tmp_path) == alone
    (tmp_path / "adapter.safetensors").write_bytes(b"more weights")
    assert hash_folder(tmp_path) != alone


def test_shipped_base():
    from bench.embedded_base import base_folder, base_manifest
    from bench.embedded_base.loader import corpus_note

    folder = base_folder()
    assert (folder / "model.safetensors").stat().st_size < 10_000_000
    manifest = base_manifest()
    assert manifest["parameters"] == 3_790_656
    note = corpus_note()
    assert note is None or "\n" not in note


def test_shipped_variants_are_small_and_of_the_shipped_base_and_the_archive():
    from bench.embedded_base import base_folder, variants_folder
    from bench.study import VARIANTS, study_archive
    from bench.variants.base import hash_folder

    folders = sorted(variants_folder().iterdir())
    assert [f.name for f in folders] == sorted(f"{v}-s0" for v in VARIANTS)
    expected = hash_folder(base_folder())
    archive = study_archive()
    assert archive.manifest["base"]["sha256"] == expected
    stored = {(run["variant"], run["seed"]): run for run in archive.manifest["runs"]}
    for folder in folders:
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest["base"]["sha256"] == expected
        assert manifest["run_sha256"] == stored[folder.name.removesuffix("-s0"), 0]["run_sha256"]
        assert sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) < 1_500_000
    assert len({run["data_sha256"] for run in stored.values()}) == 1
