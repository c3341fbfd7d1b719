"""What README and the documents tell the reader to type is typed here, word for word, on small inputs.

Fixtures supply the files that are named there; the models and task data of the hub are replaced by tiny ones.
"""

import io
import json
import os
import re
import shlex
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import typer.main
import yaml
import zstandard
from tool_files import write_helm, write_inspect, write_lm_eval, write_trec

from embsig.cli import app as command_line
from stats.samples import write_task
from tiny_models import save_decoder, save_tiny_model

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    *sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").rglob("*.md") if "_build" not in p.parts),
    *sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs" / "gallery").glob("*.py")),
)
EXAMPLES = ROOT / "docs" / "examples"

#: Start of a line that is not run here -> why.
NOT_RUN = {
    "python3 -m venv ": "installs: .ci/run runs the README's blocks as they stand, in new environments",
    "python -m venv ": "installs the peers of the benchmarks",
    "pip install ": "installs, see above",
    "pip wheel ": "downloads",
    "head ": "shows lines of an example: the build of the site does",
    "python -m docs": "builds the site: .ci/run does",
    "pre-commit install": "changes the checkout",
    "embsig run --cluster": "needs a cluster: tests/bench/runner/test_runner_cluster.py starts one",
    "embsig demo": "takes minutes: .ci/run and tests/bench/test_demo.py run it",
    "python -m pytest": "runs this",
    "python -m benchmarks": "takes an hour: tests/test_benchmarks_run.py runs its parts, small",
}


class Piece(NamedTuple):
    """Something to run: a command or a block of Python, and where it stands."""

    where: str
    kind: str
    text: str


def pieces(document: str) -> list[Piece]:
    """Collect the fenced bash lines, the commands whose output is shown, Python blocks, indented command lines and mentions."""
    found, language, block, start = [], None, [], 0
    for number, line in enumerate((ROOT / document).read_text(encoding="utf-8").splitlines(), 1):
        where = f"{document}:{number}"
        if run := re.match(
            r"```\{(?:program-output|shown-table)\} (.*)$", line
        ):  # the build of the site shows what it prints
            found.append(Piece(where, "command", run[1]))
            language, block, start = "output", [], number + 1
        elif fence := re.match(r"```(\w*|\{[\w-]+\}.*)$", line):
            if language == "python":
                found.append(Piece(f"{document}:{start}", "python", "\n".join(block)))
            language, block, start = (fence[1] if language is None else None), [], number + 1
        elif language == "bash" and line.strip():
            found.append(Piece(where, "command", line))
        elif language is not None:
            block.append(line)
        elif re.match(r"    (embsig|python|pip) ", line):
            found.append(Piece(where, "command", line.strip()))
        else:
            found += [Piece(where, "mention", text) for text in re.findall(r"`(embsig [^`{]*)`", line)]
    assert language is None, f"{document}: a fence is not closed"
    return found


ALL = {document: pieces(document) for document in DOCUMENTS}


def excused(text: str) -> str | None:
    return next((start for start in NOT_RUN if text.startswith(start.rstrip())), None)


def test_what_is_excused_is_there() -> None:
    used = {excused(piece.text) for found in ALL.values() for piece in found}
    assert set(NOT_RUN) - used == set()


def test_something_is_found_in_each_way() -> None:
    kinds = [(document, piece.kind) for document, found in ALL.items() for piece in found]
    assert kinds.count(("README.md", "command")) > 15
    assert sum("# read as " in piece.text for piece in ALL["README.md"]) == 5
    assert ("README.md", "mention") in kinds
    assert ("docs/running.md", "command") in kinds  # an indented one
    assert ("docs/variants.md", "python") in kinds
    assert sum("embsig compare demsar.csv" in piece.text for piece in ALL["docs/how-to/paper.md"]) == 2


def test_pieces_are_cut_out_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Say `embsig audit x.csv`.\n\n```bash\nembsig a # b\n\nls\n```\n\n    embsig c\n\n```python\na = 1\n\nb = 2\n```\n"
    (tmp_path / "page.md").write_text(text)
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    assert [(p.where, p.kind, p.text) for p in pieces("page.md")] == [
        ("page.md:1", "mention", "embsig audit x.csv"),
        ("page.md:4", "command", "embsig a # b"),
        ("page.md:6", "command", "ls"),
        ("page.md:9", "command", "embsig c"),
        ("page.md:12", "python", "a = 1\n\nb = 2"),
    ]


# -- the inputs ----------------------------------------------------------------------------------------------------

