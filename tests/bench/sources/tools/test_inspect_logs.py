"""Inspect's logs, as JSON and as archives packed by Zstandard, as inspect_ai 0.3.285 writes them."""

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard
from scipy.stats import binomtest

from bench.sources.tools.registry import Asked, read_tool
from stats import Samples, compare
from stats.common.errors import InputError


def log(model: str, values: list[Any], *, scorer: str = "match", **change: Any) -> dict[str, Any]:
    """The parts of a log that are read."""
    samples = [
        {
            "id": f"s{i}", "epoch": 1, "input": f"q{i}", "target": "42", "metadata": {},
            "scores": {scorer: {"value": v, "answer": "17", "explanation": "17", "history": []}},
        }
        for i, v in enumerate(values)
    ]  # fmt: skip
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "task": "tests/sums",
            "model": model,
            "created": "2026-11-28T05:14:14+00:00",
            "dataset": {},
            "config": {},
        },
        "results": {"total_samples": len(values), "scores": [{"name": scorer, "scorer": scorer, "metrics": {}}]},
        "samples": samples,
    } | change


def write_json(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / f"{content['eval']['model'].replace('/', '-')}.json"
    path.write_text(json.dumps(content))
    return path


def write_eval(folder: Path, content: dict[str, Any], *, summaries: bool = True) -> Path:
    """A zip whose members say method 93: stored as Zstandard frames, and the method and size patched in."""
    path = folder / f"{content['eval']['model'].replace('/', '-')}.eval"
    header = {k: v for k, v in content.items() if k != "samples"}
    members: dict[str, Any] = {"_journal/start.json": {"eval": content["eval"]}, "header.json": header}
    members |= {f"samples/{s['id']}_epoch_{s['epoch']}.json": s for s in content["samples"]}
    if summaries:
        members["summaries.json"] = content["samples"]
    sizes = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, member in members.items():
            plain = json.dumps(member).encode()
            sizes[name.encode()] = len(plain)
            archive.writestr(name, zstandard.compress(plain))
    data = bytearray(path.read_bytes())
    for mark, method, size, length, name_at in ((b"PK\3\4", 8, 22, 26, 30), (b"PK\1\2", 10, 24, 28, 46)):
        at = data.find(mark)
        while at >= 0:
            name = bytes(data[at + name_at : at + name_at + struct.unpack_from("<H", data, at + length)[0]])
            if name in sizes:
                struct.pack_into("<H", data, at + method, 93)
                struct.pack_into("<I", data, at + size, sizes[name])
            at = data.find(mark, at + 4)
    path.write_bytes(data)
    return path


GOOD = ["C", "C", "I", "C", "C", "C", "C", "C", "P", "N"]
BAD = ["I", "C", "C", "I", "I", "I", "I", "I", "C", "I"]


def _read(*paths: Path, **asked: Any) -> Samples:
    long = read_tool(paths, Asked(**asked))
    assert long is not None
    found = long.scores("logs")
    assert isinstance(found, Samples)
    return found


@pytest.mark.parametrize("write", [write_json, write_eval, lambda f, c: write_eval(f, c, summaries=False)])
def test_a_logs_letters_are_scores_of_items(tmp_path: Path, write: Any) -> None:
    for model, values in (("openai/good", GOOD), ("openai/bad", BAD)):
        write(tmp_path, log(model, values))
    table = _read(tmp_path).items().table
    assert table["openai/good"].to_dict() == {f"s{i}": {"C": 1.0, "P": 0.5}.get(v, 0.0) for i, v in enumerate(GOOD)}
    assert table["openai/bad"].sum() == 3


def test_right_and_wrong_give_mcnemars_exact_p(tmp_path: Path) -> None:
    a, b = ["C"] * 9 + ["I"] * 2 + ["C"] * 30, ["I"] * 9 + ["C"] * 2 + ["C"] * 30
    for model, values in (("a", a), ("b", b)):
        write_eval(tmp_path, log(model, values))
    found = compare(_read(tmp_path), rng=0)
    assert found.pairs["pvalue"].iloc[0] == pytest.approx(binomtest(9, 11).pvalue, rel=1e-12)
    assert found.method["units"] == "items"


def test_epochs_are_averaged_and_it_is_said(tmp_path: Path) -> None:
    content = log("a", ["C", "I"])
    second = [s | {"epoch": 2, "scores": {"match": {"value": "I"}}} for s in content["samples"]]
    write_json(tmp_path, content | {"samples": content["samples"] + second})
    samples = _read(tmp_path)
    assert samples.items().table["a"].tolist() == [0.5, 0.0]
    assert "a sample's score is its mean over up to 2 epochs" in samples.provenance["read"]["notes"]


def test_the_newer_log_counts_and_unfinished_ones_are_named(tmp_path: Path) -> None:
    old, new = log("a", ["I", "I"]), log("a", ["C", "C"], status="cancelled")
    new["eval"] = new["eval"] | {"created": "2026-12-01T00:00:00+00:00"}
    (tmp_path / "1.json").write_text(json.dumps(new))
    (tmp_path / "2.json").write_text(json.dumps(old))
    samples = _read(tmp_path)
    assert samples.items().table["a"].tolist() == [1.0, 1.0]
    said = samples.provenance["read"]["notes"]
    assert "1.json ended as 'cancelled', read as far as it goes" in said
    assert "a on sums: only the newer of two logs counts" in said


def test_one_of_several_scores_is_asked_for(tmp_path: Path) -> None:
    write_json(tmp_path, log("a", [{"fluency": 0.5, "truth": 1}, {"fluency": 0.7, "truth": 0}], scorer="judge"))
    with pytest.raises(
        InputError, match=r"task 'sums' has 2 metrics \(judge/fluency; judge/truth\): name one, --metric judge/fluency"
    ):
        _read(tmp_path)
    assert _read(tmp_path, metric=("judge/truth",)).items().table["a"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (log("a", ["C", "maybe"]), "match of sample 's1' is 'maybe'; expected a number, C, I, P or N"),
        (
            log("a", [], status="error"),
            r"holds no scored sample: .*\(a.json ended as 'error', read as far as it goes\)",
        ),
        (log("a", [None, None]), "holds no scored sample: expected the log of a finished evaluation$"),
    ],
)
def test_odd_logs_are_one_line(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    write_json(tmp_path, content)
    with pytest.raises(InputError, match=message) as caught:
        _read(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.98])
def test_a_log_that_is_cut_off_is_one_line(tmp_path: Path, keep: float) -> None:
    path = write_eval(tmp_path, log("a", GOOD))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(InputError, match=r"a\.eval is not a readable Inspect log \(.*\); is it cut off\?") as caught:
        _read(tmp_path)
    assert "\n" not in str(caught.value)


def test_damaged_members_are_one_line(tmp_path: Path) -> None:
    path = write_eval(tmp_path, log("a", GOOD))
    data = bytearray(path.read_bytes())
    at = data.find(b"\x28\xb5\x2f\xfd", data.find(b"header.json"))
    data[at : at + 12] = b"\x28\xb5\x2f\xfd" + b"\xff" * 8
    path.write_bytes(data)
    with pytest.raises(InputError, match="not a readable Inspect log"):
        _read(tmp_path)
