"""Model cards: what the registry says, and conditions on it."""

import pytest

from bench import model_cards
from bench.cards import where
from stats.common.errors import InputError

MINI, QWEN = "sentence-transformers/all-MiniLM-L6-v2", "Qwen/Qwen3-Embedding-8B"


def test_what_the_registry_says():
    """MiniLM: 22.7 million parameters, 384 dimensions; Qwen3-Embedding-8B: 7.57 billion, 4,096 (their cards)."""
    cards = model_cards([MINI, QWEN, "nobody/nothing", f"{MINI} (embed_dim=64)"])
    assert cards.loc[MINI, "n_parameters"] == pytest.approx(22.7e6, rel=0.01)
    assert cards.loc[QWEN, "n_parameters"] == pytest.approx(7.57e9, rel=0.01)
    assert cards.loc[[MINI, QWEN], "embed_dim"].tolist() == [384, 4096]
    assert cards.loc["nobody/nothing"].isna().all()
    assert cards.loc[f"{MINI} (embed_dim=64)", "n_parameters"] == cards.loc[MINI, "n_parameters"]


@pytest.mark.parametrize(
    ("condition", "models"),
    [
        ("n_parameters < 1e9", [MINI]),
        ("n_parameters>=1B", [QWEN]),
        ("n_parameters < 100M and open_weights == true", [MINI]),
        ("license = apache-2.0", [MINI, QWEN]),
        ("release_date >= 2025-01-01", [QWEN]),
        ("instructions == yes", [QWEN]),
        (["embed_dim > 100", "embed_dim < 1,000"], [MINI]),
    ],
)
def test_conditions(condition, models):
    assert where(model_cards([MINI, QWEN, "nobody/nothing"]), condition) == models


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("n_parameters", "expected COLUMN"),
        ("n_params < 1", "n_parameters"),
        ("n_parameters < small", "is not a number"),
        ("open_weights == maybe", "true or false"),
        ("__import__('os') == 1", "expected COLUMN"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(condition, message):
    with pytest.raises(InputError, match=message):
        where(model_cards([MINI]), condition)


def test_on_the_command_line(cli, tmp_path):
    table = tmp_path / "scores.csv"
    table.write_text(f"task,{MINI},{QWEN}\n" + "".join(f"t{i},0.{50 + i},0.{60 + i}\n" for i in range(8)))
    code, out, err = cli("scores", table, "--where", "n_parameters < 1e9")
    assert code == 0, err
    assert out.splitlines()[0] == f"task,{MINI}"
    code, _, err = cli("scores", table, "--where", "n_parameters < 1")
    assert code == 2
    assert "no model's card meets n_parameters < 1" in err