HUB = "sentence-transformers/all-MiniLM-L6-v2"
MODELS = ("BAAI/bge-small", "BAAI/bge-base", "intfloat/e5-small", "intfloat/e5-base", "org/one", "org/two")


def write_table(path: Path) -> None:
    """Twelve tasks, the three models of README's example."""
    rng = np.random.default_rng(0)
    tasks = [f"STS{n}" for n in range(12, 18)] + ["ArguAna", "SciFact", "NFCorpus", "SCIDOCS", "FiQA2018", "TRECCOVID"]
    levels = rng.uniform(0.4, 0.8, (12, 1)) + np.array([0.0, 0.012, 0.004]) + rng.normal(0, 0.01, (12, 3))
    rows = [",".join([task, *(f"{x:.4f}" for x in row)]) for task, row in zip(tasks, levels, strict=True)]
    path.write_text("\n".join(["task,base,base+trick,rival", *rows]) + "\n")


def write_results(path: Path) -> None:
    """An archive of public results: everything that MTEB(eng, v2) asks for, of six models."""
    from bench.sources.definitions import load

    rng = np.random.default_rng(1)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:

        def add(name: str, content: dict[str, Any]) -> None:
            data = json.dumps(content).encode()
            about = tarfile.TarInfo(name)
            about.size = len(data)
            tar.addfile(about, io.BytesIO(data))

        for rank, model in enumerate(MODELS):
            folder = f"results/{model.replace('/', '__')}/r1"
            add(f"{folder}/model_meta.json", {"name": model, "revision": "r1"})
            for task in load().benchmark("MTEB(eng, v2)"):
                scores: dict[str, list[dict[str, Any]]] = {split: [] for split, _ in task.pairs}
                for split, subset in task.pairs:
                    value = 0.6 - 0.02 * rank + rng.normal(0, 0.03)
                    scores[split].append({"main_score": value, "hf_subset": subset, "languages": ["eng-Latn"]})
                head = {"dataset_revision": task.revision, "task_name": task.name, "mteb_version": "2.1.0"}
                add(f"{folder}/{task.name}.json", {**head, "scores": scores})
    path.write_bytes(zstandard.compress(packed.getvalue()))


def write_data(folder: Path) -> None:
    """Task data as ``--data-root`` takes them: thirty pairs, and ten queries over twenty documents."""
    rng = np.random.default_rng(2)
    words = np.array(
        ["cat", "dog", "bird", "fish", "tree", "sun", "moon", "rain", "snow", "wind", "fire", "rock", "sand", "leaf"]
    )

    def text() -> str:
        return " ".join(rng.choice(words, 5))

    def lines(path: Path, rows: list[dict[str, Any]]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    pairs = [{"sentence1": text(), "sentence2": text(), "score": float(rng.integers(0, 6))} for _ in range(30)]
    lines(folder / "STSBenchmark" / "test.jsonl", pairs)
    lines(folder / "SciFact" / "corpus.jsonl", [{"_id": f"d{i}", "title": "", "text": text()} for i in range(20)])
    lines(folder / "SciFact" / "queries.jsonl", [{"_id": f"q{i}", "text": text()} for i in range(10)])
    judged = "".join(f"q{i}\td{2 * i}\t1\n" for i in range(10))
    (folder / "SciFact" / "qrels").mkdir()
    (folder / "SciFact" / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}")


def write_items(folder: Path, models: int) -> None:
    """Samples of models on one task."""
    for i in range(models):
        right = np.random.default_rng([i, models]).random(60) < 0.6
        meta = {"metric": "accuracy", "main_score": float(right.mean()), "family": "Classification"}
        frame = pd.DataFrame({"sample": [f"t{n}" for n in range(60)], "correct": right})
        write_task(folder, "Topics", f"maker{i // 2}/m{i}", frame, meta)


def write_many(path: Path, maker: str, n: int) -> None:
    """Enough models of several makers to choose tasks by."""
    rng = np.random.default_rng(5)
    tasks = ("STS12", "STS13", "ArguAna", "SciFact", "NFCorpus", "SCIDOCS", "FiQA2018", "BIOSSES")
    scores = rng.normal(0.6, 0.08, (n, 1)) + rng.normal(0, 0.02, (n, len(tasks)))
    rows = [f"{maker}{i // 2}/m{i},{','.join(f'{x:.4f}' for x in row)}" for i, row in enumerate(scores)]
    path.write_text("\n".join([f"model,{','.join(tasks)}", *rows]) + "\n")


def write_forms(folder: Path) -> None:
    """The forms in which the README says that scores come: eight tasks and three models, and forty queries."""
    rng = np.random.default_rng(3)
    tasks = ("STS12", "STS13", "ArguAna", "SciFact", "NFCorpus", "SCIDOCS", "FiQA2018", "TRECCOVID")
    models = ("org/one", "org/two", "org/three")
    points = (100 * (rng.uniform(0.4, 0.8, (8, 1)) + rng.normal(0, 0.02, (8, 3)))).round(2)
    scores = [[f"{x:.2f}" for x in row] for row in points.T]
    averages = [f"{row.mean():.2f}" for row in points.T]

    def lines(name: str, rows: list[list[str]], mark: str = ",", end: str = "") -> None:
        (folder / name).write_text("".join(mark.join(row) + end + "\n" for row in rows))

    lines(
        "leaderboard.csv",
        [["Model", "Parameters", "Average", *tasks]]
        + [
            [m, size, a, *row] for m, size, a, row in zip(models, ("110M", "335M", "7B"), averages, scores, strict=True)
        ],
    )
    lines(
        "long.csv",
        [
            ["model", "task", "score"],
            *([m, t, x] for m, r in zip(models, scores, strict=True) for t, x in zip(tasks, r, strict=True)),
        ],
    )
    body = [[m, *row, a] for m, row, a in zip(models, scores, averages, strict=True)]
    lines("paper.tex", [["Model", *tasks, "Avg."], *body], " & ", r" \\")
    table = (folder / "paper.tex").read_text()
    (folder / "paper.tex").write_text(f"\\begin{{tabular}}{{lrrrrrrrrr}}\n{table}\\end{{tabular}}\n")
    lines(
        "forecasts.csv",
        [
            ["task", *models],
            *([t, *row] for t, row in zip(tasks, zip(*scores, strict=True), strict=True)),
            ["Sales (RMSE)", "1.31", "1.22", "1.27"],
        ],
    )
    queries = rng.uniform(0, 1, (40, 3)).round(3)
    lines("queries.csv", [["query_id", *models], *([f"q{i}", *map(str, row)] for i, row in enumerate(queries))])


def write_gate(path: Path) -> None:
    """The settings that docs/gate.md shows."""
    path.write_text(re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "gate.md").read_text(encoding="utf-8"), re.S)[0])


