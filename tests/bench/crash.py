"""Kill a long command at random points, start it again, and compare its folder with that of one left in peace.

    python tests/bench/crash.py run --kills 30 --seed 0

What is killed is a run, a training, the pretraining of a base, the building of an index or the writing of a page. Every
second time it is interrupted, as by Ctrl-C, and must leave no lock and no half-written file. Half of the kills come at a
random moment, half just before or after a random step of writing (a flush, a rename, a file of weights). The processes are
forked from one, so that mteb and torch are imported once. Prints one JSON line; exits with 1 on any difference.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE / "runner"), str(_HERE.parent / "helpers")]

TASKS = (
    "MockSTSTask", "MockRetrievalTask", "MockPairClassificationTask", "MockClusteringTask", "MockBitextMiningTask",
    "MockSummarizationTask",
)  # fmt: skip


#: How a child that was interrupted ends.
_INTERRUPTED = 130


def main() -> int:
    """Run the trials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=SCENARIOS)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    scenario = SCENARIOS[options.what]
    rng = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as place:
        scenario.prepare(Path(place))
        whole = Path(place) / "whole"
        # In this process, so that the forks inherit every module that is imported.
        scenario.work(whole)
        start = time.monotonic()
        steps = _count_steps(scenario, Path(place) / "counted")
        seconds = time.monotonic() - start
        kills, wrong, struck = 0, {}, []
        while kills < options.kills:
            folder = Path(place) / "killed"
            shutil.rmtree(folder, ignore_errors=True)
            for _ in range(rng.integers(1, 4)):
                step = int(rng.integers(steps)) if rng.random() < 0.5 else None
                how = (signal.SIGKILL, signal.SIGINT)[kills % 2]
                before = _left(folder)
                child = _fork(scenario, folder, step, how=how)
                if step is None:
                    time.sleep(rng.random() * seconds)
                    os.kill(child, how)
                ended = os.waitpid(child, 0)[1]
                if os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) == _INTERRUPTED:
                    kills += 1
                    struck.append(f"{how.name} at {'some time' if step is None else f'step {step}'}")
                    if how == signal.SIGINT and (left := sorted(_left(folder) - before)):
                        wrong[struck[-1]] = left
            _wait(_fork(scenario, folder, None))
            one, other = scenario.content(whole), scenario.content(folder)
            if found := sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name)):
                wrong[str(struck[-3:])] = found
        summary = {
            "kills": kills,
            "files": len(scenario.content(whole)),
            "steps": steps,
            "seconds_per_run": round(seconds, 2),
        }
    print(json.dumps({**summary, "struck": struck, "differences": wrong}))
    return 1 if wrong else 0


def _left(folder: Path) -> set[str]:
    """Locks and half-written files, which an interruption takes away."""
    return {p.name for p in folder.rglob("*") if p.name == ".lock" or p.suffix == ".part"}


def _fork(
    scenario: "Scenario",
    folder: Path,
    dies_at: int | None,
    counts: Path | None = None,
    how: signal.Signals = signal.SIGKILL,
) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _instrument(dies_at, counts, how)
            scenario.work(folder)
            status = 0
        except KeyboardInterrupt:
            status = _INTERRUPTED
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def _wait(child: int) -> None:
    if os.waitpid(child, 0)[1] != 0:
        raise RuntimeError("an undisturbed run failed")


def _count_steps(scenario: "Scenario", folder: Path) -> int:
    counts = folder.with_suffix(".steps")
    _wait(_fork(scenario, folder, None, counts))
    return counts.stat().st_size


def _instrument(dies_at: int | None, counts: Path | None, how: signal.Signals) -> None:
    """Make every flush, rename and removal a step; die at one of them."""
    done = 0

    def stepping(function: Any) -> Any:
        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal done
            if (
                getattr(args[0], "name", "") == ".lock"
            ):  # whoever is interrupted right here may leave it: it holds nobody up
                return function(*args, **kwargs)
            if counts is not None:
                with counts.open("a") as file:
                    file.write(".")
            done += 1
            if done - 1 == dies_at:
                os.kill(os.getpid(), how)
            return function(*args, **kwargs)

        return step

    if "torch" in sys.modules:
        import safetensors.torch
        import torch

        torch.save = stepping(torch.save)
        safetensors.torch.save_file = stepping(safetensors.torch.save_file)
    os.rename = stepping(os.rename)
    os.fsync = stepping(os.fsync)
    os.replace = stepping(os.replace)
    pathlib.Path.replace = stepping(pathlib.Path.replace)  # type: ignore[method-assign]  # in this process only
    pathlib.Path.unlink = stepping(pathlib.Path.unlink)  # type: ignore[method-assign]  # in this process only


