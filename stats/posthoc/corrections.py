"""The corrections for many comparisons: every fact about each of them, in one place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ..common.registry import Registry
from ..results import Floats
from . import procedures
from ._bergmann_hommel import bergmann_hommel

Kind = Literal["none", "single-step", "step-down", "step-up", "false discovery rate"]


@dataclass(frozen=True)
class Correction:
    """A correction for many comparisons.

    Attributes
    ----------
    name : str
        As users call it.
    title : str
        As headings and tables call it: ``"Holm"``.
    phrase : str
        As a sentence says it, behind the name of the test: ``"Holm-corrected"``; empty where the test's title says it.
    kind : {"none", "single-step", "step-down", "step-up", "false discovery rate"}
        The last controls the expected share of false discoveries, the others the chance of any.
    references : tuple of str
        Works that it is from.
    adjust : callable or None
        Sorted p-values (without NaN) and the size of the whole table to adjusted p-values. None: it works on joint draws of
        all pairs or is part of a test, and a test says how it runs (``Test.joint``, ``Test.own_correction``).
    all_pairs_only : bool
        Whether it takes all pairs of k models, and no comparisons with a control.
    by_pair : bool
        Whether `adjust` must know which pair a p-value is of: it is handed the whole table in row order, NaN included.
    joint : bool
        Whether it takes joint draws of all pairs.
    note : str
        What it asks of the data, for help texts.

    Examples
    --------
    Bonferroni's multiplies each p-value by their number:

    >>> import embsig
    >>> from stats.posthoc.corrections import CORRECTIONS
    >>> CORRECTIONS["bonferroni"].title
    'Bonferroni'
    >>> embsig.adjust([0.01, 0.2, 0.4], method="bonferroni").round(2).tolist()
    [0.03, 0.6, 1.0]
    """

    name: str
    title: str
    phrase: str
    kind: Kind
    references: tuple[str, ...] = ()
    adjust: Callable[[Floats, int], Floats] | None = None
    all_pairs_only: bool = False
    by_pair: bool = False
    joint: bool = False
    note: str = ""


#: Corrections by name. Others' are found by the entry points of the group ``embsig.corrections``.
CORRECTIONS: Registry[Correction] = Registry("correction", Correction, "embsig.corrections")


def register_correction(correction: Correction, *, replace: bool = False) -> None:
    """Make a correction known to `adjust`, `compare` and the command line by its name.

    Parameters
    ----------
    correction : Correction
    replace : bool
        Take the place of one of the same name.

    Raises
    ------
    InputError
        If the name is taken.

    Examples
    --------
    No correction under another name, until it is taken off:

    >>> from dataclasses import replace
    >>> import embsig
    >>> from stats.posthoc.corrections import CORRECTIONS
    >>> embsig.register_correction(replace(CORRECTIONS["bonferroni"], name="five-percent"))
    >>> embsig.adjust([0.01, 0.4], method="five-percent").tolist()
    [0.02, 0.8]
    >>> CORRECTIONS.unregister("five-percent")
    """
    CORRECTIONS.register(correction, replace=replace)


_DUNN = (
    "Dunn, O. J. (1961). Multiple comparisons among means. Journal of the American Statistical Association 56, 52–64."
)

for _correction in (
    Correction("none", "none", "uncorrected", "none", (), procedures.none),
    Correction("bonferroni", "Bonferroni", "Bonferroni-corrected", "single-step", (_DUNN,), procedures.bonferroni),
    Correction(
        "holm",
        "Holm",
        "Holm-corrected",
        "step-down",
        (
            "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6, 65–70.",
        ),
        procedures.holm,
        note="any dependence",
    ),
    Correction(
        "hochberg",
        "Hochberg",
        "Hochberg-corrected",
        "step-up",
        (
            "Hochberg, Y. (1988). A sharper Bonferroni procedure for multiple tests of significance. Biometrika 75, 800–802.",
        ),
        procedures.hochberg,
        note="positive dependence",
    ),
    Correction(
        "hommel",
        "Hommel",
        "Hommel-corrected",
        "step-up",
        (
            "Hommel, G. (1988). A stagewise rejective multiple test procedure based on a modified Bonferroni test. Biometrika 75, 383–386.",
        ),
        procedures.hommel,
        note="positive dependence",
    ),
    Correction(
        "bh",
        "Benjamini-Hochberg",
        "Benjamini-Hochberg-corrected",
        "false discovery rate",
        (
            "Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society B 57, 289–300.",
        ),
        procedures.bh,
        note="false discovery rate, positive dependence",
    ),
    Correction(
        "by",
        "Benjamini-Yekutieli",
        "Benjamini-Yekutieli-corrected",
        "false discovery rate",
        (
            "Benjamini, Y. and Yekutieli, D. (2001). The control of the false discovery rate in multiple testing under dependency. Annals of Statistics 29, 1165–1188.",
        ),
        procedures.by,
        note="false discovery rate, any dependence",
    ),
    Correction(
        "shaffer",
        "Shaffer",
        "Shaffer-corrected",
        "step-down",
        (
            "Shaffer, J. P. (1986). Modified sequentially rejective multiple test procedures. Journal of the American Statistical Association 81, 826–831.",
        ),
        procedures.shaffer,
        all_pairs_only=True,
        note="all pairs",
    ),
    Correction(
        "bergmann-hommel",
        "Bergmann-Hommel",
        "Bergmann-Hommel-corrected",
        "step-down",
        (
            'Garcia, S. and Herrera, F. (2008). An extension on "Statistical comparisons of classifiers over multiple data sets" for all pairwise comparisons. Journal of Machine Learning Research 9, 2677–2694.',
        ),
        bergmann_hommel,
        all_pairs_only=True,
        by_pair=True,
        note="all pairs of up to 9 models",
    ),
    Correction(
        "romano-wolf",
        "Romano-Wolf",
        "Romano-Wolf-corrected",
        "step-down",
        (
            "Romano, J. P. and Wolf, M. (2005). Stepwise multiple testing as formalized data snooping. Econometrica 73, 1237–1282.",
        ),
        joint=True,
    ),
    Correction(
        "max-t",
        "max-t",
        "corrected by joint sign flips (max-t)",
        "single-step",
        (
            "Westfall, P. H. and Young, S. S. (1993). Resampling-Based Multiple Testing. Wiley.",
            "Romano, J. P. and Wolf, M. (2005). Exact and approximate stepdown methods for multiple hypothesis testing. Journal of the American Statistical Association 100, 94–108.",
        ),
        joint=True,
        note="all pairs at once, with intervals that hold together; Wilcoxon, sign and sign-flip tests",
    ),
    Correction("studentized range", "studentized range", "", "single-step"),
    Correction("bonferroni-dunn", "Bonferroni-Dunn", "Bonferroni-Dunn-corrected", "single-step", (_DUNN,)),
):
    register_correction(_correction)
