"""What trec_eval -q and ir_measures -q print, a file a model."""

from pathlib import Path

import pytest

from bench.sources.tools.registry import Asked, read_tool
from bench.sources.tools.trec_eval import is_output
from stats import Samples
from stats.common.errors import InputError

QUERIES = {"301": (0.25, 1.0), "302": (0.5, 0.5), "303": (0.0, 0.0)}


def _write(folder: Path, name: str, *, swapped: bool = False) -> Path:
    lines = ["runid                 \tall\tbm25"] if not swapped else []
    for query, values in QUERIES.items():
        for measure, value in zip(("map", "recip_rank"), values, strict=True):
            lines.append(f"{query}\t{measure}\t{value:.4f}" if swapped else f"{measure:<22}\t{query}\t{value:.4f}")
    lines += ["map                   \tall\t0.2500"] if not swapped else ["all\tmap\t0.2500"]
    path = folder / name
    path.write_text("\n".join(lines[1:] if not swapped else lines) + "\n")
    return path


@pytest.mark.parametrize("swapped", [False, True])
def test_queries_are_read_and_summaries_left_out(tmp_path: Path, swapped: bool) -> None:
    paths = [_write(tmp_path, name, swapped=swapped) for name in ("bm25.eval.txt", "dense.eval.txt")]
    long = read_tool(paths, Asked(metric=("map",)))
    assert long is not None
    samples = long.scores("files")
    assert isinstance(samples, Samples)
    assert samples.items().table.to_dict("list") == {"bm25.eval": [0.25, 0.5, 0.0], "dense.eval": [0.25, 0.5, 0.0]}
    with pytest.raises(InputError, match=r"has 2 metrics \(map; recip_rank\): name one"):
        read_tool(paths, Asked())


def test_damaged_output_is_one_line(tmp_path: Path) -> None:
    path = _write(tmp_path, "a.txt")
    path.write_text(path.read_text() + "map  \t30")
    with pytest.raises(InputError, match=r"a\.txt, line 8: .* is not a measure of a query; is the file cut off\?"):
        read_tool([path], Asked())
    path.write_text("map\tall\t0.25\n")
    with pytest.raises(InputError, match=r"a\.txt has no lines per query: make it with trec_eval -q"):
        read_tool([path], Asked())


def test_what_is_such_output() -> None:
    assert is_output(b"map                   \t301\t0.2500")
    assert is_output(b"301\tnDCG@10\t0.25")
    for other in (b"1 0 d1 1", b"task a b", b"q1 Q0 d 1 2 t", b"STS12 0.5 0.6", b""):
        assert not is_output(other)
