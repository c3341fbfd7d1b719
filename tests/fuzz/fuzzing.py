"""How the tests of this folder draw, and the names, numbers and tables that they draw."""

import os
import re
import unicodedata

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bench.intake.aggregates import is_aggregate_name
from bench.intake.cells import is_nothing
from bench.intake.cells import name as as_read
from bench.intake.headings import LEADERBOARD, METADATA, fold, role
from bench.intake.metric_directions import without_arrow

#: EMBSIG_FUZZ=500 draws so many other examples; without it the same few every time.
MORE = int(os.environ.get("EMBSIG_FUZZ", "0"))
FUZZ = settings(
    deadline=None, max_examples=MORE or 20, derandomize=not MORE, suppress_health_check=list(HealthCheck), database=None
)
#: For what takes a tenth of a second or more.
SLOW = settings(FUZZ, max_examples=MORE // 5 or 4)

#: Names that mean something to somebody: to a reader of numbers, a spreadsheet, HTML, LaTeX, Markdown, a shell, a terminal.
ODD = (
    *("NA", "nan", "null", "None", "1", "1e5", "0.10", "True", "-", "_", "model", "a b", " lead", "trail ", "-0"),
    *("a,b", 'say "a"', '"', "'", "a\tb", "a;b", "a\nb", "a\rb", "a\r\nb", "=1+1", "+1", "@SUM(A1)", "-1+2", "\t=1"),
    *(
        "<b>x</b>",
        "</script><script>alert(1)</script>",
        "<!--",
        "-->",
        "]]>",
        "&amp;",
        "&lt;",
        'x" onload="y',
        "{{7*7}}",
    ),
    *(
        "a_b^c",
        "50%",
        "$x$",
        "a&b",
        "#1",
        "{",
        "}",
        "\\",
        "\\input{x}",
        "~",
        "a|b",
        "`x`",
        "[x](y)",
        "**x**",
        "<<",
        "--",
    ),
    *("\x1b[31mred", "\x07", "a\x00b", "a\x7fb", "\u202eabc", "a\u200bb", "\ufeffx", "\u2028", "a\u0085b", "\u00a0"),
    *("\u00e9", "e\u0301", "模型", "مدل", "🦜", "n" * 300, "../../x", "org/model", "x\ud800"),
)
names = st.one_of(
    st.sampled_from(ODD), st.text(min_size=1, max_size=6), st.text("ab \n\t\"',|&<%\\", min_size=1, max_size=4)
)
#: What a score can be: also very small, very large, with many digits, minus zero.
finite = st.one_of(
    st.integers(0, 8).map(lambda i: i / 8),
    st.floats(0, 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.1 + 0.2, 1e-300, 5e-324, -0.0, 1.7976931348623157e308, 1 / 3]),
)


def clean(name: str) -> str:
    """What is kept of a name."""
    return unicodedata.normalize("NFC", name).strip()


def as_it_stands(name: str) -> bool:
    """Whether a reader of people's tables takes a name as it is: no marks of a text, no formula, no heading, average or direction.

    What Hypothesis draws depends on the modules that are loaded, whose texts it tries, too: any word of ours may come.
    """
    kept = clean(name)
    return (
        as_read(kept) == kept == without_arrow(kept)
        and not kept.startswith("'")
        and not is_aggregate_name(kept)
        and not is_nothing(kept)
        and role(kept) is None
        and fold(kept) not in {*METADATA, *LEADERBOARD}
        and not re.search(r"[\x00-\x1f]", name)
    )


@st.composite
def named_tables(draw, most=4, cells=finite):
    """A table of tasks x models with such names, as they are drawn: some are refused."""
    models = draw(st.lists(names, min_size=1, max_size=most))
    tasks = draw(st.lists(names, min_size=1, max_size=most))
    size = len(models) * len(tasks)
    values = draw(st.lists(cells | st.just(np.nan), min_size=size, max_size=size))
    rows, columns = (pd.Index(n, dtype=object) for n in (tasks, models))  # pandas' own text is UTF-8
    return pd.DataFrame(np.reshape(values, (len(tasks), len(models))), rows, columns)
