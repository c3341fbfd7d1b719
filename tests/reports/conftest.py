"""Comparisons of any size, with names of any length."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from stats import Comparison, Scores, compare, factorial

Make = Callable[..., Comparison]


@pytest.fixture
def compile_tex(tmp_path):
    """Return a function that compiles a document; without a TeX that has these files the test is skipped."""

    def compiled(document: str, *files: str) -> bytes:
        for program in ("pdflatex", "kpsewhich"):
            if shutil.which(program) is None:
                pytest.skip(f"no {program} on this machine")
        for file in files:
            if subprocess.run(["kpsewhich", file], capture_output=True, check=False).returncode:
                pytest.skip(f"this machine's TeX has no {file}")
        (tmp_path / "document.tex").write_text(document, encoding="utf-8")
        subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "document.tex"],
            cwd=tmp_path, check=True, timeout=60, capture_output=True,
        )  # fmt: skip
        return (tmp_path / "document.pdf").read_bytes()

    return compiled


@cache
def _make(
    k: int, length: int = 12, tasks: int = 10, families: int = 0, control: int | None = None, test: str = "wilcoxon",
    spread: float = 0.03, points: bool = False, design: bool = False,
) -> Comparison:  # fmt: skip
    """Compare k models with names of so many characters; neighbours are near each other."""
    rng = np.random.default_rng(k)
    values = 0.6 + rng.normal(0, spread, (tasks, k)) - 0.25 * np.linspace(0, 1, k) + rng.normal(0, 0.1, (tasks, 1))
    names = [_name(i, length) for i in range(k)]
    table = pd.DataFrame(np.clip(values, 0.01, 0.99).round(4) * (100 if points else 1), columns=names)
    table.insert(0, "task", [f"Task{i}Classification" for i in range(tasks)])
    info = pd.DataFrame({"family": [None if not families else f"Family{i % families}" for i in range(tasks)]})
    scores = Scores.from_frame(table, tasks=info.set_index(table["task"]))
    factors = pd.DataFrame(
        {"pooling": [f"pooling-{i // 2}" for i in range(k)], "attention": [("causal", "full")[i % 2] for i in range(k)]}
    )
    found = compare(
        scores, n_resamples=200, rng=0, control=None if control is None else names[control], test=test,
        correction="none" if test == "nemenyi" else "holm",
        cards=pd.DataFrame({"n_parameters": 1e8 * 2.0 ** rng.permutation(k)}, index=names) if design else None,
    )  # fmt: skip

    return (
        replace(found, design=factorial(scores, factors.set_index(pd.Index(names)), n_resamples=100, rng=0))
        if design
        else found
    )


def _name(i: int, length: int) -> str:
    stem = f"{i:x}/" if length < 8 else f"organisation-{i}/model_"
    return (stem + "Embed-large_instruct.v2-" * 10)[: length - 3] + f"{i:03d}"


@pytest.fixture(scope="session")
def make() -> Make:
    """Return the maker of comparisons; the same arguments give the same object."""
    return _make


@pytest.fixture(autouse=True)
def _no_figure_left():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


@pytest.fixture
def boxes():
    """Return a function from an Axes to the texts drawn on its figure and their boxes in pixels."""
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    def measure(ax):
        figure = ax.get_figure(root=True)
        figure.canvas.draw()
        renderer = figure.canvas.get_renderer()
        found = []
        beyond = set()  # ticks beyond the axes' limits exist, but are not drawn
        for axes in figure.findobj(Axes):
            for axis in (axes.xaxis, axes.yaxis):
                drawn = set(axis._update_ticks()) if axes.axison else set()
                beyond |= {
                    id(label) for t in axis.get_major_ticks() if t not in drawn for label in (t.label1, t.label2)
                }
        for text in figure.findobj(Text):
            if id(text) not in beyond and text.get_visible() and text.get_text().strip():
                found.append((text.get_text(), text.get_window_extent(renderer)))
        return found, figure.bbox

    return measure
