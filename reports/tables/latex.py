"""A table for a paper: booktabs, siunitx, the best in bold and those that cannot be told from it marked."""

from typing import TYPE_CHECKING

import pandas as pd

from reports.given import check_comparison
from reports.tex import escape_tex
from stats.common import text
from stats.common.text import TYPESET

from .named import named_frame
from .rows import frame_table, method_lines

if TYPE_CHECKING:
    from stats import Comparison


def latex_table(
    comparison: "Comparison",
    *,
    families: bool = True,
    points: bool = True,
    caption: str | None = None,
    label: str | None = None,
    table: str | None = None,
) -> str:
    r"""Write the ranking as a LaTeX table, or one other table.

    Parameters
    ----------
    comparison : Comparison
    families : bool
        A column per task family (its mean score), where families are known.
    points : bool
        Write fractions (0 to 1) as points (0 to 100) with two decimals, as papers do.
    caption, label : str, optional
    table : str, optional
        This table instead, by its name in `TABLES`, as plain columns; the caption names the method.

    Returns
    -------
    str
        Needs the packages booktabs and siunitx. In each column the best mean is bold, and a dagger marks the
        models whose difference from that model (with a control: from the control) is not significant in the comparison
        (of that family).

    Examples
    --------
    Means of .65 and .55, in points:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> [line.strip() for line in embsig.latex_table(comparison).splitlines() if line.strip().startswith("b ")]
    ['b & 2.00 & 2 & 55.00 \\\\']
    """
    check_comparison(comparison, "latex_table")
    if table is not None:
        return _plain_table(comparison, table, caption, label)
    ranks_table = comparison.ranks
    parts = dict(comparison.families) if families else {}
    scale = 100.0 if points and text.places(ranks_table["mean"]) == 4 else 1.0
    columns = [_column(comparison, scale)] + [_column(part, scale) for part in parts.values()]
    models = [str(m) for m in ranks_table["model"]]
    ranks = TYPESET.ranks(ranks_table["mean_rank"])
    whole = max((len(c[m][0].split(".")[0]) for c in columns for m in models if m in c), default=2)
    digits = len(ranks[0].split(".")[1]) if ranks and "." in ranks[0] else 2
    number = f"S[table-format={whole}.{2 if scale == 100 else text.places(ranks_table['mean'])},table-space-text-post={{$^\\dagger$}},detect-weight=true]"
    rank_format = f"S[table-format={max(len(r.split('.')[0]) for r in ranks)}.{digits}]"
    heads = ["{Mean rank}", f"{{Rank ({escape_tex(comparison.method.percent).replace(' ', '~')})}}", "{Mean}"]
    heads += [f"{{{escape_tex(f)}}}" for f in parts]
    lines = [
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{escape_tex(caption) if caption else _caption(comparison)}}}",
        *([rf"  \label{{{label}}}"] if label else []),
        rf"  \begin{{tabular}}{{l{rank_format}c*{{{len(columns)}}}{{{number}}}}}",
        r"    \toprule",
        rf"    Model & {' & '.join(heads)} \\",
        r"    \midrule",
    ]
    for model, rank, low, high in zip(models, ranks, ranks_table["rank_low"], ranks_table["rank_high"], strict=True):
        cells = [escape_tex(model), rank, TYPESET.integers(low, high).replace("–", "--")]
        for column in columns:
            mean, best, tied = column.get(model, ("{--}", False, False))
            cells.append((rf"\bfseries {mean}" if best else mean) + (r"{$^\dagger$}" if tied else ""))
        lines.append(f"    {' & '.join(cells)} \\\\")
    lines += [r"    \bottomrule", r"  \end{tabular}", r"\end{table}"]
    # A comment: a caption has no room for references, and a paper has its own way of citing them.
    head = "".join(f"% {line}\n" for line in ["needs \\usepackage{booktabs,siunitx}", *method_lines(comparison)])
    return head + "\n".join(lines) + "\n"


def _plain_table(comparison: "Comparison", name: str, caption: str | None, label: str | None) -> str:
    """Any table, text left and numbers right."""
    frame, words = named_frame(comparison, name)
    table = frame_table(frame)
    align = "".join("l" if i in table.text_columns else "r" for i in range(len(table.columns)))
    lines = [
        "% needs \\usepackage{booktabs}",
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{escape_tex(caption or words)}}}",
        *([rf"  \label{{{label}}}"] if label else []),
        rf"  \begin{{tabular}}{{{align}}}",
        r"    \toprule",
        f"    {' & '.join(map(escape_tex, table.columns))} \\\\",
        r"    \midrule",
        *(f"    {' & '.join(map(escape_tex, row))} \\\\" for row in table.rows),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _column(comparison: "Comparison", scale: float) -> dict[str, tuple[str, bool, bool]]:
    """Per model: its mean as text, whether it is the best, whether it cannot be told from the best, or from the control."""
    table = comparison.ranks
    means = pd.Series(table["mean"].to_numpy(float) * scale, index=table["model"].astype(str))
    digits = 2 if scale == 100 else text.places(means)
    best = str(means.idxmax() if comparison.scores.higher_is_better else means.idxmin())
    pairs = comparison.pairs
    anchor = best if comparison.control is None else str(comparison.control)
    against = pairs[(pairs["model_a"] == anchor) | (pairs["model_b"] == anchor)]
    against = against[~against["significant"].astype(bool)]
    tied = (set(against["model_a"].astype(str)) | set(against["model_b"].astype(str))) - {anchor}
    return {m: (f"{v:.{digits}f}", m == best, m in tied) for m, v in means.items()}  # type: ignore[misc]  # names are str


def _caption(comparison: "Comparison") -> str:
    phrase = escape_tex(comparison.method.caption(TYPESET))
    whom = "it" if comparison.control is None else f"the control {escape_tex(comparison.control)}"
    return (
        f"{comparison.n_models} models on {text.count(comparison.n_tasks, comparison.scores.unit)}. Bold: best mean; "
        rf"$^\dagger$: cannot be told apart from {whom} ({phrase})."
    )
