"""The demo: the study's first seed evaluated here, beside what the archive holds."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike

import pandas as pd

from stats import Samples, Scores

from ._read_scores import read_scores
from .study.protocol import FACTORIAL, VARIANTS
from .training_runs import by_name, first_runs, runs_of, together


def study_scores(run: str | PathLike[str]) -> Scores:
    """Read a run of the study's models with the variants as models.

    Parameters
    ----------
    run : path-like
        The folder of the run.

    Returns
    -------
    Scores
        The score of a variant on a task is the mean over its training seeds; ``cells["seed_scores"]`` keeps each.

    Examples
    --------
    A folder that is none is said, as every reader says it:

    >>> import embsig
    >>> try:
    ...     embsig.study_scores("no-such-run")
    ... except embsig.InputError as error:
    ...     print(str(error)[:37])
    no-such-run: no such file or folder
    """
    read = read_scores(run, seeds="separate")
    by_variant = together(read, runs_of(run) or by_name(read.models))
    known = [variant for variant in VARIANTS if variant in by_variant.models]
    order = known + [m for m in sorted(by_variant.models) if m not in known]
    return replace(by_variant, table=by_variant.table[order])


def study_samples(run: str | PathLike[str]) -> Samples:
    """Open the samples of a run of the study's models with the variants as models: those of each one's first seed."""
    read = Samples.open(run)
    return first_runs(read, runs_of(run) or by_name(read.models))


def design_table(models: Sequence[str]) -> pd.DataFrame:
    """Return the factors of the study's variants: index model, columns pooling and attention.

    Parameters
    ----------
    models : sequence of str
        Names of variants.

    Returns
    -------
    DataFrame
        A row for every model of the factorial. model-2 and model-3, whose causal poolings read the EOS state alone, have none:
        they differ from the others of their pooling in more than the attention.

    Examples
    --------
    >>> import embsig
    >>> embsig.design_table(["model-1", "model-2"]).to_dict("index")
    {'model-1': {'pooling': 'eos', 'attention': 'causal'}}
    """
    rows = {model: FACTORIAL[model] for model in models if model in FACTORIAL}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["pooling", "attention"]).rename_axis("model")
