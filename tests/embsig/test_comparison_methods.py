"""A comparison shows itself: `.plot`, `.report`, `.to_latex`, `.to_markdown` are what the functions of reports give."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import embsig
import reports


@pytest.fixture(scope="module")
def comparison() -> embsig.Comparison:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(rng.uniform(0.4, 0.7, (12, 4)) + np.array([0.1, 0.05, 0, 0]), columns=list("abcd"))
    return embsig.compare(frame.set_axis([f"t{i}" for i in range(12)]), n_resamples=200, rng=0)


def texts(ax) -> list[str]:
    return [t.get_text() for t in ax.figure.findobj(lambda artist: hasattr(artist, "get_text"))]


@pytest.mark.parametrize("kind", ["critical-difference", "forest", "rank_intervals"])
def test_plot_draws_the_figure_of_that_name(kind: str, comparison: embsig.Comparison) -> None:
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    drawn = comparison.plot(kind, ax)
    assert drawn is ax
    _, other = plt.subplots()
    assert texts(drawn) == texts(getattr(reports, kind.replace("-", "_"))(comparison, other))
    plt.close("all")


def test_plot_is_a_critical_difference_diagram_if_nothing_is_said(comparison: embsig.Comparison) -> None:
    assert texts(comparison.plot()) == texts(embsig.critical_difference(comparison))


def test_an_unknown_kind_is_an_input_error(comparison: embsig.Comparison) -> None:
    with pytest.raises(embsig.InputError, match="forest"):
        comparison.plot("forrest")


def test_options_reach_the_figure_and_the_tables(comparison: embsig.Comparison) -> None:
    assert "An own title" in texts(comparison.plot(title="An own title"))
    assert r"\label{tab:own}" in comparison.to_latex(label="tab:own")
    assert comparison.to_latex() == embsig.latex_table(comparison)
    assert comparison.to_markdown(pairs=3) == embsig.markdown_table(comparison, pairs=3)


def test_report_writes_the_page_and_says_where(
    comparison: embsig.Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.chdir(tmp_path)
    assert comparison.report() == Path("report.html")
    page = comparison.report(tmp_path / "page.html", title="Ours")
    assert page.read_text(encoding="utf-8") == embsig.html_report(comparison, title="Ours")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == embsig.html_report(comparison)


def test_who_only_computes_loads_nothing_that_draws() -> None:
    program = (
        "import sys, pandas as pd, stats\n"
        "stats.compare(pd.DataFrame({'a': [.1, .2, .3], 'b': [.2, .1, .5]}), rng=0, n_resamples=50)\n"
        "print(sorted({'reports', 'matplotlib', 'jinja2', 'bench', 'embsig'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True, check=True)
    assert done.stdout.strip() == "[]"
