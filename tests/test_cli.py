"""The command line: data to stdout, messages to stderr, one line and exit code 2 for bad input."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from embsig.cli import app as command_line

Cli = Callable[..., tuple[int, str, str]]

GOOD = "task,a,b,c\n" + "".join(f"t{i},0.{60 + i},0.{50 + (3 * i) % 7},0.{40 + i}\n" for i in range(10))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    path.write_text(GOOD)
    return path


def absent(path: Path) -> None:
    """Leave the path without a file."""


BAD: dict[str, tuple[Callable[[Path], object], list[str], str]] = {
    "missing file": (absent, [], "no such file"),
    "empty file": (lambda p: p.write_text(""), [], "empty"),
    "prose": (
        lambda p: p.write_text("To be, or not to be, that is the question.\nWhether 'tis nobler\n"),
        [],
        "expected",
    ),
    "bytes": (lambda p: p.write_bytes(bytes(range(256)) * 20), [], "not UTF-8 text"),
    "heading only": (lambda p: p.write_text("task,a,b\n"), [], "at least one row"),
    "one model": (lambda p: p.write_text("task,a\nt1,.1\nt2,.2\n"), [], "1 model"),
    "one task": (lambda p: p.write_text("task,a,b\nt1,.1,.2\n"), [], "1 task"),
    "infinity": (lambda p: p.write_text("task,a,b\nt1,.1,inf\nt2,.1,.2\n"), [], "infinite"),
    "text in a cell": (lambda p: p.write_text("task,a,b\nt1,.1,good\nt2,.1,.2\n"), [], "'good'"),
    "decimal comma": (lambda p: p.write_text('task,a,b\nt1,.1,"0,5"\nt2,.1,.2\n'), [], "decimal comma"),
    "percent": (lambda p: p.write_text("task,a,b\nt1,.1,50%\nt2,.1,.2\n"), [], "percent"),
    "duplicate model": (lambda p: p.write_text("task,a,a\nt1,.1,.2\nt2,.1,.2\n"), [], "'a' is given 2 times"),
    "duplicate task": (lambda p: p.write_text("task,a,b\nt1,.1,.2\nt1,.1,.2\n"), [], "'t1' is given 2 times"),
    "unnamed model": (lambda p: p.write_text("task,a,\nt1,.1,.2\nt2,.1,.2\n"), [], "has no name"),
    "unknown layout": (lambda p: p.write_text("name,a,b\nt1,.1,.2\nt2,.1,.2\n"), [], "--rows"),
    "truncated gzip": (lambda p: p.write_bytes(gzip.compress(GOOD.encode() * 50)[:60]), [], "cannot be read"),
    "unknown benchmark": (lambda p: p.write_text(GOOD), ["--benchmark", "MTEB(eng, v9)"], "benchmark"),
    "unknown control": (lambda p: p.write_text(GOOD), ["--control", "d"], "'d'"),
    "unknown family": (lambda p: p.write_text(GOOD), ["--family", "STS"], "'STS'"),
    "unknown model": (lambda p: p.write_text(GOOD), ["--model", "z*"], "'z*'"),
    "unknown test": (lambda p: p.write_text(GOOD), ["--test", "wilcoxn"], "wilcoxon"),
    "unknown correction": (lambda p: p.write_text(GOOD), ["--correction", "hol"], "holm"),
    "unknown missing policy": (lambda p: p.write_text(GOOD), ["--missing", "drop"], "'drop'"),
    "unknown level": (lambda p: p.write_text(GOOD), ["--level", "words"], "'words'"),
    "alpha of 0": (lambda p: p.write_text(GOOD), ["--alpha", "0"], "alpha"),
    "alpha of 2": (lambda p: p.write_text(GOOD), ["--alpha", "2"], "alpha"),
    "alpha of nan": (lambda p: p.write_text(GOOD), ["--alpha", "nan"], "alpha"),
    "no resamples": (lambda p: p.write_text(GOOD), ["--resamples", "0"], "resamples"),
    "top of 0": (lambda p: p.write_text(GOOD), ["--top", "0"], "top"),
    "top of 1": (lambda p: p.write_text(GOOD), ["--top", "1"], "two or more"),
    "unknown option": (lambda p: p.write_text(GOOD), ["--frobnicate"], "--frobnicate"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_line_and_exit_code_2(case: str, cli: Cli, tmp_path: Path) -> None:
    make, options, expected = BAD[case]
    path = tmp_path / ("scores.csv.gz" if "gzip" in case else "scores.csv")
    make(path)
    code, out, err = cli("compare", path, *options)
    assert code == 2, err
    assert out == ""
    assert len(err.strip().splitlines()) == 1, err
    assert err.startswith("embsig: error: ")
    assert expected in err


def test_compare_json_has_the_contracts_keys(cli: Cli, table: Path) -> None:
    code, out, _ = cli("compare", table, "--format", "json", "--resamples", "500")
    assert code == 0
    found = json.loads(out)
    assert {"test", "correction", "alpha", "confidence_level", "level", "resamples", "seed"} <= set(found["method"])
    assert found["n_tasks"] == 10
    assert found["n_models"] == 3
    assert set(found["excluded"]) == {"models", "tasks"}
    assert {"statistic", "df", "pvalue"} <= set(found["omnibus"]["friedman"])
    assert {"statistic", "df1", "df2", "pvalue"} <= set(found["omnibus"]["iman_davenport"])
    assert found["nemenyi_critical_difference"] == pytest.approx(1.0480, abs=1e-3)  # 2.343 sqrt(3 * 4 / 60)
    ranks = {"model", "mean", "mean_low", "mean_high", "mean_rank", "rank", "rank_low", "rank_high", "in_top_set"}
    assert ranks <= set(found["ranks"][0])
    pairs = {"model_a", "model_b", "n", "difference", "low", "high", "statistic", "pvalue", "pvalue_adjusted"}
    assert pairs | {"significant", "effect_size", "win", "tie", "loss"} <= set(found["pairs"][0])
    assert {"cliques", "uncovered_pairs", "conclusions", "provenance"} <= set(found)


def test_one_seed_gives_the_same_bytes(cli: Cli, table: Path) -> None:
    first = cli("compare", table, "--format", "json", "--seed", "3", "--resamples", "300")
    assert first == cli("compare", table, "--format", "json", "--seed", "3", "--resamples", "300")


@pytest.mark.parametrize("form", ["text", "csv", "markdown", "latex"])
def test_compare_prints_every_form(form: str, cli: Cli, table: Path) -> None:
    code, out, err = cli("compare", table, "--format", form, "--resamples", "300")
    assert code == 0, err
    assert "a" in out
    assert "Traceback" not in err


def test_scores_wide_and_long(cli: Cli, table: Path, tmp_path: Path) -> None:
    assert cli("scores", table)[1].splitlines()[0] == "task,a,b,c"
    long = cli("scores", table, "--long")[1].splitlines()
    assert long[0] == "model,task,family,score"
    assert len(long) == 31
    assert cli("scores", table, "-o", tmp_path / "again.parquet")[0] == 0
    assert cli("scores", tmp_path / "again.parquet")[1] == cli("scores", table)[1]


@pytest.mark.parametrize("command", ["report", "plot critical_difference"])
def test_figures_and_pages_are_written_whole(command: str, cli: Cli, table: Path, tmp_path: Path) -> None:
    target = tmp_path / ("page.html" if command == "report" else "figure.svg")
    code, out, err = cli(*command.split(), table, "--resamples", "300", "-o", target)
    assert code == 0, err
    assert out == ""
    assert target.stat().st_size > 1000
    assert not list(tmp_path.glob("*.part"))


def test_an_output_folder_that_is_not_there_is_an_input_error(cli: Cli, table: Path, tmp_path: Path) -> None:
    code, _, err = cli("compare", table, "--resamples", "300", "-o", tmp_path / "absent" / "out.txt")
    assert code == 2, err
    assert "absent" in err


def test_debug_shows_the_traceback(table: Path) -> None:
    with pytest.raises(ValueError, match="'d'"):
        command_line.main(["compare", str(table), "--control", "d", "--debug"])


def test_the_help_names_every_kind_of_figure_and_every_test(cli: Cli) -> None:
    from reports import PLOTS
    from stats.comparison.tests import TESTS

    helps = "".join(
        word for command in ("compare", "plot") for word in cli(command, "--help")[1].split() if word != "│"
    )
    assert [name for name in [*PLOTS, *TESTS] if name not in helps] == []


def test_details_and_their_tables(cli: Cli, table: Path) -> None:
    code, out, _ = cli("compare", table, "--details", "--effect", "0.05", "--format", "json", "--resamples", "100")
    found = json.loads(out)
    assert code == 0
    assert set(found["rankings"]) == {"borda", "mean", "bradley_terry", "model_confidence_set"}
    assert found["planning"]["required_tasks"]["effect"] == 0.05
    code, out, _ = cli("compare", table, "--format", "csv", "--table", "borda", "--resamples", "100")
    assert (code, out.splitlines()[0]) == (0, "model,points,n_tasks,rank")
    code, _, err = cli("compare", table, "--format", "csv", "--table", "effects", "--resamples", "100")
    assert code == 2
    assert "needs details (--details)" in err


def test_one_sided_with_a_confidence_level_of_its_own(cli: Cli, table: Path) -> None:
    options = ("--control", "a", "--alternative", "less", "--confidence-level", "0.9", "--resamples", "100")
    code, out, _ = cli("compare", table, *options, "--format", "json")
    method = json.loads(out)["method"]
    assert (code, method["alternative"], method["confidence_level"]) == (0, "less", 0.9)


@pytest.mark.parametrize("odd", ["\u202e", "\x1b[2J", "\u2066", "\x07"])
def test_what_others_wrote_steers_no_terminal(odd: str, cli: Cli, tmp_path: Path) -> None:
    code, _, err = cli("compare", tmp_path / f"a{odd}b.csv")
    assert code == 2
    assert odd not in err
    assert f"a{ascii(odd)[1:-1]}b.csv: no " in err


def test_the_command_that_is_asked_for_is_laid_out_alone_and_the_same():
    """Its help must not depend on the others being there."""
    from typer.main import get_command

    from embsig.cli import app

    whole = get_command(app.app)
    for name in whole.commands:
        alone = get_command(app._asked([name, "--help"]))
        assert list(alone.commands) == [name]
        assert [(p.name, p.opts, p.help, str(p.default)) for p in alone.commands[name].params] == [
            (p.name, p.opts, p.help, str(p.default)) for p in whole.commands[name].params
        ]
        assert [p.name for p in alone.params] == [p.name for p in whole.params]
    for other in ([], ["--help"], ["compar"], ["--debug", "compare"]):
        assert app._asked(other) is app.app


def test_an_analysis_starts_no_threads_of_blas_and_a_run_of_models_does(monkeypatch: pytest.MonkeyPatch):
    from embsig.cli import app

    for command, found in (("compare", "1"), ("scores", "1"), ("run", None), ("train", None), ("--help", None)):
        monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
        app._without_idle_threads([command, "x"])
        assert os.environ.get("OPENBLAS_NUM_THREADS") == found
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")  # whoever asks for threads gets them
    app._without_idle_threads(["compare", "x"])
    assert os.environ["OPENBLAS_NUM_THREADS"] == "4"
