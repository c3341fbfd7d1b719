"""What the study writes, and its comparison with the published numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from bench import paper
from reports.study import beside_the_paper, paper_sentence, study_opening, write_study
from reports.study.picture import designs_by_family
from stats import Scores, compare


@pytest.fixture(scope="module")
def scores() -> Scores:
    """Five variants on eight tasks of two families; model-5 is better on STS and worse on clustering."""
    rng = np.random.default_rng(5)
    tasks = [f"sts-{i}" for i in range(4)] + [f"clustering-{i}" for i in range(4)]
    base = rng.uniform(0.4, 0.7, len(tasks))
    shift = np.repeat([1.0, -1.0], 4)
    table = {m: base + 0.02 * i * shift + rng.normal(0, 1e-3, len(tasks)) for i, m in enumerate(paper.MODELS)}
    long = (
        pd.DataFrame(table, index=tasks)
        .rename_axis("task")
        .reset_index()
        .melt("task", var_name="model", value_name="score")
    )
    long["family"] = np.where(long["task"].str.startswith("sts"), "STS", "Clustering")
    return Scores.from_frame(long)


def test_published_differences_stand_beside_ones_own(scores: Scores) -> None:
    against = compare(scores, control="model-1", n_resamples=200, rng=0)
    table = beside_the_paper(against, paper.FAMILY_MEANS, paper.SIGNIFICANT, paper.MODELS)
    assert list(table["family"].unique()) == [
        "STS",
        "Clustering",
    ]  # the paper's order; families without scores are left out
    row = table.set_index(["family", "model"]).loc[("STS", "model-5")]
    assert row["published_difference"] == pytest.approx(0.0166)
    assert row["published_significant"]
    assert row["difference"] == pytest.approx(0.08, abs=0.005)
    assert row["same_direction"]
    assert row["n"] == 4
    # All the paper's differences are positive on STS and negative on clustering, and so are these.
    assert table["same_direction"].all()
    assert "8 family differences" in paper_sentence(table)
    assert "8 point the same way" in paper_sentence(table)
    assert "marks as significant 6:" in paper_sentence(table)


def test_without_the_baseline_there_is_nothing_to_set_beside() -> None:
    assert "None of" in paper_sentence(pd.DataFrame())


def test_the_study_is_written_whole_and_one_seed_gives_the_same_bytes(
    scores: Scores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    first, second = (
        write_study(scores, compare(scores, rng=1, n_resamples=200), tmp_path / name) for name in ("a", "b")
    )
    assert len(first.verdict) == 3
    assert first.files[0].name == "report.html"
    assert {f.name for f in first.files} >= {
        "scores.csv",
        "ranks.csv",
        "pairs.csv",
        "comparison.json",
        "beside-the-paper.csv",
    }
    for one, other in zip(first.files, second.files, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_the_verdict_tells_other_tasks_from_other_training_runs(scores: Scores, tmp_path: Path) -> None:
    long = scores.select(tasks="sts-*").to_frame(long=True)
    long["score"] += 0.1 * (
        long["model"] == "model-5"
    )  # best on every task, and by more than the runs of one model differ
    noise = np.random.default_rng(2)
    unsteady = long["model"].isin(["model-1", "model-2"])  # their runs differ by as much as the models do
    runs = [long.assign(seed=s, score=long["score"] + unsteady * noise.normal(0, 0.3)) for s in (0, 1, 2)]
    scores = Scores.from_frame(pd.concat(runs))
    comparison = compare(scores, rng=1, n_resamples=200)
    found = write_study(scores, comparison, tmp_path)
    pairs = comparison.further["variance"]["training_runs"].frame
    told = pairs[pairs["pvalue_adjusted"] <= 0.05]
    mine = int(((told["model_a"] == "model-5") | (told["model_b"] == "model-5")).sum())
    assert 0 < mine < 4
    assert len(found.verdict) == 3
    assert f"and from {mine} over other training runs (3 seeds a model)." in found.verdict[1]


@pytest.fixture
def claims() -> pd.DataFrame:
    """Two answers as `bench.study` gives them, one of them of no single contrast."""
    nothing = float("nan")
    rows = [
        ("H1", "No design <fits> all.", "supported", nothing, nothing, nothing, 0.0001, 0.0008, nothing, 36),
        ("H2", "model-5 beats model-1.", "undecided", 0.0123, -0.001, 0.0256, 0.06, 0.48, 0.2, 9),
    ]
    names = "name claim verdict estimate low high pvalue pvalue_adjusted seed_share n_tasks"
    return pd.DataFrame(rows, columns=names.split())


@pytest.fixture
def profile() -> pd.DataFrame:
    """Differences of two designs from the first in two families; one leaves 0 out together with all others."""
    rows = [
        (family, model, 0.6, d, d - 0.03, d + 0.03, d - 0.01, d + 0.01, 9)
        for family, model, d in (
            ("STS", "b", 0.05),
            ("STS", "c", 0.0),
            ("Clustering", "b", -0.01),
            ("Clustering", "c", 0.02),
        )
    ]
    return pd.DataFrame(
        rows, columns=["family", "model", "mean", "difference", "low", "high", "low_marginal", "high_marginal", "n"]
    )


def test_the_page_of_a_study_opens_with_its_claims(
    scores: Scores, claims: pd.DataFrame, profile: pd.DataFrame, tmp_path: Path
) -> None:
    opening = study_opening(
        claims,
        profile,
        sentences=["One is supported."],
        notes=["Rests on 9 tasks."],
        baseline="a",
        names={"b": "the second"},
    )
    assert "1 of 4 differences exclude 0" in opening.picture.description
    assert [c["verdict"] for c in opening.claims] == ["supported", "undecided"]
    assert opening.claims[0]["interval"] == opening.claims[0]["estimate"] == "–"
    assert opening.claims[1]["interval"] == "[−0.0010, +0.0256]"
    assert opening.claims[1]["pvalue"] == "0.480"
    comparison = compare(scores, rng=1, n_resamples=200)
    found = write_study(scores, comparison, tmp_path, opening=opening)
    page = (tmp_path / "report.html").read_text()
    assert (
        page.index("One is supported.") < page.index("H1</b> No design &lt;fits&gt; all.") < page.index('id="verdict"')
    )
    assert "<h1>Which poolings and attentions make good embeddings, and for which tasks?</h1>" in page
    assert ">the second</text>" in page
    assert found.verdict[0] == "One is supported."
    assert pd.read_csv(tmp_path / "answers.csv")["verdict"].tolist() == ["supported", "undecided"]
    assert len(pd.read_csv(tmp_path / "designs-by-family.csv")) == 4


def test_the_picture_shows_every_interval_of_one_difference_and_cuts_what_would_hide_them() -> None:
    """From few training seeds the intervals of all differences together can be a hundred times as long as those of one."""
    row = {"family": "STS", "difference": 0.01, "low_marginal": -0.02, "high_marginal": 0.04, "n": 9}
    table = pd.DataFrame(
        [{**row, "model": "a", "low": -0.05, "high": 0.07}, {**row, "model": "b", "low": -5.0, "high": 5.02}]
    )
    ax = designs_by_family(table, baseline="model-1", names={})
    assert [t.get_text() for t in ax.get_xticklabels()] == ["−0.1", "0", "+0.1"]  # 3 x .04 is seen
    assert len([line for line in ax.lines if line.get_marker() in ("<", ">")]) == 2
    assert any("goes on" in t.get_text() for t in ax.figure.findobj(Text))
    whole = designs_by_family(table.head(1), baseline="model-1", names={})
    assert not [line for line in whole.lines if line.get_marker() in ("<", ">")]
    assert not any("goes on" in t.get_text() for t in whole.figure.findobj(Text))
