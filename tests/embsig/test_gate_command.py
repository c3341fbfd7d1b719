"""`embsig gate` on runs, tables and other tools' files, and the workflow of docs/ci/gate.yml word for word."""

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import numpy as np
import pandas as pd
import pytest
import yaml
from tool_files import write_trec

import embsig
from stats.samples import write_task

WORKFLOW = Path(__file__).resolve().parents[2] / "docs" / "ci" / "gate.yml"
STEPS = [s["run"] for s in yaml.safe_load(WORKFLOW.read_text())["jobs"]["gate"]["steps"] if "run" in s]
GATE = next(line for line in STEPS if line.startswith("embsig gate"))
OLD, NEW = "local/baseline", "local/candidate"


def write_run(folder: Path, shift: float, spread: float, *, models: tuple[str, ...] = (OLD, NEW), n: int = 300) -> None:
    """Samples of two tasks as `embsig run` writes them."""
    rng = np.random.default_rng(3)
    for task in ("SciFact", "ArguAna"):
        old = rng.uniform(0.2, 0.8, n)
        noise = rng.normal(0, spread, n)
        new = np.clip(old + shift + noise - noise.mean(), 0, 1)
        for model, score in ((OLD, old), (NEW, new)):
            if model in models:
                frame = pd.DataFrame({"sample": [f"q{i}" for i in range(n)], "score": score})
                meta = {"metric": "mean", "main_score": float(score.mean()), "family": "Retrieval"}
                write_task(folder, task, model, frame, meta)