def write_triples(path: Path) -> None:
    rows = [{"query": f"a {i}", "positive": f"a {i} b", "negative": [f"c {i + 1} d"]} for i in range(40)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, with every file that the documents name; no network is wanted."""
    pytest.importorskip("torch")
    from bench import ATTENTIONS, POOLINGS, VARIANTS
    from bench.runner.task_data.data_root import attach
    from bench.training import recipe

    monkeypatch.chdir(tmp_path)
    write_table(tmp_path / "scores.csv")
    write_results(tmp_path / "mteb-results.tar.zst")
    for copy in ("mteb-results-eng.tar.zst", "results.tar.zst"):
        os.link(tmp_path / "mteb-results.tar.zst", tmp_path / copy)
    write_data(tmp_path / "data")
    write_gate(tmp_path / "gate.toml")
    write_forms(tmp_path)
    write_many(tmp_path / "eng-v2.csv", "maker", 40)
    write_many(tmp_path / "my-models.csv", "mine", 2)
    write_items(tmp_path / "runs" / "all", 6)
    write_items(tmp_path / "runs" / "new", 1)
    write_triples(tmp_path / "triples.jsonl")
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    for example in EXAMPLES.glob("*.csv"):
        shutil.copy(example, tmp_path)
    write_trec(tmp_path)
    write_lm_eval(tmp_path / "lm-eval-output")
    write_inspect(tmp_path / "inspect-logs")
    write_helm(tmp_path / "helm" / "runs")
    save_tiny_model(tmp_path / "my-model")
    save_tiny_model(tmp_path / "path" / "to" / "model", seed=1)
    save_decoder(tmp_path / "Qwen3-0.6B", "qwen3")
    save_decoder(tmp_path / "path" / "to" / "base", "llama")
    tiny = replace(recipe.PRESETS["default"], steps=2, batch_size=8, mini_batch_size=0, warmup_steps=1, max_length=16)
    monkeypatch.setitem(recipe.PRESETS, "default", tiny)
    hub_model(monkeypatch, tmp_path / "my-model")
    hub_tasks(monkeypatch, lambda task: attach(task, tmp_path / "data" / task.metadata.name))
    registries = [(registry, dict(registry)) for registry in (ATTENTIONS, POOLINGS, VARIANTS)]
    yield tmp_path
    for registry, before in registries:
        registry.clear()
        registry.update(before)


def hub_model(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let mteb load a tiny model where it would load one from the hub."""
    import mteb
    from mteb.models.sentence_transformer_wrapper import SentenceTransformerEncoderWrapper

    def load_model(meta: Any, **_: Any) -> Any:
        assert meta.name == HUB
        model = SentenceTransformerEncoderWrapper(str(folder), device="cpu")
        model.mteb_model_meta = meta
        return model

    monkeypatch.setattr(type(mteb.get_model_meta(HUB)), "load_model", load_model)


def hub_tasks(monkeypatch: pytest.MonkeyPatch, supply: Callable[[Any], None]) -> None:
    """Let tasks of mteb read local data where they would load them from the hub."""
    import mteb

    def load_data(task: Any, **options: Any) -> None:
        supply(task)
        task.load_data(**options)

    for name in ("STSBenchmark", "SciFact"):
        monkeypatch.setattr(type(mteb.get_task(name)), "load_data", load_data)


# -- running -------------------------------------------------------------------------------------------------------


def run_command(text: str) -> None:
    """Run one line of the shell; only `embsig` is known."""
    name, *arguments = shlex.split(text, comments=True)
    assert name == "embsig", "not run, and not excused in NOT_RUN"
    with pytest.raises(SystemExit) as end:
        command_line.main(arguments)
    assert not end.value.code, f"exit code {end.value.code}"


def check_mention(text: str) -> None:
    """Check that the command and the options named in a sentence exist; run it if it names a source."""
    _, *words = shlex.split(text)
    known = typer.main.get_command(command_line.app)
    command = known
    if words and not words[0].startswith("-") and words[0] != "COMMAND":
        command = known.commands[words[0]]  # type: ignore[attr-defined]
    options = {name for p in command.params for name in p.opts} | {"--help", "--debug"}
    assert {word for word in words if word.startswith("--")} - options == set()
    if any(not word.startswith("-") and not word.isupper() for word in words[1:]):
        run_command(text)


def run_python(text: str, names: dict[str, Any]) -> None:
    exec(compile(text, "<document>", "exec"), names)  # noqa: S102  # our own documents


@pytest.mark.parametrize("document", [document for document, found in ALL.items() if found])
def test_what_is_to_be_typed_works(document: str, workshop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    for piece in ALL[document]:
        if excused(piece.text):
            continue
        try:
            if piece.kind == "python":
                run_python(piece.text, names)
            elif piece.kind == "command":
                capsys.readouterr()
                run_command(piece.text)
                if said := re.search(r"#\s*(read as .+)$", piece.text):  # what the page says that it prints
                    printed = capsys.readouterr().err.splitlines()
                    assert f"embsig: {said[1]}" in printed, f"it says:\n{printed}"
            else:
                check_mention(piece.text)
        except Exception as error:
            printed = capsys.readouterr()
            pytest.fail(f"{piece.where}: {piece.text}\n{type(error).__name__}: {error}\n{printed.err[-2000:]}")
        except pytest.fail.Exception as error:
            printed = capsys.readouterr()
            pytest.fail(f"{piece.where}: {piece.text}\n{error}\n{printed.err[-2000:]}")


def test_the_steps_of_the_gate_workflow_work(workshop: Path) -> None:
    """In its own way: these two models have random weights, so any verdict will do; tests/embsig/test_gate_command.py has the verdicts."""
    steps = yaml.safe_load((ROOT / "docs" / "ci" / "gate.yml").read_text(encoding="utf-8"))["jobs"]["gate"]["steps"]
    lines = [step["run"] for step in steps if "run" in step]
    assert [line.split()[:2] for line in lines] == [
        ["pip", "install"],
        ["embsig", "run"],
        ["embsig", "gate"],
        ["cat", "gate.md"],
    ]
    for name, model in (("baseline", "my-model"), ("candidate", "path/to/model")):
        shutil.copytree(workshop / model, workshop / name)
    run_command(lines[1])
    with pytest.raises(SystemExit) as end:
        command_line.main(shlex.split(lines[2])[1:])
    assert end.value.code in (0, 1, 3)
    assert json.loads(Path("gate.json").read_text())["exit_code"] == end.value.code
    assert Path("gate.xml").is_file()
    assert Path("gate.md").is_file()


def test_a_command_that_does_not_work_is_found(workshop: Path) -> None:
    with pytest.raises(AssertionError, match="exit code 2"):
        run_command("embsig compare scores.csv --tset wilcoxon")
    with pytest.raises(AssertionError, match="--frobnicate"):
        check_mention("embsig report --frobnicate")
    with pytest.raises(AssertionError, match="not excused"):
        run_command("rm -r data")
