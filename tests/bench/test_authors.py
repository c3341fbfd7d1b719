"""Heads in the layout of the paper's authors: the same vectors as their arithmetic gives, and only tensors are read."""

import pickle

import pytest
import torch
from torch import nn

from bench import build_variant, load_model
from bench.variants.weights import add_adapter, lora_config, write_adapter
from stats.common.errors import InputError

TEXTS = ["a text", "another, longer one", ""]
WIDTH, HEADS, INNER, LATENTS, LAYERS = 32, 32, 64, 5, 32


class Theirs(nn.Module):
    """The modules of their head by the names that its file has, and its arithmetic written out: one pass, no library of theirs."""

    def __init__(self, layers):
        super().__init__()

        def block(inside, **norms):
            holder = nn.Module()
            holder.fn = inside
            for name, norm in norms.items():
                setattr(holder, name, norm)
            return holder

        attention, feed = nn.Module(), nn.Module()
        attention.to_q = nn.Linear(WIDTH, INNER, bias=False)
        attention.to_kv = nn.Linear(WIDTH, 2 * INNER, bias=False)
        attention.to_out = nn.Linear(INNER, WIDTH, bias=False)
        feed.net = nn.Sequential(nn.Linear(WIDTH, 8 * WIDTH), nn.Identity(), nn.Linear(4 * WIDTH, WIDTH))
        self.latents = nn.Parameter(torch.randn(LATENTS, WIDTH))
        if layers:
            self.pos_emb = nn.Embedding(LAYERS, WIDTH)
        self.cross_attend_blocks = nn.ModuleList(
            [
                block(attention, norm=nn.LayerNorm(WIDTH), norm_context=nn.LayerNorm(WIDTH)),
                block(feed, norm=nn.LayerNorm(WIDTH)),
            ]
        )
        for parameter in self.parameters():
            nn.init.normal_(parameter, 0.1, 0.3)

    def forward(self, states):
        if hasattr(self, "pos_emb"):
            states = states + self.pos_emb.weight[: states.shape[1]]
        attend, feed = self.cross_attend_blocks
        x = self.latents.expand(len(states), -1, -1)
        q = attend.fn.to_q(attend.norm_context(x)).unflatten(-1, (HEADS, -1))
        k, v = (t.unflatten(-1, (HEADS, -1)) for t in attend.fn.to_kv(attend.norm(states)).chunk(2, -1))
        weights = (torch.einsum("bqhd,bkhd->bhqk", q, k) / (INNER // HEADS) ** 0.5).softmax(-1)
        x = x + attend.fn.to_out(torch.einsum("bhqk,bkhd->bqhd", weights, v).flatten(-2))
        content, gate = feed.fn.net[0](feed.norm(x)).chunk(2, -1)
        x = x + feed.fn.net[2](content * nn.functional.gelu(gate))
        return nn.functional.normalize(x.mean(1), dim=-1)


@pytest.fixture
def folder(tiny_decoder, tmp_path):
    """An adapter as peft's own models name its tensors, and heads to put beside it."""
    from safetensors.torch import load_file, save_file

    model = build_variant(tiny_decoder("mistral"), "model-1")
    add_adapter(model[0].model, lora_config(4, 8, 0.0), seed=1)
    with torch.no_grad():
        for name, parameter in model[0].model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(0, 0.05)
    write_adapter(model[0].model, tmp_path, str(tiny_decoder("mistral")))
    path = tmp_path / "adapter_model.safetensors"
    save_file({f"base_model.model.{name}": tensor for name, tensor in load_file(path).items()}, path)
    return tmp_path


@pytest.mark.parametrize("name", ["model-2", "model-3", "model-4", "model-5"])
def test_the_vectors_are_those_of_their_arithmetic(folder, name):
    torch.manual_seed(0)
    theirs = Theirs(layers=name in ("model-3", "model-5"))
    torch.save(theirs.state_dict(), folder / "attn_pool.pt")
    model = load_model(folder, variant=name)
    features = model[0](model[0].preprocess(["a text"]))
    tokens = features["token_embeddings"]
    states = {"model-2": tokens[:, -1:], "model-4": tokens}.get(name, features.get("layer_embeddings"))
    with torch.no_grad():
        expected = theirs(states)[0]
    assert torch.allclose(torch.as_tensor(model.encode(["a text"])[0]), expected, atol=1e-6)
    plain = build_variant(model[0].base.name, name, fidelity="embedded")
    assert abs(plain[0](plain[0].preprocess(["a text"]))["token_embeddings"] - tokens).max() > 1e-3  # the adapter is in


def test_which_model_it_is_is_asked(folder):
    torch.save(Theirs(layers=True).state_dict(), folder / "attn_pool.pt")
    with pytest.raises(InputError, match=r"does not say of which model; say which with variant='model-3' or 'model-5'"):
        load_model(folder)
    with pytest.raises(InputError, match=r"is none of 'model-2'"):
        load_model(folder, variant="model-2")


def test_only_tensors_are_read(folder, tmp_path_factory):
    mark = tmp_path_factory.mktemp("mark") / "ran"

    class Runs:
        def __reduce__(self):
            return (mark.write_text, ("ran",))

    with (folder / "attn_pool.pt").open("wb") as file:
        pickle.dump({"latents": Runs()}, file, protocol=2)
    with pytest.raises(InputError, match="holds more than tensors, or is damaged"):
        load_model(folder, variant="model-5")
    assert not mark.exists()
    torch.save({"latents": torch.zeros(2, 2)}, folder / "attn_pool.pt")
    with pytest.raises(InputError, match="is no head of the authors' code"):
        load_model(folder, variant="model-5")


def test_a_variant_is_no_matter_of_other_folders(tiny_decoder, tmp_path):
    build_variant(tiny_decoder("mistral"), "model-1").save(str(tmp_path / "m"), create_model_card=False)
    with pytest.raises(InputError, match="says itself what it is"):
        load_model(tmp_path / "m", variant="model-1")