@pytest.mark.parametrize(
    ("shift", "spread", "verdict", "code"),
    [(0.02, 0.02, "ACCEPT", 0), (-0.02, 0.02, "REJECT", 1), (0.0, 0.02, "ACCEPT", 0), (-0.003, 0.1, "UNDECIDED", 3)],
)
def test_the_workflow_ends_as_the_candidate_is(
    shift: float, spread: float, verdict: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    write_run(tmp_path / "run", shift, spread)
    program, *arguments = shlex.split(GATE)
    assert program == "embsig"
    ended, out, _ = cli(*arguments)
    assert ended == code
    assert out.startswith(f"{verdict}: {NEW} ")
    assert out.count("\n") == 1
    said = json.loads(Path("gate.json").read_text())
    assert (said["verdict"], said["exit_code"], said["text"]) == (verdict, code, out.strip())
    suite = Xml.parse("gate.xml").getroot()  # noqa: S314  # our own file
    assert suite.get("failures") == str(int(code != 0))
    assert [f.get("type") for f in suite.iter("failure")] == [verdict] * (code != 0)
    (summary,) = [line for line in STEPS if "GITHUB_STEP_SUMMARY" in line]
    subprocess.run(["sh", "-e", "-c", summary], check=True)
    assert verdict in Path("summary.md").read_text()
    assert "got worse" in Path("summary.md").read_text()


def test_two_runs_are_one_source(tmp_path: Path, cli: Any) -> None:
    write_run(tmp_path / "old", -0.02, 0.02, models=(OLD,))
    write_run(tmp_path / "new", -0.02, 0.02, models=(NEW,))
    names = ("--baseline", OLD, "--candidate", NEW, "--margin", 0.005, "--level", "samples")
    assert cli("gate", tmp_path / "old", tmp_path / "new", *names)[0] == 1
    code, _, said = cli("gate", tmp_path / "old", *names)
    assert code == 2
    assert f"no samples of the candidate '{NEW}'" in said
    code, _, said = cli("gate", tmp_path / "old", tmp_path / "old", *names)
    assert code == 2
    assert "has samples in another source, too" in said


def test_trec_runs_by_two_measures(tmp_path: Path, cli: Any) -> None:
    pytest.importorskip("ir_measures")
    write_trec(tmp_path)
    runs = [tmp_path / f"run_{name}.trec" for name in ("bm25", "hybrid")]
    asked = ("--qrels", tmp_path / "qrels.txt", "--by", "nDCG@10", "--by", "RR@10", "--margin", 0.05, "--json", "-")
    better = cli("gate", *runs, *asked, "--baseline", "bm25", "--candidate", "hybrid")
    worse = cli("gate", *runs, *asked, "--baseline", "hybrid", "--candidate", "bm25")
    assert (better[0], worse[0]) == (0, 1)
    claims = json.loads(worse[1])["claims"]
    assert [c["scope"] for c in claims] == ["qrels, nDCG@10", "qrels, RR@10"]
    assert {c["unit"] for c in claims} == {"query"}


def test_lm_eval_samples(tmp_path: Path, cli: Any) -> None:
    rng = np.random.default_rng(5)
    base = rng.integers(0, 2, 900)
    worse = np.where(rng.random(900) < 0.1, 0, base)
    for model, right in (("org__base", base), ("org__worse", worse)):
        place = tmp_path / model
        place.mkdir()
        lines = [json.dumps(_document(i, int(r))) for i, r in enumerate(right)]
        (place / "samples_piqa_2024-06-01T10-00-00.000001.jsonl").write_text("\n".join(lines) + "\n")
    asked = ("--margin", 0.005, "--baseline", "org/base", "--candidate", "org/worse", "--json", "-")
    code, out, _ = cli("gate", tmp_path, *asked)
    assert code == 1
    said = json.loads(out)
    assert said["claims"][0]["unit"] == "document"
    assert said["flips"]["n_worse"] == int((base > worse).sum())
    assert said["flips"]["n_better"] == 0


def _document(i: int, right: int) -> dict[str, Any]:
    return {
        "doc_id": i, "doc": {"question": f"q{i}", "label": 1}, "target": "1", "arguments": {"gen_args_0": {"arg_0": "q", "arg_1": " a"}},
        "resps": [[["-1.5", "False"]]], "filtered_resps": [["-1.5", "False"]], "filter": "none", "metrics": ["acc"],
        "doc_hash": f"d{i}", "prompt_hash": "p", "target_hash": "t", "acc": float(right),
    }  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    base = rng.uniform(0.4, 0.8, 12)
    lines = [
        f"t{i},{b:.4f},{b + 0.01 + e:.4f},{b - 0.03 + e:.4f}"
        for i, (b, e) in enumerate(zip(base, rng.normal(0, 0.002, 12), strict=True))
    ]
    path = tmp_path / "scores.csv"
    path.write_text("\n".join(["task,base,good,bad", *lines]) + "\n")
    return path


def test_a_table_by_options_by_a_file_and_in_python(table: Path, tmp_path: Path, cli: Any) -> None:
    code, line, _ = cli("gate", table, "--baseline", "base", "--candidate", "good", "--margin", 0.005)
    assert code == 0
    config = tmp_path / "gate.toml"
    config.write_text('baseline = "base"\ncandidate = "good"\nmargin = 0.005\nlevel = "tasks"\n')
    assert cli("gate", table, "--config", config)[:2] == (0, line)
    assert cli("gate", table, "--config", config, "--candidate", "bad")[0] == 1  # options go before the file
    assert str(embsig.gate(table, baseline="base", candidate="good", margin=0.005)) == line.strip()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--candidate", "good", "--margin", "0.005"], "needs a baseline: name the model with --baseline NAME"),
        (["--baseline", "base", "--candidate", "good"], "a gate needs a margin"),
        (["--baseline", "base", "--candidate", "good", "--margin", "0.5"], "half a point is 0.005"),
        (["--baseline", "base", "--candidate", "god", "--margin", "0.005"], "did you mean 'good'"),
        (["--config", "gate.toml"], "unknown setting of gate.toml 'margn': expected one of"),
        (["--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["--config", "broken.toml"], "broken.toml: not TOML"),
        (["--config", "kind.toml"], "margin = 'x': expected a number"),
    ],
)
def test_bad_input_is_one_line(
    table: Path, arguments: list[str], message: str, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(table.parent)
    Path("gate.toml").write_text("margn = 0.005\n")
    Path("broken.toml").write_text("margin = \n")
    Path("kind.toml").write_text('margin = "x"\n')
    code, out, said = cli("gate", table, *arguments)
    assert (code, out) == (2, "")
    (error,) = [line for line in said.splitlines() if line.startswith("embsig: error:")]
    assert message in error


def test_what_else_must_be_known_is_said_on_standard_error(tmp_path: Path, cli: Any) -> None:
    old = np.linspace(0.3, 0.6, 10)
    new = old + 0.01 - 0.21 * (np.arange(10) < 1)
    table = pd.DataFrame({"task": [f"t{i}" for i in range(10)], "old": old, "new": new})
    table.to_csv(tmp_path / "s.csv", index=False)
    _, out, err = cli("gate", tmp_path / "s.csv", "--baseline", "old", "--candidate", "new", "--margin", "0.005")
    assert out.count("\n") == 1
    assert "embsig: warning: all tasks: the differences are strongly skewed (skewness -2.7)" in err


def test_two_trec_runs_that_lack_different_queries_are_asked_about(tmp_path: Path, cli: Any) -> None:
    pytest.importorskip("ir_measures")
    write_trec(tmp_path)
    lines = (tmp_path / "run_hybrid.trec").read_text().splitlines()
    queries = sorted({line.split()[0] for line in lines})
    (tmp_path / "run_half.trec").write_text(
        "".join(f"{line.replace('hybrid', 'half')}\n" for line in lines if line.split()[0] in queries[::2])
    )
    runs = [tmp_path / f"run_{name}.trec" for name in ("bm25", "half")]
    asked = ("gate", *runs, "--qrels", tmp_path / "qrels.txt", "--by", "nDCG@10", "--margin", 0.05)
    roles = ("--baseline", "bm25", "--candidate", "half")
    for names in (roles, ("--baseline", "half", "--candidate", "bm25")):
        code, out, said = cli(*asked, *names)
        assert (code, out) == (2, "")
        assert f"'half' lacks {len(queries) // 2} judged queries that 'bm25' has" in said
        assert "--missing-queries drop" in said
    for how in ("drop", "zero"):
        assert cli(*asked, *roles, "--missing-queries", how)[0] in (0, 1, 3)


@pytest.mark.parametrize(
    ("places", "says"),
    [
        (("--json", "-", "--markdown", "-"), "--json and --markdown both write to standard output: expected a place for each"),
        (("--json", "a.txt", "--junit", "a.txt"), "--json and --junit both write to a.txt"),
        (("--junit", "no/where/gate.xml"), "--junit no/where/gate.xml: there is no folder no/where"),
    ],
)  # fmt: skip
def test_places_are_checked_before_anything_is_computed(
    table: Path, places: tuple[str, ...], says: str, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(table.parent)
    code, out, said = cli("gate", table, "--baseline", "base", "--candidate", "good", "--margin", 0.005, *places)
    assert (code, out) == (2, "")
    assert says in said
    assert not list(table.parent.glob("a.txt"))
