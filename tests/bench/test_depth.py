"""Earlier layers as models: their states, the loss that trains them (2-D Matryoshka), and the shallower model."""

import numpy as np
import pytest
import torch

from bench import build_variant, export_model, load_model, train
from stats.common.errors import InputError

TEXTS = ["a text that is longer than the others here", "short", "of middling length"]
QUICK = {
    "preset": "embedded", "steps": 2, "batch_size": 8, "max_length": 32, "checkpoint_every": 0, "held_out": 8,
    "save_dtype": "float32", "precision": "fp32",
}  # fmt: skip


@pytest.mark.parametrize("architecture", ["mistral", "llama", "qwen3", "gemma3"])
def test_an_earlier_layer_is_what_a_shallower_decoder_gives(tiny_decoder, architecture):
    model = build_variant(tiny_decoder(architecture), "mean+bidirectional")
    decoder = model[0].train()
    decoder.config.output_hidden_states = True
    with torch.no_grad():
        found = decoder(decoder.preprocess(TEXTS))
    depths = found["all_layer_embeddings"]
    assert len(depths) == 3
    assert depths[2] is found["token_embeddings"]
    for layers in (1, 2):
        shallow = build_variant(tiny_decoder(architecture), "mean+bidirectional")[0]
        shallow.keep_layers(layers)
        with torch.no_grad():
            states = shallow(shallow.preprocess(TEXTS))["token_embeddings"]
        real = found["attention_mask"].bool()
        assert (depths[layers - 1] - states)[real].abs().max() < 1e-5


def alike(model, layers):
    """Mean cosine of the vectors of a model of so many layers with those of all."""
    return float(
        np.mean(np.sum(load_model(model, layers=layers).encode(TEXTS) * load_model(model).encode(TEXTS), axis=1))
    )


def test_both_dimensions_are_trained_and_the_shallower_model_leaves(tiny_decoder, triples_file, tmp_path):
    base, longer = tiny_decoder("llama"), {**QUICK, "steps": 12}
    plain = train(base, "mean+causal", triples_file, tmp_path / "plain", **longer)
    done = train(
        base, "mean+causal", triples_file, tmp_path / "m", matryoshka="8,16", matryoshka_layers=1, **longer
    )  # fmt: skip
    assert done.manifest["recipe"]["matryoshka_layers"] == 1
    assert "matryoshka_layers" not in plain.manifest["recipe"]
    assert alike(done.path, 1) > alike(plain.path, 1)
    shallow = load_model(done.path, layers=2)
    expected = shallow.encode(TEXTS)
    assert abs(expected - load_model(done.path).encode(TEXTS)).max() > 1e-3
    shallow.save(str(tmp_path / "saved"), create_model_card=False)
    assert abs(load_model(tmp_path / "saved").encode(TEXTS) - expected).max() < 1e-6
    export_model(tmp_path / "saved", tmp_path / "out")
    exported = load_model(tmp_path / "out")
    assert exported[0].auto_model.config.num_hidden_layers == 2
    assert abs(exported.encode(TEXTS) - expected).max() < 1e-6


@pytest.mark.parametrize(
    ("variant", "options", "message"),
    [
        ("model-5", {}, "pooling 'multi-layer' reads all layers at once"),
        ("mean+causal", {"mini_batch_size": 4}, "set mini_batch_size=0 beside it"),
    ],
)
def test_what_has_no_earlier_layers_is_refused(tiny_decoder, triples_file, tmp_path, variant, options, message):
    with pytest.raises(InputError, match=message):
        train(tiny_decoder("llama"), variant, triples_file, tmp_path / "m", matryoshka_layers=1, **QUICK, **options)


def test_layers_that_are_not_there_are_refused(tiny_decoder, tmp_path):
    model = build_variant(tiny_decoder("llama"), "mean+causal")
    model.save(str(tmp_path / "m"), create_model_card=False)
    with pytest.raises(InputError, match="layers=9: the model has 3 layers; give a number from 1 to 3"):
        load_model(tmp_path / "m", layers=9)
    export_model(model, tmp_path / "out")
    with pytest.raises(InputError, match=r"was not written by embsig train, and layers= is"):
        load_model(tmp_path / "out", layers=1)
    build_variant(tiny_decoder("llama"), "model-3", fidelity="embedded").save(
        str(tmp_path / "n"), create_model_card=False
    )
    with pytest.raises(InputError, match="reads every layer"):
        load_model(tmp_path / "n", layers=1)
