"""The one line of a name that is not known."""

from stats.common.errors import unknown


def test_few_names_are_all_given_and_of_many_the_first() -> None:
    assert str(unknown("rule", "x", ["mean", "sum"])) == "unknown rule 'x': expected one of mean, sum"
    many = str(unknown("model", "org/m17b", [f"org/m{i}" for i in range(283)]))
    assert many.startswith("unknown model 'org/m17b': expected one of org/m0, org/m1, ")
    assert "org/m11 and 271 more; did you mean 'org/m17" in many
    assert "org/m12," not in many
