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


def test_rows_held_in_memory_are_those_of_the_file(source, write_result):
    write_result("org/a", "STS12", {"test": {"default": 0.4}, "dev": {"default": 0.3}})
    write_result("org/b", "STS12", {"test": {"default": 0.6, "other": 0.2}})
    asked = [task for name in ("STS12", "STS13") if (task := load().task(name)) is not None]
    fresh = opened(source, load(), cache=True, progress=None)[1]
    with one_state():
        held = opened(source, load(), cache=True, progress=None)[1]
        for tasks in (asked, asked[:1], asked[1:], None):
            assert held.entries(tasks).equals(fresh.entries(tasks))
    assert fresh.held is None
    assert held.held


def test_a_process_of_a_pool_keeps_its_state(source, write_result, monkeypatch):
    monkeypatch.setattr(module, "_opened", None)
    keep_one_state()
    before = models(source)
    write_result("org/b", "STSBenchmark", {"test": {"default": 0.6}})
    assert models(source) == before
    keep_one_state()  # what was opened before the process was forked stays
    assert models(source) == before
