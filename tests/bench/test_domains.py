"""Leaderboards of a domain: which tasks are in it, from a table and from results, and what is said of one that none is in."""

import numpy as np
import pandas as pd
import pytest

import embsig
from bench.domains import domains_of, in_domains
from bench.sources.definitions import load
from stats import Scores
from stats.common.errors import InputError

TASKS = ["NFCorpus", "SciFact", "STS12", "SIB200Classification (eng_Latn)", "mine"]


def table() -> pd.DataFrame:
    values = np.linspace(0.1, 0.9, 10).reshape(5, 2)
    return pd.DataFrame(values, columns=["a", "b"], index=pd.Index(TASKS, name="task")).reset_index()


def test_domains_are_those_of_mteb() -> None:
    mteb = pytest.importorskip("mteb")
    for name in ("NFCorpus", "STS12", "BrightRetrieval", "SIB200Classification"):
        assert list(domains_of(name)) == sorted(mteb.get_task(name).metadata.domains)
    assert domains_of("SIB200Classification (eng_Latn)") == domains_of("SIB200Classification")
    assert sum(bool(task.domains) for name in load().task_names if (task := load().task(name))) > 1400


def test_only_the_tasks_of_a_domain_in_any_case() -> None:
    scores = Scores.from_frame(table())
    assert in_domains(scores, ["medical"]).task_names == ["NFCorpus", "SciFact"]
    assert in_domains(scores, ["Medical", "News"]).task_names == TASKS[:4]
    assert embsig.read(table(), domain="Medical").task_names == ["NFCorpus", "SciFact"]


def test_an_unknown_domain_is_told_with_those_there_are() -> None:
    with pytest.raises(
        InputError, match=r"no task is in the domain 'Medicl'.*these are in .*Medical.*did you mean 'Medical'"
    ):
        in_domains(Scores.from_frame(table()), ["Medicl"])
    with pytest.raises(InputError, match="mteb knows the domains of none"):
        in_domains(Scores.from_frame(table()).select(tasks=["mine"]), ["Medical"])
