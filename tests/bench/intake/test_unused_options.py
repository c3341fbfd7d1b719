"""An option that cannot do what it says is refused, or said: never dropped in silence."""

import pytest

import embsig
from bench import read
from stats.common.errors import InputError


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("task,a,b,c\n" + "".join(f"t{i},.{50 + i},.{48 + 2 * i},.{47 + i * i % 7}\n" for i in range(9)))
    return path


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"qrels": "/nowhere"}, "--qrels: for TREC runs, and the source is read as a table"),
        ({"measure": "nDCG@10"}, "--measure: for TREC runs"),
        ({"missing_queries": "drop"}, "--missing-queries: for TREC runs"),
        ({"metric": "accuracy"}, "--metric 'accuracy' chooses among the metrics of a table"),
        ({"sheet": "main"}, "--sheet 'main' chooses among several tables"),
        ({"unit": "subset"}, "--unit subset needs a column"),
    ],
)
def test_options_of_other_sources_are_refused(table, given, said):
    with pytest.raises(InputError, match=said):
        read(table, **given)


def test_a_metric_that_the_tasks_are_known_by_is_fine(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("task,a,b\nSciFact,.5,.6\nNFCorpus,.4,.3\n")
    assert read(path, metric="ndcg_at_10").n_tasks == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"test": "nemenyi", "correction": "holm"},
            "correction='holm' is not used: the Nemenyi test adjusts for all pairs by itself",
        ),
        (
            {"test": "bayes", "correction": "holm"},
            "correction='holm' is not used: the Bayesian signed-rank test has no p-values",
        ),
        ({"rope": 0.01}, "rope=0.01 is not used: it belongs to the Bayesian tests"),
        ({"interval": "bca"}, "interval='bca' is not used: it belongs to the bootstrap"),
    ],
)
def test_options_of_other_tests_are_said(table, given, said):
    assert any(said in warning for warning in embsig.compare(table, rng=0, **given).warnings)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"test": "nemenyi"},
        {"test": "bayes", "rope": 0.01},
        {"test": "bootstrap", "interval": "bca"},
        {"correction": "max-t"},
    ],
)
def test_options_that_are_used_are_not(table, given):
    assert not any("is not used" in warning for warning in embsig.compare(table, rng=0, **given).warnings)


def test_models_chosen_among_many_are_said_to_be(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(
        "task,a,b,c,d\n" + "".join(f"t{i},.{50 + i},.{48 + 2 * i},.{47 + i * i % 7},.5\n" for i in range(9))
    )
    said = " ".join(embsig.compare(read(path, models=["a", "b"]), rng=0).conclusions)
    assert (
        "2 of the 4 models of the source were chosen: what is said of them holds if that was done without these scores"
        in said
    )
    for source in (read(path), read(path, models=["!d"]), read(path, models=["*"])):
        assert "were chosen" not in " ".join(embsig.compare(source, rng=0).conclusions)
