"""Parquet files, MTEB results, archives and runs as they should not be."""

import json
import tarfile
import zipfile

import numpy as np
import pytest

TEST = {"test": {"default": 0.5}}


def raw(m, content, **extra):
    """A tree whose one result file has this content."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return m.tree({"org/a": {"STS12": data}}, **extra)


def present(scores, **head):
    """The content of a result file with these scores."""
    return {"task_name": "STS12", "mteb_version": "2.1.0", "dataset_revision": "d", "scores": scores, **head}


# fmt: off
REFUSED = {
    # -- Parquet ----------------------------------------------------------------------------------------------
    "Parquet: empty": (lambda m: m.file("", "s.parquet"), "compare {}", "is not a Parquet file, whatever its name says"),
    "Parquet: text": (lambda m: m.file("To be, or not to be", "s.parquet"), "compare {}", "is not a Parquet file, whatever its name says"),
    "Parquet: a CSV": (lambda m: m.file(m.good, "s.parquet"), "compare {}", "is not a Parquet file, whatever its name says"),
    "Parquet: the magic alone": (lambda m: m.file("PAR1PAR1", "s.parquet"), "compare {}", "cannot be read as Parquet: Could not open Parquet input source '<Buffe"),
    "Parquet: cut off": (lambda m: m.cut(m.parquet({"task": ["t", "u"], "a": [.1, .2], "b": [.3, .1]})), "compare {}", "cannot be read as Parquet: Could not open Parquet input source '<Buffe"),
    "Parquet: its end bent": (lambda m: m.bend(m.parquet({"task": ["t", "u"], "a": [.1, .2], "b": [.3, .1]}), .9), "compare {}", 'cannot be read as Parquet'),
    "Parquet: no rows": (lambda m: m.parquet({"task": [], "a": [], "b": []}), "compare {}", 'has a heading and no rows'),
    "Parquet: no columns": (lambda m: m.parquet({}), "compare {}", 'is empty'),
    "Parquet: one model": (lambda m: m.parquet({"task": ["t", "u"], "a": [.1, .2]}), "compare {}", 'got 1 model to compare: expected at least two'),
    "Parquet: dates": (lambda m: m.parquet({"task": ["t", "u"], "a": [.1, .2], "b": np.array(["2020", "2021"], "M8[ns]")}), "compare {}", "task 't', model 'b' holds '2020-01-01 00:00:00', which is not a number"),
    "Parquet: durations": (lambda m: m.parquet({"task": ["t", "u"], "a": [.1, .2], "b": np.array([1, 2], "m8[ns]")}), "compare {}", "task 't', model 'b' holds '0 days 00:00:00.000000001', which is not a"),
    "Parquet: lists": (lambda m: m.parquet({"task": ["t", "u"], "a": [.1, .2], "b": [[.1], [.2]]}), "compare {}", "task 't', model 'b' holds '[0.1]', which is not a number"),
    "Parquet: bytes": (lambda m: m.parquet({"task": ["t", "u"], "a": [.1, .2], "b": [b"0.1", b"0.2"]}), "compare {}", 'task \'t\', model \'b\' holds "b\'0.1\'", which is not a number'),
    "Parquet: objects": (lambda m: m.parquet({"task": ["t", "u"], "a": [.1, .2], "b": [{"x": 1}, {"x": 2}]}), "compare {}", 'task \'t\', model \'b\' holds "{\'x\': 1}", which is not a number'),
    "Parquet: infinity": (lambda m: m.parquet({"task": ["t", "u"], "a": [.1, .2], "b": [np.inf, .2]}), "compare {}", "task 't', model 'b' is infinite"),
    "Parquet: infinite float32": (lambda m: m.parquet({"task": ["t", "u"], "a": [.1, .2], "b": np.array([np.inf, 1], "f4")}), "compare {}", "task 't', model 'b' is infinite"),
    "Parquet: no name": (lambda m: m.parquet({"task": ["t", None], "a": [.1, .2], "b": [.1, .2]}), "compare {}", 'task number 2 has no name'),
    "Parquet: no heading known": (lambda m: m.parquet({"x": ["t", "u"], "a": [.1, .2], "b": [.1, .2]}), "compare {}", "the first column is headed 'x'"),
    "Parquet: long, a score twice": (lambda m: m.parquet({"model": ["a", "a"], "task": ["t", "t"], "score": [.1, .2]}), "compare {}", "model 'a' has 2 scores on task 't'"),
    "Parquet: long, mixed splits": (lambda m: m.parquet({"model": ["a", "a"], "task": ["t", "t"], "score": [.1, .2], "split": ["dev", "test"]}), "compare {}", "model 'a' has several scores on task 't', one for each split"),
    "Parquet: long, text as score": (lambda m: m.parquet({"model": ["a", "b"], "task": ["t", "t"], "score": ["good", "bad"]}), "compare {}", "model 'a', task 't' holds 'good', which is not a number"),
    "Parquet: damaged metadata": (lambda m: m.parquet_with(b"{"), "compare {}", "its 'embsig' metadata are damaged"),
    "Parquet: metadata of another form": (lambda m: m.parquet_with(b'["no"]'), "compare {}", "its 'embsig' metadata are damaged"),
    "Parquet: a direction in words": (lambda m: m.parquet_with(b'{"higher_is_better": "yes"}'), "compare {}", "its 'embsig' metadata are damaged"),
    "Parquet: pandas' index is not there": (lambda m: m.parquet_by_pandas(index_columns=["nope"]), "compare {}", "s.parquet: cannot be read as Parquet: KeyError: 'nope'"),
    "Parquet: pandas' columns are a number": (lambda m: m.parquet_by_pandas(columns=5), "compare {}", "s.parquet: cannot be read as Parquet: TypeError"),
    "Parquet: pandas' type is none": (lambda m: m.parquet_by_pandas(columns=[{"name": "a", "field_name": "a", "pandas_type": "x", "numpy_type": "complexx", "metadata": None}]), "compare {}", "s.parquet: cannot be read as Parquet: TypeError"),
    "Parquet: pandas' heading is decimal": (lambda m: m.parquet_by_pandas(column_indexes=[{"name": 5, "field_name": 7, "pandas_type": "decimal", "numpy_type": "object", "metadata": None}]), "compare {}", "s.parquet: cannot be read as Parquet: InvalidOperation"),
    "Parquet: pandas' metadata are a list": (lambda m: m.parquet_with(b"[1]", b"pandas"), "compare {}", "cannot be read as Parquet: TypeError"),
    "Parquet: pandas' metadata nested 200,000 deep": (lambda m: m.parquet_with(b"[" * 200_000, b"pandas"), "compare {}", "cannot be read as Parquet: RecursionError"),
    # -- result files -----------------------------------------------------------------------------------------
    "results: an empty folder": (lambda m: m.root, "compare {}", 'holds no MTEB results: expected results/<model>/<revision>/<Task>.json'),
    "results: an empty file": (lambda m: raw(m, b""), "compare {}", 'not JSON'),
    "results: cut off": (lambda m: raw(m, json.dumps(present({"test": []})).encode()[:40]), "compare {}", 'not JSON'),
    "results: bytes": (lambda m: raw(m, bytes(range(256))), "compare {}", 'not JSON'),
    "results: nested 100,000 deep": (lambda m: raw(m, b"[" * 100_000), "compare {}", 'not JSON'),
    "results: a version of 100,000 digits": (lambda m: raw(m, present({"test": [{"main_score": .5}]}, mteb_version="1" * 100_000)), "compare {}", 'STS12.json: mteb_version has 100,000 characters'),
    "results: a number of 100,000 digits": (lambda m: raw(m, json.dumps(present({"test": [{"main_score": .5}]})).replace('"2.1.0"', "1" * 100_000).encode()), "compare {}", 'STS12.json: not JSON'),
    "results: a revision of 100,000 letters": (lambda m: raw(m, present({"test": [{"main_score": .5}]}, dataset_revision="d" * 100_000)), "compare {}", 'STS12.json: dataset_revision has 100,000 characters'),
    "results: a list": (lambda m: raw(m, [1, 2]), "compare {}", 'not a JSON object'),
    "results: null": (lambda m: raw(m, None), "compare {}", 'not a JSON object'),
    "results: no scores": (lambda m: raw(m, {"task_name": "STS12"}), "compare {}", 'holds no MTEB results: expected results/<model>/<revision>/<Task>.json'),
    "results: scores as a list": (lambda m: raw(m, present([])), "compare {}", 'holds no MTEB results: expected results/<model>/<revision>/<Task>.json'),
    "results: a split in words": (lambda m: raw(m, present({"test": "good"})), "compare {}", 'holds no list of scores'),
    "results: an entry in words": (lambda m: raw(m, present({"test": ["good"]})), "compare {}", 'without a main score'),
    "results: no main score": (lambda m: raw(m, present({"test": [{"hf_subset": "default"}]})), "compare {}", 'without a main score'),
    "results: a subset twice": (lambda m: raw(m, present({"test": [{"main_score": .1, "hf_subset": "default"}, {"main_score": .9, "hf_subset": "default"}]})), "compare {}", 'got 1 model to compare'),
    "results: a subset without a name": (lambda m: raw(m, present({"test": [{"main_score": .1, "hf_subset": None}]})), "compare {}", 'got 1 model to compare: expected at least two'),
    "results: half a surrogate": (lambda m: raw(m, json.dumps(present({"test": [{"main_score": .1, "hf_subset": "\ud800"}]})).encode()), "compare {}", 'surrogates not al'),
    "results: a task of half a surrogate": (lambda m: raw(m, json.dumps({**present({"test": []}), "task_name": "\udc80"}).encode()), "compare {}", 'not JSON'),
    "results: one model": (lambda m: m.tree({"org/a": {"STS12": .5, "STS13": .6}}), "compare {}", 'got 1 model to compare: expected at least two'),
    "results: one task": (lambda m: m.tree({"org/a": {"STS12": .5}, "org/b": {"STS12": .6}}), "compare {}", 'got 1 task to compare: expected at least two'),
    "results: scores in words": (lambda m: m.tree({"org/a": {"STS12": "0.5", "STS13": "0.6"}, "org/b": {"STS12": .5, "STS13": .6}}), "compare {}", 'got 1 model to compare: expected at least two'),
    "results: truth values": (lambda m: m.tree({"org/a": {"STS12": True, "STS13": True}, "org/b": {"STS12": .5, "STS13": .6}}), "compare {}", 'got 1 model to compare: expected at least two'),
    "results: too large a number": (lambda m: raw(m, json.dumps(present({"test": [{"main_score": 10**400}]})).encode()), "compare {}", 'none of the 1 models has a score on any of the 1 tasks'),
    "results: no task of the benchmark": (lambda m: m.tree({"org/a": {"T1": .5}, "org/b": {"T1": .6}}), "compare {} --benchmark 'MTEB(eng, v2)'", '2 result files, but no task of MTEB(eng, v2) among them'),
    "results: rows of a tree": (lambda m: m.tree(), "compare {} --rows tasks", "rows='tasks' is for tables"),
    "results: a name that is not UTF-8": (lambda m: m.odd_names(), "compare {}", "holds 'org__\\udcff/r1/STS12.json', a name that is not UTF-8: rename or "),
    # -- archives ---------------------------------------------------------------------------------------------
    **{
        f"{name}: {what}": (lambda m, f=f, name=name: f(m, name), "compare {}", expected)
        for name in ("r.tar.zst", "r.tar.gz", "r.tar", "r.zip")
        for what, (f, expected) in {
            "empty": (lambda m, name: m.file("", name), "is not a readable archive"),
            "text": (lambda m, name: m.file("To be, or not to be" * 99, name), "is not a readable archive"),
            "cut off": (lambda m, name: m.cut(m.archive(name), .6), "archive"),
            "no results": (lambda m, name: m.archive(name, {"README.md": b"x"}), "holds no MTEB results"),
            "a path upwards": (lambda m, name: m.archive(name, {"../evil.json": b"{}"}), "leaves the archive: refused"),
            "a path from the root": (lambda m, name: m.archive(name, {"/etc/evil.json": b"{}"}), "leaves the archive: refused"),
            "a path of another drive": (lambda m, name: m.archive(name, {"C:\\evil.json": b"{}"}), "leaves the archive: refused"),
            "a path upwards within": (lambda m, name: m.archive(name, {"results/../../evil.json": b"{}"}), "leaves the archive: refused"),
        }.items()
    },
    "r.tar.zst: bent": (lambda m: m.bend(m.archive("r.tar.zst")), "compare {}", 'is not a readable archive'),
    "r.tar.gz: bent": (lambda m: m.bend(m.archive("r.tar.gz"), .2), "compare {}", 'is not a readable archive'),
    "r.zip: bent": (lambda m: m.bend(m.archive("r.zip"), .1), "compare {}", 'is not a readable archive'),
    "r.zip: directory bent": (lambda m: m.bend(m.archive("r.zip"), .95), "compare {}", 'got 1 model to compare: expected at least two'),
    "r.zip: LZMA bent": (lambda m: m.bend(m.zip(method=zipfile.ZIP_LZMA), .06, 90), "compare {}", 'is not a readable archive'),
    "r.tar: links alone": (lambda m: m.tar({}, "r.tar", a=(tarfile.SYMTYPE, "/etc/passwd"), b=(tarfile.LNKTYPE, "/etc/passwd")), "compare {}", 'holds no MTEB results: expected results/<model>/<revision>/<Task>.json'),
    "r.tar: devices alone": (lambda m: m.tar({}, "r.tar", a=(tarfile.CHRTYPE, ""), b=(tarfile.FIFOTYPE, "")), "compare {}", 'holds no MTEB results: expected results/<model>/<revision>/<Task>.json'),
    # -- runs and samples -------------------------------------------------------------------------------------
    "samples: of a table": (lambda m: m.scores(), "compare {} --level samples", 'holds no samples: expected samples/<task>/<model>.parquet, as `embsig '),
    "samples: of a tree": (lambda m: m.tree(), "compare {} --level samples", 'holds no samples: expected samples/<task>/<model>.parquet, as `embsig '),
    "samples: another test": (lambda m: m.run(), "compare {} --level samples --test sign", "level='samples' has a test of its own (stratified-t): leave test out (got 'sign')"),
    "samples: romano-wolf": (lambda m: m.run(), "compare {} --level both --correction romano-wolf", "romano-wolf takes joint draws of all pairs and test 'crossed-t' has none"),
    "samples: empty file": (lambda m: m.run(spoil=lambda p: p.write_bytes(b"")), "compare {} --level samples", 'cannot be read as Parquet: Parquet file size is 0 bytes'),
    "samples: cut off": (lambda m: m.run(spoil=m.cut), "compare {} --level samples", 'cannot be read as Parquet: Parquet magic bytes not found in footer. Ei'),
    "samples: a folder": (lambda m: m.run(spoil=lambda p: (p.unlink(), p.mkdir())), "compare {} --level samples", "org%2Fa.parquet"),
    "samples: a link to itself": (lambda m: m.run(spoil=lambda p: (p.unlink(), p.symlink_to(p.name))), "compare {} --level samples", "cannot be read: Too many levels of symbolic links"),
    "samples: bent": (lambda m: m.run(spoil=lambda p: m.bend(p, .02)), "compare {} --level samples", "org%2Fa.parquet"),
    "samples: text": (lambda m: m.run(spoil=lambda p: p.write_text("no")), "compare {} --level samples", 'cannot be read as Parquet: Parquet file size is 2 bytes, smaller than '),
    "samples: no metadata": (lambda m: m.run(meta=None), "compare {} --level samples", "is not a samples file: its metadata lack 'embsig.samples'"),
    "samples: damaged metadata": (lambda m: m.run(meta=b"{"), "compare {} --level samples", "its 'embsig.samples' metadata are damaged or lack metric or main_score"),
    "samples: metadata of another form": (lambda m: m.run(meta=b"[1]"), "compare {} --level samples", "its 'embsig.samples' metadata are damaged or lack metric or main_score"),
    "samples: a schema to come": (lambda m: m.run(schema=99), "compare {} --level samples", 'has samples schema 99'),
    "samples: no metric": (lambda m: m.run(metric=None), "compare {} --level samples", "its 'embsig.samples' metadata are damaged or lack metric or main_score"),
    "samples: unknown metric": (lambda m: m.run(metric="charm"), "compare {} --level samples", "task 'STS12': the models differ in metric"),
    "samples: other columns": (lambda m: m.run({"x": [1, 2]}), "compare {} --level samples", "samples of 'org/a' on 'STS12' lack the column 'sample': expected a sta"),
    "samples: a sample twice": (lambda m: m.run({"sample": ["q", "q"], "score": [.1, .2]}), "compare {} --level samples", "task 'STS12': 'org/a' has 1 of the 2 samples that the models have between"),
    "samples: infinite": (lambda m: m.run({"sample": ["q", "r"], "score": [.1, np.inf]}), "compare {} --level samples", "samples of 'org/a' on 'STS12': score of sample 'r' is 'inf'"),
    "samples: missing": (lambda m: m.run({"sample": ["q", "r"], "score": [.1, None]}), "compare {} --level samples", "samples of 'org/a' on 'STS12': score of sample 'r' is 'nan'"),
    "samples: text as scores": (lambda m: m.run({"sample": ["q", "r"], "score": ["a", "b"]}), "compare {} --level samples", "samples of 'org/a' on 'STS12': score of sample 'q' is 'a'"),
    "samples: none": (lambda m: m.run({"sample": [], "score": []}), "compare {} --level samples", "task 'STS12': 'org/a' has 0 of the 2 samples that the models have between"),
}
# fmt: on


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case, refused):
    refused(*REFUSED[case])
