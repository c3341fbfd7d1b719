"""Files of older versions load; those of a newer one are refused in one line."""

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from stats import Comparison, InputError, Samples, compare

GOLDEN = Path(__file__).parent / "golden"


def test_a_comparison_of_the_first_schema_loads_as_it_was() -> None:
    old = Comparison.load(GOLDEN / "comparison-schema-1.json")
    assert old.ranks["model"].tolist() == ["a", "b", "c"]
    assert old.pairs["pvalue"].tolist() == compare(old.scores, rng=0, n_resamples=200).pairs["pvalue"].tolist()
    assert old.conclusions


@pytest.mark.parametrize("schema", [2, 99])
def test_a_newer_comparison_is_refused_in_one_line(schema: int, tmp_path: Path) -> None:
    content = json.loads((GOLDEN / "comparison-schema-1.json").read_text())
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps({**content, "schema": schema}))
    with pytest.raises(InputError, match=rf"is of version {schema}, newer than 1; update embsig"):
        Comparison.load(newer)


def test_samples_of_the_first_schema_load_and_newer_ones_are_refused(tmp_path: Path) -> None:
    samples = Samples.open(GOLDEN / "run-schema-1")
    assert samples.recompute("SciFact", "org/model") == pytest.approx(0.4)
    pd.testing.assert_frame_equal(
        samples.read("SciFact", "org/model"), pd.DataFrame({"sample": ["q1", "q2"], "score": [0.2, 0.6]})
    )
    table = pq.read_table(samples.files["SciFact"]["org/model"])
    about = json.loads(table.schema.metadata[b"embsig.samples"])
    newer = tmp_path / "samples" / "SciFact" / samples.files["SciFact"]["org/model"].name
    newer.parent.mkdir(parents=True)
    pq.write_table(
        table.replace_schema_metadata({b"embsig.samples": json.dumps({**about, "schema": 2}).encode()}), newer
    )
    with pytest.raises(InputError, match="samples schema 2; this version reads 1: update embsig"):
        Samples.open(tmp_path).meta("SciFact", "org/model")


@pytest.mark.parametrize("place", ["manifest.json", "jobs/org__model/r/Task.json"])
def test_the_folder_of_a_newer_run_is_refused_before_anything_is_written(place: str, tmp_path: Path) -> None:
    store = pytest.importorskip("bench.runner.run_folder.records")
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    for schema in (1, 2, 3):
        content = json.dumps({"schema": schema} if place == "manifest.json" else {"identity": {"schema": schema}})
        path.write_text(content)
        if schema < 3:
            with store.Store(tmp_path).locked():
                pass
        else:
            with (
                pytest.raises(InputError, match="run schema 3; this version writes 2: update embsig"),
                store.Store(tmp_path).locked(),
            ):
                pass
        assert path.read_text() == content
