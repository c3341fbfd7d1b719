"""TREC runs, scored per query against relevance judgements by ir_measures."""

import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from stats.common.errors import InputError
from stats.common.text import count, listing

from .long import Long
from .trec_files import names_of, read_qrels, read_run, stem


def read_runs(
    paths: Sequence[Path],
    qrels: Path | None,
    measure: str | None = None,
    missing_queries: str | None = None,
    *,
    progress: Callable[[int, int, str], None] | None = None,
) -> Long:
    """Score every query of TREC runs.

    Parameters
    ----------
    paths : sequence of Path
        One run a model; it is called by its tag where every run has one of its own, else by its file.
    qrels : Path
        Judgements: TREC's four columns, BEIR's ``query-id, corpus-id, score`` under a heading, or JSON
        ``{query: {document: relevance}}``.
    measure : str, optional
        As ir_measures writes it ("nDCG@10", "AP(rel=2)") or trec_eval ("ndcg_cut_10"); nDCG@10 by default.
    missing_queries : {"zero", "drop"}, optional
        A judged query that a run lacks counts 0 there, as in trec_eval -c and ir_measures, or is left out of all runs. Not given it counts 0, and
        who must not be misled by it (`embsig.gate`) refuses two runs that lack different ones.
    progress : callable, optional
        Called with how many runs are read and scored, of how many steps, and which is next.

    Raises
    ------
    InputError
        If there are no judgements, a file is damaged, the measure is unknown, or no query is judged.
    """
    if qrels is None:
        raise InputError(
            f"{paths[0]} is a TREC run: give the judgements it is scored by, --qrels FILE --measure nDCG@10"
        )
    if missing_queries not in (None, "zero", "drop"):
        raise InputError(f"missing_queries={missing_queries!r}: expected 'zero' or 'drop'")
    asked = _measure(measure or "nDCG@10")
    judged = read_qrels(qrels)
    say = progress or (lambda done, total, what: None)
    runs = {}
    for done, path in enumerate(paths):
        say(done, 2 * len(paths), path.name)
        runs[path] = read_run(path)
    names = names_of(runs)
    lacking = {names[p]: sorted(set(judged) - set(docs)) for p, (docs, _) in runs.items()}
    unjudged = set().union(*(set(docs) for docs, _ in runs.values())) - set(judged)
    for path, (docs, _) in runs.items():
        if not set(docs) & set(judged):
            raise InputError(
                f"{path}: none of its {len(docs)} queries ({listing(sorted(docs), 3)}) is judged in {qrels} "
                f"({listing(sorted(judged), 3)}): are the judgements of other queries?"
            )
    gone = set().union(*lacking.values()) if missing_queries == "drop" else set()
    kept = {q: docs for q, docs in judged.items() if q not in gone}
    if not kept:
        raise InputError(f"{qrels}: no judged query is in every run; count missing ones as 0 (--missing-queries zero)")
    parts = []
    for done, (path, (docs, _)) in enumerate(runs.items(), len(paths)):
        say(done, 2 * len(paths), names[path])
        parts.append(_scored(names[path], docs, kept, asked))
    say(2 * len(paths), 2 * len(paths), "")
    frame = pd.concat(parts, ignore_index=True).assign(task=stem(qrels), metric=str(asked))
    return Long(
        frame,
        f"TREC runs, {asked} by ir_measures",
        unit="query",
        notes=tuple(_notes(lacking, unjudged, len(judged), missing_queries or "zero")),
        about={
            "qrels": str(qrels),
            "measure": str(asked),
            "missing_queries": missing_queries or "zero",
            **({"lacking_queries": {m: q for m, q in lacking.items() if q}} if missing_queries is None else {}),
        },
    )


def _scored(
    model: str, docs: dict[str, dict[str, float]], judged: dict[str, dict[str, int]], asked: Any
) -> pd.DataFrame:
    import ir_measures

    shown = {q: found for q, found in docs.items() if q in judged}
    try:
        values = {m.query_id: float(m.value) for m in ir_measures.iter_calc([asked], judged, shown)}
    except (ValueError, RuntimeError) as error:  # a measure whose own package is not installed
        raise InputError(f"measure {str(asked)!r}: {' '.join(str(error).split())}") from None
    except Exception as error:  # gdeval is a Perl script that takes numbers as queries, and fails as a process
        if not isinstance(error, OSError) and type(error).__module__ != "subprocess":
            raise
        raise InputError(f"measure {str(asked)!r} failed in ir_measures: does it take these queries' names?") from None
    return pd.DataFrame({"model": model, "sample": list(judged), "score": [values.get(q, 0.0) for q in judged]})


def _notes(lacking: dict[str, list[str]], unjudged: set[str], n: int, missing: str) -> list[str]:
    notes = []
    for model, queries in lacking.items():
        if queries:
            what = (
                "they count 0 (--missing-queries drop leaves them out)" if missing == "zero" else "left out of all runs"
            )
            notes.append(f"{model} lacks {len(queries)} of {n} judged queries ({listing(queries, 3)}): {what}")
    if unjudged:
        notes.append(f"{count(len(unjudged), 'query')} without judgements left out ({listing(sorted(unjudged), 3)})")
    return notes


def _measure(name: str) -> Any:
    try:
        import ir_measures
    except ImportError:
        raise InputError(
            "TREC runs are scored by ir_measures, which is not installed: pip install 'embsig[retrieval]'"
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its parser uses names that newer Pythons deprecate
        try:
            asked = ir_measures.parse_measure(name)
            asked.validate_params()
            return asked
        except (ValueError, NameError, AssertionError, TypeError, SyntaxError, AttributeError) as error:
            try:
                (asked,) = ir_measures.parse_trec_measure(name)
                return asked
            except (ValueError, TypeError):
                said = re.sub(r"invalid param (\w+)=<object.*", r"it needs a \1", " ".join(str(error).split()))
                raise InputError(
                    f"measure {name!r}: {said[:120]}; expected one such as nDCG@10, AP, RR@10, R@100, P@5"
                ) from None
