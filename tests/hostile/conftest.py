"""Makers of hostile sources, and the one check that all tables of cases share."""

import gzip
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import zstandard

#: A model's result on every task: {model: {task: {split: {subset: score}}}}, or any other content of the file.
Results = Mapping[str, Mapping[str, Any]]

GOOD = "task,a,b,c\n" + "".join(f"t{i},0.{60 + i},0.{50 + (3 * i) % 7},0.{40 + i}\n" for i in range(10))


class Maker:
    """Make one source in a folder; every method returns its path."""

    good = GOOD

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        """A path at which nothing is made."""
        return self.root / name

    def file(self, content: str | bytes, name: str = "scores.csv") -> Path:
        """A file of this very content."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
        return path

    def table(self, *rows: str, head: str = "task,a,b") -> Path:
        """A CSV of a heading and these rows."""
        return self.file("\n".join([head, *rows]) + "\n")

    def scores(self) -> Path:
        """A good table: ten tasks, the models a, b and c."""
        return self.file(GOOD)

    def parquet(self, frame: pd.DataFrame | Mapping[str, Any], name: str = "scores.parquet") -> Path:
        """A Parquet file of this table."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(frame).to_parquet(path, index=False)
        return path

    def members(self, results: Results, *, meta: bool = True) -> dict[str, bytes]:
        """The files of a results tree by their paths."""
        found: dict[str, bytes] = {}
        for model, tasks in results.items():
            folder = f"results/{model.replace('/', '__')}/r1"
            if meta:
                found[f"{folder}/model_meta.json"] = json.dumps({"name": model, "revision": "r1"}).encode()
            for task, content in tasks.items():
                found[f"{folder}/{task}.json"] = content if isinstance(content, bytes) else result(task, content)
        return found

    def tree(
        self, results: Results | None = None, *, extra: Mapping[str, bytes] | None = None, meta: bool = True
    ) -> Path:
        """A results folder; without results a good one, of two models on two tasks."""
        for name, content in {**self.members(TWO if results is None else results, meta=meta), **(extra or {})}.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return self.root / "results"

    def tar(
        self, members: Mapping[str, bytes] | None = None, name: str = "r.tar.zst", **kinds: tuple[bytes, str]
    ) -> Path:
        """A tar archive, compressed as its name says; `kinds` adds links and the like: name -> (tar type, target)."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for member, content in (self.members(TWO) if members is None else members).items():
                info = tarfile.TarInfo(member)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            for member, (kind, target) in kinds.items():
                info = tarfile.TarInfo(f"results/org__evil/r1/{member}.json")
                info.type, info.linkname = kind, target
                archive.addfile(info)
        data = buffer.getvalue()
        if name.endswith("zst"):
            data = zstandard.compress(data)
        elif name.endswith("gz"):
            data = gzip.compress(data)
        return self.file(data, name)

    def zip(
        self, members: Mapping[str, bytes] | None = None, name: str = "r.zip", method: int = zipfile.ZIP_DEFLATED
    ) -> Path:
        """A zip archive."""
        path = self.root / name
        with zipfile.ZipFile(path, "w", method) as archive:
            for member, content in (self.members(TWO) if members is None else members).items():
                archive.writestr(member, content)
        return path

    def cut(self, path: Path, share: float = 0.5) -> Path:
        """The file, with only its first part left."""
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        return path

    def bend(self, path: Path, share: float = 0.5, size: int = 16) -> Path:
        """The file, with some bytes in it turned over."""
        data = bytearray(path.read_bytes())
        at = int(len(data) * share)
        data[at : at + size] = bytes(b ^ 0xFF for b in data[at : at + size])
        path.write_bytes(bytes(data))
        return path

    def archive(self, name: str, extra: Mapping[str, bytes] | None = None) -> Path:
        """A good archive of the form that its name says, or one with these members alone."""
        return self.zip(extra, name) if name.endswith("zip") else self.tar(extra, name)

    def parquet_by_pandas(self, **claims: object) -> Path:
        """A good Parquet table of which pandas' metadata claim this."""
        import pandas as pd
        import pyarrow as pa

        said = json.loads(pa.Table.from_pandas(pd.DataFrame({"a": [0.1]})).schema.metadata[b"pandas"])
        return self.parquet_with(json.dumps({**said, **claims}).encode(), b"pandas")

    def parquet_with(self, raw: bytes, key: bytes = b"embsig") -> Path:
        """A good Parquet table with these metadata, of ours or of another's."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        arrow = pa.table({"task": ["t", "u"], "a": [0.1, 0.2], "b": [0.3, 0.1]})
        pq.write_table(arrow.replace_schema_metadata({key: raw}), self.root / "s.parquet")
        return self.root / "s.parquet"

    def odd_names(self) -> Path:
        """A results folder of one model, in a folder whose name is not UTF-8."""
        odd = os.fsencode(self.root) + b"/results/org__\xff/r1"
        os.makedirs(odd)
        with open(odd + b"/STS12.json", "wb") as file:
            file.write(result("STS12", 0.5))
        return self.root / "results"

    def run(
        self,
        frame: Mapping[str, Any] | None = None,
        *,
        meta: Any = ...,
        spoil: Callable[[Path], object] | None = None,
        **about: Any,
    ) -> Path:
        """The folder of a run, two models on two tasks with samples; the first file of samples is as asked for."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.tree()
        good = {"sample": ["q", "r"], "score": [0.4, 0.6]}
        for i, (model, task) in enumerate((m, t) for m in ("org/a", "org/b") for t in ("STS12", "STS13")):
            own = about if i == 0 else {}
            content = {"schema": 1, "task": task, "model": model, "metric": "mean", "main_score": 0.5, **own}
            kept = json.dumps({k: v for k, v in content.items() if v is not None}).encode()
            if i == 0 and meta is not ...:
                kept = meta
            path = self.root / "results" / "samples" / task / f"{model.replace('/', '%2F')}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            arrow = pa.Table.from_pandas(pd.DataFrame(good if frame is None or i else frame), preserve_index=False)
            pq.write_table(arrow.replace_schema_metadata({b"embsig.samples": kept} if kept is not None else {}), path)
            if spoil is not None and i == 0:
                spoil(path)
        return self.root / "results"


