"""What was done, in words with references."""

import math
from typing import TYPE_CHECKING, Any

from stats.common import text
from stats.comparison.tests import TESTS

if TYPE_CHECKING:
    from stats import Comparison
    from stats.comparison.method import Method

#: Works that this page rests on beside those of its test and its correction, which say theirs.
REFERENCES = {
    "demsar": "Demšar, J. (2006). Statistical comparisons of classifiers over multiple data sets. Journal of Machine Learning Research 7, 1–30. https://www.jmlr.org/papers/v7/demsar06a.html",
    "pratt": "Pratt, J. W. (1959). Remarks on zeros and ties in the Wilcoxon signed rank procedures. Journal of the American Statistical Association 54, 655–667. https://doi.org/10.1080/01621459.1959.10501526",
    "friedman": "Friedman, M. (1937). The use of ranks to avoid the assumption of normality implicit in the analysis of variance. Journal of the American Statistical Association 32, 675–701. https://doi.org/10.1080/01621459.1937.10503522",
    "iman_davenport": "Iman, R. L. and Davenport, J. M. (1980). Approximations of the critical region of the Friedman statistic. Communications in Statistics A9, 571–595. https://doi.org/10.1080/03610928008827904",
    "ranks": "Mogstad, M., Romano, J. P., Shaikh, A. M. and Wilhelm, D. (2024). Inference for ranks with applications to mobility across neighbourhoods and academic achievement across countries. Review of Economic Studies 91, 476–518. https://doi.org/10.1093/restud/rdad006",
    "symmetric": "Hall, P. (1988). On symmetric bootstrap confidence intervals. Journal of the Royal Statistical Society B 50, 35–45.",
    "quade": "Quade, D. (1979). Using weighted rankings in the analysis of complete blocks with additive block effects. Journal of the American Statistical Association 74, 680–683. https://doi.org/10.1080/01621459.1979.10481670",
    "aligned_ranks": "Hodges, J. L. and Lehmann, E. L. (1962). Rank methods for combination of independent experiments in analysis of variance. Annals of Mathematical Statistics 33, 482–497. https://doi.org/10.1214/aoms/1177704575",
    "skillings_mack": "Skillings, J. H. and Mack, G. A. (1981). On the use of a Friedman-type statistic in balanced and unbalanced block designs. Technometrics 23, 171–177. https://doi.org/10.1080/00401706.1981.10486261",
    "rank_biserial": "Kerby, D. S. (2014). The simple difference formula: an approach to teaching nonparametric correlation. Comprehensive Psychology 3, 11.IT.3.1.",
    "mteb": "Muennighoff, N., Tazi, N., Magne, L. and Reimers, N. (2023). MTEB: Massive Text Embedding Benchmark. EACL, 2014–2037. https://doi.org/10.18653/v1/2023.eacl-main.148",
}

_WORDS = {
    "test": "Test",
    "test_name": "Exact form",
    "symbol": "Statistic",
    "estimand": "What the test is about",
    "correction": "Correction for many comparisons",
    "alpha": "Significance level α",
    "confidence_level": "Confidence level",
    "alternative": "Alternative",
    "zero_method": "Zero differences",
    "rope": "Region of practical equivalence ±",
    "units": "Taken as independent",
    "n_units": "How many of them",
    "level": "What is resampled",
    "resamples": "Resamples",
    "seed": "Seed",
    "statistic": "Statistic resampled",
    "groups": "Tasks of one source resampled together",
    "interval": "Intervals",
    "effect_size": "Effect size",
    "rank_set": "Confidence sets of ranks",
    "missing": "Missing scores",
    "smallest_adjusted_pvalue": "Smallest adjusted p possible",
    "population": "What the conclusions are about",
    "families": "Families of tasks",
    "margin": "Margin of equivalence ±",
}
#: What is said of tests that have p-values alone.
_OF_P = ("symbol", "correction", "alpha", "alternative", "smallest_adjusted_pvalue")
_FAMILIES = {"joint": "decided together with all tasks", "separate": "each decided by itself"}
_ZEROS = {
    "wilcox": "dropped (Wilcoxon)",
    "pratt": "ranked, then dropped (Pratt)",
    "zsplit": "ranked and split between both signs",
}
_MISSING = {
    "models": "models that lack a task are left out",
    "tasks": "tasks that a model lacks are left out",
    "auto": "a block of models and tasks was chosen that has every score",
    "keep": "kept: each pair is compared on the tasks that both have",
}


