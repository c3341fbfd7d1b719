"""What SECURITY.md promises: no pickle, no foreign code, no network, no shell."""

import ast
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stats.common.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(p for place in ("stats", "bench", "reports") for p in (ROOT / place).rglob("*.py"))
SOURCES += sorted(ROOT.glob("embsig*.py"))

#: Modules and calls that run code out of data, or a shell.
FORBIDDEN_MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "subprocess", "yaml"}
FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "torch.load", "pd.read_pickle", "tempfile.mktemp",
    "pickle.load", "pickle.loads", "os.execv", "os.spawnv",
}  # fmt: skip


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def offences(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            if isinstance(node, ast.ImportFrom) and [a.name for a in node.names] == ["UnpicklingError"]:
                continue  # an error to catch, by which nothing is read
            yield from (m for m in modules if m.split(".")[0] in FORBIDDEN_MODULES)
        elif isinstance(node, ast.Call):
            name, given = _name(node.func), {k.arg: k.value for k in node.keywords}
            only_tensors = isinstance(w := given.get("weights_only"), ast.Constant) and w.value is True
            if name in FORBIDDEN_CALLS and not (name == "torch.load" and only_tensors):
                yield name
            for option, wanted in (("shell", False), ("allow_pickle", False), ("trust_remote_code", False)):
                value = given.get(option)
                if isinstance(value, ast.Constant) and value.value is not wanted:
                    yield f"{name}({option}={value.value})"
            if name == "np.load" and "allow_pickle" not in given:
                yield "np.load without allow_pickle=False"


@pytest.mark.parametrize(
    "code",
    ["import pickle", "from joblib import load", "torch.load(p)", "torch.load(p, weights_only=False)", "from pickle import loads", "np.load(p)", "np.load(p, allow_pickle=True)", "eval(x)",
     "run(c, shell=True)", "Model(p, trust_remote_code=True)"],
)  # fmt: skip
def test_the_search_finds_what_it_looks_for(code: str) -> None:
    assert list(offences(code))


def test_nothing_that_runs_code_out_of_data() -> None:
    assert len(SOURCES) > 150
    found = {p.relative_to(ROOT).as_posix(): o for p in SOURCES if (o := list(offences(p.read_text(encoding="utf-8"))))}
    assert found == {}


def test_every_exception_to_the_linter_says_why() -> None:
    unexplained = [
        f"{path.name}: {line.strip()}"
        for path in SOURCES
        if path.name != "__init__.py"  # there the guard runs before the imports
        for line in path.read_text(encoding="utf-8").splitlines()
        if "# noqa" in line and not line.partition("# noqa")[2].partition("  ")[2].strip()
    ]
    assert unexplained == []


def test_no_test_reaches_another_machine() -> None:
    """The hook of conftest.py is at work."""
    with pytest.raises(RuntimeError, match="reach another machine"):
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)
    with pytest.raises(RuntimeError, match="reach another machine"):
        socket.getaddrinfo("example.org", 80)


def test_commands_on_scores_open_no_socket(tmp_path: Path) -> None:
    table = tmp_path / "scores.csv"
    table.write_text("task,a,b,c\n" + "".join(f"t{i},.{60 + i},.{50 + i * 3 % 7},.{40 + i}\n" for i in range(8)))
    code = """
import socket, sys
def hook(event, arguments):
    if event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
        raise SystemExit(f"a socket: {event} {arguments}")
sys.addaudithook(hook)
from embsig.cli import app as command_line
for command in (["scores"], ["audit"], ["compare"], ["compare", "--format", "json"], ["plot", "forest", "-o", "f.svg"], ["report", "-o", "r.html"]):
    at = 2 if command[0] == "plot" else 1
    try:
        command_line.main([*command[:at], sys.argv[1], *command[at:]])
    except SystemExit as end:
        if end.code:
            raise
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(table)], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**{k: v for k, v in os.environ.items() if k != "HF_HUB_OFFLINE"}, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "r.html").stat().st_size > 10_000


#: Pretrains a base, trains on the one that ships, and evaluates; the libraries are loaded once.
_WORK = """
import json, sys
from pathlib import Path
sys.path[:0] = [str(Path(sys.argv[1]) / "tests" / "bench"), str(Path(sys.argv[1]) / "tests" / "bench" / "runner")]
import crash
from embsig.cli import app as command_line
Path("triples.jsonl").write_text("".join(json.dumps({"query": f"cat {i}", "positive": f"a cat, {i}"}) + "\\n" for i in range(24)))
crash._pretrain(Path("base"))
crash._run(Path("run"))
train = ["train", "--base", "embedded", "--variant", "model-1", "--data", "triples.jsonl", "-o", "model", "--preset", "embedded"]
for command in (
    ["--help"],
    ["variants"],
    ["tasks"],
    [*train, "--set", "steps=2", "--set", "batch_size=8", "--set", "held_out=8"],
    ["run", "-m", "mine=model", "-t", "STSBenchmark", "--data-root", "data", "-o", "run-of-mine"],
):
    try:
        command_line.main(command)
    except SystemExit as end:
        assert not end.code, command
