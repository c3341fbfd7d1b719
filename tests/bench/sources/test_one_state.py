"""Many reads of one state of a source: what is added meanwhile is not seen, and seen again afterwards."""

import pytest

from bench.sources import one_state as module
from bench.sources.definitions import load
from bench.sources.one_state import keep_one_state, one_state, opened


@pytest.fixture
def source(write_result):
    return write_result("org/a", "STSBenchmark", {"test": {"default": 0.5}}).parents[2]


def models(source):
    return set(opened(source, load(), cache=True, progress=None)[1].entries()["folder"])


def test_within_it_a_source_stays_as_it_was(source, write_result):
    with one_state():
        before = models(source)
        write_result("org/b", "STSBenchmark", {"test": {"default": 0.6}})
        with one_state():
            assert models(source) == before
    assert len(models(source)) == len(before) + 1


def test_a_process_of_a_pool_keeps_its_state(source, write_result, monkeypatch):
    monkeypatch.setattr(module, "_opened", None)
    keep_one_state()
    before = models(source)
    write_result("org/b", "STSBenchmark", {"test": {"default": 0.6}})
    assert models(source) == before
    keep_one_state()  # what was opened before the process was forked stays
    assert models(source) == before