def method_rows(comparison: "Comparison") -> list[tuple[str, str]]:
    """Return what was done as (word, value), the known keys first and under their full names."""
    given = comparison.method
    method = {**given.to_dict(), "symbol": given.facts.symbol}
    rows = []
    for key in [*(k for k in _WORDS if k in method), *(k for k in method if k not in _WORDS)]:
        value = method[key]
        if value is None or isinstance(value, dict | list) or _says_nothing(key, value, given):
            continue
        if isinstance(value, bool):
            rows.append((_WORDS.get(key, key.replace("_", " ").capitalize()), "yes" if value else "no"))
            continue
        shown = (
            f"{value:,}"
            if isinstance(value, int) and key != "seed"
            else f"{value:.3g}"
            if isinstance(value, float)
            else str(value)
        )
        if key == "test":
            assumes = given.facts.assumes
            shown = given.facts.title + (f" (assumes: {assumes})" if assumes else "")
        elif key == "correction":
            shown = given.correction_facts.title
        elif key == "zero_method":
            shown = _ZEROS.get(shown, shown)
        elif key == "missing":
            shown = _MISSING.get(shown, shown)
        elif key == "families":
            shown = _FAMILIES.get(shown, shown)
        elif key == "margin" and not value:
            shown = "none"
        elif key == "confidence_level":
            shown = comparison.method.percent
        rows.append((_WORDS.get(key, key.replace("_", " ").capitalize()), shown))
    if math.isfinite(comparison.nemenyi_critical_difference):
        rows.append(("Critical difference (Nemenyi)", f"{comparison.nemenyi_critical_difference:.3f} mean ranks"))
    return rows


def _says_nothing(key: str, value: Any, method: "Method") -> bool:
    """Whether a fact has no meaning for this test: what p-values have where there are none, a least p-value of 0."""
    return (key in _OF_P and not method.facts.has_pvalues) or (key == "smallest_adjusted_pvalue" and not value > 0)


def tie_sentence(comparison: "Comparison") -> str:
    """Say how many of the paired scores are tied."""
    pairs = comparison.pairs
    if not {"tie", "n"} <= set(pairs.columns):
        return ""
    ties, total = int(pairs["tie"].sum()), int(pairs["n"].sum())
    touched = int((pairs["tie"] > 0).sum())
    if len(pairs) == 1:
        return (
            f"{ties:,} of {text.count(total, 'paired score')} {'is' if ties == 1 else 'are'} tied."
            if ties
            else "No paired scores are tied."
        )
    rests = f"each pair rests on {_range(pairs['n'].min(), pairs['n'].max())} tasks."
    if not ties:
        return f"None of the {total:,} paired scores are tied; {rests}"
    return f"{ties:,} of {total:,} paired scores {'is' if ties == 1 else 'are'} tied, in {touched:,} of {text.count(len(pairs), 'pair')}; {rests}"


def _range(low: float, high: float) -> str:
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"


def references(comparison: "Comparison") -> list[str]:
    """Return the works that this analysis rests on."""
    method = comparison.method
    found = [REFERENCES["demsar"], *method.references]
    if method.zero_method == "pratt":
        found.append(REFERENCES["pratt"])
    found += [REFERENCES[name] for name in comparison.omnibus if name in REFERENCES]
    # The page shows Nemenyi's critical difference and bootstrap intervals whatever the test.
    found += [*TESTS["nemenyi"].references, *TESTS["bootstrap"].references]
    if "symmetric" in method.interval:
        found.append(REFERENCES["symmetric"])
    found += [REFERENCES["rank_biserial"], REFERENCES["ranks"]]
    if "MTEB" in str(comparison.provenance.get("benchmark", "")) or comparison.scores.families:
        found.append(REFERENCES["mteb"])
    return list(dict.fromkeys(found))