"""


def _watched(code: str, folder: Path, *arguments: object) -> tuple["subprocess.CompletedProcess[str]", str]:
    """Run code with the network to be had, as far as it knows; what came of it, and where it wanted to connect."""
    connections = folder / "connections"
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    paths = os.pathsep.join([str(ROOT / "tests" / "watched"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False,
        env={**environment, "PYTHONPATH": paths, "EMBSIG_CONNECTIONS": str(connections)},
    )  # fmt: skip
    return done, connections.read_text() if connections.exists() else ""


def test_the_watch_sees_connections_that_are_taken_for_a_missing_network(tmp_path: Path) -> None:
    code = "import socket\ntry:\n    socket.create_connection(('192.0.2.1', 80))\nexcept OSError:\n    pass"
    done, wanted = _watched(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "192.0.2.1" in wanted


def test_training_and_evaluating_what_is_on_this_machine_asks_no_other(tmp_path: Path) -> None:
    pytest.importorskip("mteb")
    task = tmp_path / "data" / "STSBenchmark"
    task.mkdir(parents=True)
    rows = [{"sentence1": f"a cat, {i}", "sentence2": f"cat {i * i}", "score": i % 6} for i in range(12)]
    (task / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done, wanted = _watched(_WORK, tmp_path, ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(tmp_path.glob("run-of-mine/**/STSBenchmark.json"))
    assert wanted == ""


# -- models ------------------------------------------------------------------------------------------------------


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A model folder whose code leaves a mark where it is run."""
    pytest.importorskip("torch")
    folder = tmp_path / "foreign"
    folder.mkdir()
    classes = {"AutoConfig": "own.Config", "AutoModel": "own.Model"}
    (folder / "config.json").write_text(json.dumps({"model_type": "own", "auto_map": classes}))
    (folder / "own.py").write_text(
        f"open({str(tmp_path / 'mark')!r}, 'w').close()\nclass Config: pass\nclass Model: pass\n"
    )
    return folder


def test_code_in_a_model_folder_is_never_run(foreign: Path) -> None:
    from bench import build_variant, load_model

    with pytest.raises(InputError) as first:
        load_model(foreign)
    with pytest.raises(InputError) as second:
        build_variant(foreign, "model-1")
    assert not (foreign.parent / "mark").exists()
    assert all("\n" not in str(error.value) for error in (first, second))


def test_a_registry_that_trusts_is_not_trusted_unless_asked(foreign: Path) -> None:
    from transformers import AutoConfig

    from bench.runner.encoding.trust import foreign_code

    with pytest.raises(InputError, match=r"brings code of its own.*--trust-remote-code"), foreign_code(False, "org/x"):
        AutoConfig.from_pretrained(foreign, trust_remote_code=True)
    assert not (foreign.parent / "mark").exists()
    with pytest.raises(AttributeError), foreign_code(True, "org/x"):  # it is run, and is no configuration
        AutoConfig.from_pretrained(foreign, trust_remote_code=True)
    assert (foreign.parent / "mark").exists()


def test_weights_that_are_a_pickle_are_refused(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from bench import load_model

    torch.save({}, tmp_path / "pytorch_model.bin")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(InputError, match=r"keeps weights as pickle \(pytorch_model.bin\).*expected safetensors"):
        load_model(tmp_path)
