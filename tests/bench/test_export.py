"""Models that leave embsig: the same vectors without it, from standard modules or from code that comes along."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from bench import build_variant, export_model, load_model, register_variant
from bench.variants.export.card import model_card
from bench.variants.export.code import modelling_code
from bench.variants.export.evidence import evidence
from bench.variants.registry import VARIANTS
from bench.variants.weights import add_adapter, heads, lora_config
from embsig.cli.app import main
from stats import Scores
from stats.common.errors import InputError

TEXTS = ["", "a", "a text that is longer than the others here", "of middling length", "cut off " * 80]
PAPER = [f"model-{i}" for i in range(1, 6)]

#: Loads folders where embsig cannot be imported, by sentence-transformers alone, and writes their vectors.
ELSEWHERE = """
import importlib.abc, json, sys

class Without(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("stats", "bench", "embsig", "reports"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Without())
import numpy as np
from sentence_transformers import SentenceTransformer
folder, texts = sys.argv[1], json.loads(sys.argv[2])
for name, needs_code in json.loads(sys.argv[3]).items():
    options = {"trust_remote_code": True} if needs_code else {}
    model = SentenceTransformer(f"{folder}/{name}", device="cpu", **options)
    np.save(f"{folder}/{name}.npy", np.stack([model.encode(texts), model.encode(texts, prompt_name="query")]))
assert not [m for m in sys.modules if m.partition(".")[0] in ("stats", "bench", "embsig", "reports")]
"""


def _trained(base, name):
    """A variant as training leaves it: its adapter is not zero, nor is its head as it was made."""
    model = build_variant(base, name, prompts={"query": "find: "}, max_length=120, fidelity="embedded", seed=3)
    add_adapter(model[0].model, lora_config(4, 8, 0.0), seed=0)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for key, parameter in model[0].model.named_parameters():
            if "lora_B" in key:
                parameter.normal_(0, 0.05, generator=generator)
        for parameter in (p for part in heads(model) for p in part.parameters()):
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))
    return model.eval()


def test_the_papers_five_give_the_same_vectors_where_embsig_is_not(tiny_decoder, tmp_path):
    base, vectors, needs_code = tiny_decoder("mistral"), {}, {}
    for name in [*PAPER, "mean+bidirectional", "weighted-mean+causal", "causal2vec"]:
        model = _trained(base, name)
        vectors[name] = np.stack([model.encode(TEXTS), model.encode(TEXTS, prompt_name="query")])
        done = export_model(model, tmp_path / name)
        needs_code[name] = done.needs_code
        assert done.difference < 1e-6
    assert [name for name, code in needs_code.items() if not code] == [
        "model-1",
        "mean+bidirectional",
        "weighted-mean+causal",
    ]
    command = [sys.executable, "-c", ELSEWHERE, str(tmp_path), json.dumps(TEXTS), json.dumps(needs_code)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    for name, expected in vectors.items():
        assert abs(np.load(tmp_path / f"{name}.npy") - expected).max() < 1e-6, name


def test_an_adapter_gives_the_same_vectors_where_embsig_is_not(tiny_decoder, tmp_path):
    """A standard pooling under causal attention loads as it is; another attention or head brings its code."""
    base, expected, kinds = tiny_decoder("llama"), {}, {}
    for name in ("model-1", "model-5"):
        model = _trained(base, name)
        done = export_model(model, tmp_path / name, adapter=True, base_name=str(base))
        assert not (tmp_path / name / "model.safetensors").exists()
        assert json.loads((tmp_path / name / "adapter_config.json").read_text())["base_model_name_or_path"] == str(base)
        assert "the base is fetched when the model is loaded" in (tmp_path / name / "README.md").read_text()
        expected[name] = np.stack([model.encode(TEXTS), model.encode(TEXTS, prompt_name="query")])
        kinds[name] = done.needs_code
        assert abs(load_model(tmp_path / name).encode(TEXTS) - expected[name][0]).max() < 1e-6
    assert kinds == {"model-1": False, "model-5": True}
    subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(tmp_path), json.dumps(TEXTS), json.dumps(kinds)], check=True, timeout=300
    )
    for name, vectors in expected.items():
        assert abs(np.load(tmp_path / f"{name}.npy") - vectors).max() < 1e-6


def test_an_adapter_names_a_base_that_others_find(tiny_decoder, tmp_path):
    with pytest.raises(InputError, match=r"on this machine, which an adapter cannot name to others.*--base-name"):
        export_model(_trained(tiny_decoder("llama"), "model-1"), tmp_path / "a", adapter=True)
    with pytest.raises(InputError, match="has no adapter"):
        export_model(build_variant(tiny_decoder("llama"), "model-1"), tmp_path / "a", adapter=True)
    with pytest.raises(InputError, match="add adapter=True"):
        export_model(build_variant(tiny_decoder("llama"), "model-1"), tmp_path / "a", base_name="org/name")


@pytest.mark.parametrize("options", [[], ["--adapter"]])
def test_a_name_that_is_no_folder_is_refused_at_once(cli, tmp_path, options):
    code, _, err = cli("export", "nofolder", "-o", tmp_path / "m", *options)
    assert code == 2
    assert err.startswith("embsig: error: no folder 'nofolder': expected one that embsig train wrote")
    assert len(err.splitlines()) == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # mteb's own
@pytest.mark.parametrize("name", ["model-1", "model-5"])
def test_mteb_evaluates_an_exported_model(tiny_decoder, tmp_path, name):
    import mteb
    from sentence_transformers import SentenceTransformer

    from bench import suite

    model = _trained(tiny_decoder("mistral"), name)
    export_model(model, tmp_path / "m")
    exported = SentenceTransformer(str(tmp_path / "m"), device="cpu", trust_remote_code=name == "model-5")
    task = min(suite("docstrings"), key=lambda t: (t.metadata.type != "STS", t.metadata.name))
    scores = [
        mteb.evaluate(m, task, cache=None, show_progress_bar=False).task_results[0].get_score()
        for m in (model, exported)
    ]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3", "gemma3"])
def test_other_bases_too(tiny_decoder, tmp_path, architecture):
    for name in ("mean+bidirectional", "model-5"):
        model = _trained(tiny_decoder(architecture), name)
        expected = model.encode(TEXTS, prompt_name="query")
        export_model(model, tmp_path / name)
        assert abs(load_model(tmp_path / name).encode(TEXTS, prompt_name="query") - expected).max() < 1e-6, name


@pytest.mark.parametrize(
    "name",
    [
        *("echo+causal", "mean+prefix-bidirectional", "nv-latent+bidirectional", "max+bidirectional"),
        *("landmarks+causal", "compressed+bidirectional", "projected-mean+causal"),
        *("late-chunks+bidirectional", "causal2vec"),
    ],
)
def test_what_no_standard_module_has_comes_as_code(tiny_decoder, tmp_path, name):
    model = _trained(tiny_decoder("llama"), name)
    expected = model.encode(TEXTS)
    assert export_model(model, tmp_path / "m").needs_code
    assert abs(load_model(tmp_path / "m").encode(TEXTS) - expected).max() < 1e-6


def test_the_code_is_embsigs_own_and_complete():
    text = modelling_code()
    for absent in ("from bench", "from stats", "from .", "import bench", "TYPE_CHECKING"):
        assert absent not in text
    names = {"__name__": "modeling_embsig"}
    exec(compile(text, "modeling_embsig.py", "exec"), names)  # noqa: S102  (our own)
    assert {"ExportedDecoder", "ExportedPooling", "LayerQueryHead", "TextReader"} <= set(names)


def test_a_folder_s_code_is_not_run_by_load_model(tiny_decoder, tmp_path):
    export_model(build_variant(tiny_decoder("llama"), "model-5", fidelity="embedded"), tmp_path / "m")
    (tmp_path / "m" / "modeling_embsig.py").write_text("raise SystemExit('run')")
    assert load_model(tmp_path / "m").encode(["a"]).shape == (1, 32)


def test_a_folder_in_use_and_foreign_models_are_refused(tiny_decoder, tmp_path):
    model = build_variant(tiny_decoder("llama"), "model-1")
    export_model(model, tmp_path / "m")
    with pytest.raises(InputError, match=r"is not empty: choose another folder, or --overwrite"):
        export_model(model, tmp_path / "m")
    export_model(model, tmp_path / "m", overwrite=True)
    with pytest.raises(InputError, match="is no variant of embsig"):
        export_model(tmp_path / "m", tmp_path / "n")
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".embsig-")]


def test_a_pooling_of_somebody_else_is_not_exported(tiny_decoder, tmp_path):
    class Own(torch.nn.Module):
        def __init__(self, shape):
            super().__init__()

        def forward(self, states, mask):
            return states[:, 0]

    register_variant("own-export", pooling=Own)
    try:
        with pytest.raises(InputError, match="is not embsig's own"):
            export_model(build_variant(tiny_decoder("llama"), "own-export"), tmp_path / "m")
    finally:
        VARIANTS.pop("own-export")
    assert not (tmp_path / "m").exists()


# -- the base, wherever it is ------------------------------------------------------------------------------------------


def _moved(base, place):
    """A model beside its base, both moved to another place."""
    home = place / "home"
    shutil.copytree(base, home / "base")
    model = _trained(home / "base", "model-1")
    expected = model.encode(TEXTS)
    model.save(str(home / "models" / "mine"), create_model_card=False)
    written = "".join(p.read_text() for p in (home / "models" / "mine").rglob("*.json") if p.name != "tokenizer.json")
    assert str(place) not in written
    assert json.loads((home / "models/mine/decoder.json").read_text())["base"]["name"] == "../../base"
    home.rename(place / "away")
    return place / "away", expected


def test_a_model_and_its_base_can_be_moved_together(tiny_decoder, tmp_path):
    away, expected = _moved(tiny_decoder("llama"), tmp_path)
    assert abs(load_model(away / "models" / "mine").encode(TEXTS) - expected).max() < 1e-6


def test_a_base_that_is_elsewhere_is_named(tiny_decoder, tmp_path):
    away, expected = _moved(tiny_decoder("llama"), tmp_path)
    (away / "base").rename(tmp_path / "base")
    with pytest.raises(InputError, match=r"say where it is with load_model\(..., base=FOLDER\)"):
        load_model(away / "models" / "mine")
    assert abs(load_model(away / "models" / "mine", base=tmp_path / "base").encode(TEXTS) - expected).max() < 1e-6
    with pytest.raises(InputError, match="is not the base that this model was trained on"):
        load_model(away / "models" / "mine", base=tiny_decoder("qwen2"))


def test_a_model_that_names_its_base_by_the_whole_path_still_loads(tiny_decoder, tmp_path):
    base = tiny_decoder("llama")
    build_variant(base, "model-1").save(str(tmp_path / "m"), create_model_card=False)
    path = tmp_path / "m" / "decoder.json"
    settings = json.loads(path.read_text())
    settings["base"]["name"] = str(Path(base).resolve())
    path.write_text(json.dumps(settings))
    assert load_model(tmp_path / "m").encode(["a"]).shape == (1, 32)


def test_a_repository_of_the_hub_is_loaded_by_its_name(tiny_decoder, tmp_path, monkeypatch):
    import huggingface_hub

    model = build_variant(tiny_decoder("llama"), "model-5", fidelity="embedded")
    export_model(model, tmp_path / "m")
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", lambda name, file, **_: str(tmp_path / "m" / file))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda name, **_: str(tmp_path / "m"))
    assert abs(load_model("org/name").encode(TEXTS) - model.encode(TEXTS)).max() < 1e-6


# -- the card ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def table(tmp_path):
    rows = "".join(f"STS{i},{0.8 + i / 1000:.4f},{0.5 + i * i / 3000:.4f},0.6{i % 7}\n" for i in range(12, 23))
    path = tmp_path / "scores.csv"
    path.write_text("task,mine,other,third\n" + rows)
    return path


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("model-1", ["Causal attention. Pooling: state of the last real token (EOS). Vectors of length 1 and width 32, at most 120 tokens"]),
        ("model-5", ["Bidirectional attention. Pooling: learned latents attend", "(the mean of the tokens of every layer)"]),
        ("echo+causal", ["The text is read twice, and the second reading is pooled."]),
        ("landmarks+causal", ["An EOS stands after every 32 tokens"]),
        ("compressed+causal", ["beyond the first 80, 33 % are left"]),
        ("causal2vec", ["width 64", "makes a token of the text, which the decoder reads first"]),
    ],
)  # fmt: skip
def test_the_card_says_how_a_text_is_read_and_asked(tiny_decoder, name, says):
    model = _trained(tiny_decoder("llama"), name)
    card = model_card(
        model[0], model[1], "mine", needs_code=True, licence=None, evidence=None, prompts={"query": "find: ", "document": ""}
    )  # fmt: skip
    for text in says:
        assert text in card
    assert "- `prompt_name='query'`: \"find: \"" in card
    assert "document" not in card


def test_nothing_in_the_folder_holds_on_this_machine_alone(tiny_decoder, tmp_path):
    for name in ("model-1", "model-2"):
        export_model(build_variant(tiny_decoder("llama"), name, fidelity="embedded"), tmp_path / name)
        files = [path for path in (tmp_path / name).rglob("*") if path.is_file()]
        assert len({path.stat().st_mode for path in files}) == 1
        assert "local_files_only" not in (tmp_path / name / "tokenizer_config.json").read_text()
        assert not [path for path in files if path.suffix == ".json" and str(tiny_decoder("llama")) in path.read_text()]


def test_the_card_says_scores_and_verdicts(table):
    known = evidence(Scores.from_csv(table), "mine")
    assert known.sentences[0].startswith("Over 11 tasks its mean score is 0.817 (95 % interval 0.8")
    assert "rank 1 of 3" in known.sentences[0]
    assert "better than: third and other" in known.sentences[1]
    with pytest.raises(InputError, match=r"no model 'mien' .*did you mean 'mine'.*--as NAME"):
        evidence(Scores.from_csv(table), "mien")


def test_the_command_writes_a_folder_with_metadata_as_mteb_has_it(tiny_decoder, tmp_path, table, capsys):
    import yaml

    base = tmp_path / "base"
    shutil.copytree(tiny_decoder("llama"), base)
    (base / "README.md").write_text("---\nlicense: mit\n---\n# base\n")
    build_variant(base, "mean+causal").save(str(tmp_path / "mine"), create_model_card=False)
    with pytest.raises(SystemExit) as ended:
        main(["export", str(tmp_path / "mine"), "-o", str(tmp_path / "out"), "--scores", str(table)])
    assert ended.value.code in (0, None)
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'out'}\n"
    assert "load with SentenceTransformer(" in err
    front = (tmp_path / "out" / "README.md").read_text().split("---\n")[1]
    meta = yaml.safe_load(front)
    assert (meta["license"], meta["library_name"]) == ("mit", "sentence-transformers")
    first = meta["model-index"][0]["results"][0]
    assert first["task"] == {"type": "STS"}
    assert first["dataset"]["name"] == "MTEB STS12"
    assert first["dataset"]["split"] == "test"
    assert first["metrics"] == [{"type": "cosine_spearman", "value": 81.2}]