def result(task: str, scores: Any, **head: Any) -> bytes:
    """One MTEB result file; scores is {split: {subset: score}}, a single score of the test split, or what else stands there."""
    if isinstance(scores, int | float | str | None):
        scores = {"test": {"default": scores}}
    entries = {
        split: [{"main_score": s, "hf_subset": subset, "languages": ["eng-Latn"]} for subset, s in subsets.items()]
        for split, subsets in scores.items()
    }
    whole = {"dataset_revision": "d1", "task_name": task, "mteb_version": "2.1.0", "scores": entries, **head}
    return json.dumps(whole).encode()


TWO: Results = {"org/a": {"STS12": 0.5, "STS13": 0.6}, "org/b": {"STS12": 0.25, "STS13": 0.3}}


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Return the maker of sources."""
    (tmp_path / "data").mkdir()
    return Maker(tmp_path / "data")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the empty folder that the command runs in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def left(root: Path) -> list[str]:
    """Everything below a folder, by path."""
    return sorted(os.path.join(place, name) for place, folders, files in os.walk(root) for name in [*folders, *files])


@pytest.fixture
def refused(cli: Any, make: Maker, here: Path) -> Callable[..., str]:
    """Return the check that a command refuses: exit code 2, one line, nothing printed, nothing written."""

    def check(source: Callable[[Maker], object], arguments: str, expected: str) -> str:
        path = source(make)
        before = left(here.parent)
        code, out, err = cli(*(path if word == "{}" else word for word in words(arguments, make)))
        assert code == 2, err
        assert out == ""
        said = err.splitlines(keepends=True)
        err = "".join(line for line in said if not line.startswith("embsig: read as "))  # what was read is said first
        assert len(err.strip().splitlines()) == 1, err
        assert err.startswith("embsig: error: ")
        assert expected in err
        assert left(here.parent) == before
        return err

    return check


@pytest.fixture
def read(cli: Any, make: Maker, here: Path) -> Callable[..., str]:
    """Return the check that a command accepts: exit code 0, no traceback; gives what it printed."""

    def check(source: Callable[[Maker], object], arguments: str) -> str:
        path = source(make)
        code, out, err = cli(*(path if word == "{}" else word for word in words(arguments, make)))
        assert code == 0, err
        assert "Traceback" not in err
        return out

    return check


def words(arguments: str, make: Maker) -> list[str]:
    """The words of a command line; ``@`` stands for the folder of the sources."""
    import shlex

    return [w.replace("@", str(make.root)) for w in shlex.split(arguments)]