@dataclass(frozen=True)
class Scenario:
    """What is killed: made ready in a place, done in a folder, and what of the folder must be the same."""

    work: Callable[[Path], None]
    content: Callable[[Path], dict[str, Any]]
    prepare: Callable[[Path], None] = lambda place: None


def _run(folder: Path) -> None:
    import mteb
    from mteb import mocks

    from bench import evaluate

    meta = mteb.get_model_meta("mteb/baseline-random-encoder")
    tasks = [t for t in mocks.ALL_MOCK_TASK_TEST_GRID if t.metadata.name in TASKS]
    evaluate(["mteb/baseline-random-encoder", meta.model_copy(update={"name": "test/other"})], tasks, output=folder)


def _run_content(folder: Path) -> dict[str, Any]:
    from compare_runs import content

    return content(folder)


def _decoder(place: Path) -> None:
    from tiny_models import save_decoder

    save_decoder(place / "base", "qwen3")


def _train(folder: Path) -> None:
    from bench import train

    rows = [{"query": f"cat {i}", "positive": f"a cat, {i}", "negative": f"dog {i + 1}"} for i in range(60)]
    numbers = {"steps": 6, "batch_size": 8, "max_length": 16, "checkpoint_every": 2, "held_out": 8, "lora_dropout": 0.1}
    train(folder.parent / "base", "model-3", rows, folder, preset="embedded", precision="fp32", **numbers)  # type: ignore[arg-type]


def _pretrain(folder: Path) -> None:
    from bench.embedded_base.pretraining import Recipe, pretrain

    texts = [f"The quick brown fox number {i} jumps over the lazy dog {7 * i}." for i in range(120)]
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "num_hidden_layers": 2}
    pretrain(
        folder,
        recipe=Recipe(steps=6, batch=4, length=16, warmup=2, decay=2),
        train_texts=texts,
        validation_texts=texts[:20],
        vocabulary=300,
        shape={"hidden_size": 32, "intermediate_size": 64, **heads},
        every=2,
    )


def _files(
    folder: Path, times: tuple[str, ...] = ("seconds", "tokens_per_second", "resumed_from", "tokens")
) -> dict[str, Any]:
    """Bytes of the files; of JSON, what it says but for times and where it went on."""

    def timeless(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: timeless(v) for k, v in value.items() if k not in times}
        return value

    found: dict[str, Any] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "checkpoint.safetensors"):
        name, content = path.relative_to(folder).as_posix(), path.read_bytes()
        lines = content.splitlines() if path.suffix == ".jsonl" else [content] if path.name == "manifest.json" else []
        found[name] = [timeless(json.loads(line)) for line in lines] or content
    return found


def _results(place: Path) -> None:
    for model in range(40):
        folder = place / "results" / f"org__m{model}" / "r1"
        folder.mkdir(parents=True)
        (folder / "model_meta.json").write_text(json.dumps({"name": f"org/m{model}", "revision": "r1"}))
        for task in ("STS12", "STS13", "STS14"):
            scores = {"test": [{"main_score": model / 40, "hf_subset": "default", "languages": ["eng-Latn"]}]}
            about = {"dataset_revision": "d1", "task_name": task, "mteb_version": "2.1.0", "scores": scores}
            (folder / f"{task}.json").write_text(json.dumps(about))


def _index(folder: Path) -> None:
    from bench.sources.definitions import load
    from bench.sources.index import open_index

    os.environ["EMBSIG_CACHE"] = str(folder)
    open_index(folder.parent / "results", load())


def _page(folder: Path) -> None:
    import pandas as pd

    from reports import html_report
    from stats import compare

    scores = np.random.default_rng(0).normal(0.5, 0.1, (9, 5))
    table = pd.DataFrame(scores, [f"t{i}" for i in range(9)], list("abcde"))
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
    html_report(compare(table, n_resamples=400, rng=0), folder / "report.html", command="embsig report")


SCENARIOS = {
    "run": Scenario(_run, _run_content),
    "train": Scenario(_train, _files, _decoder),
    "pretrain": Scenario(_pretrain, _files),
    "index": Scenario(_index, _files, _results),
    "page": Scenario(_page, _files),
}


if __name__ == "__main__":
    sys.exit(main())
