"""What the runner costs on top of mteb: the same grid, the same encoder, with and without it, in one process.

    python benchmarks/runner_overhead.py MODEL_FOLDER DATA_ROOT [--tasks STSBenchmark ...] [--repeats 3]

Times are processor seconds, since other work on the machine does not change them much; the first, unmeasured pass of each
kind warms up. Three ratios are printed:

runner / mteb
    ``bench.evaluate`` (samples, hashes, records, flushes) over bare ``mteb.evaluate`` with the very same encoder.
token budget / batch of 32
    Encoding the tasks' texts in batches by token budget over ``SentenceTransformer.encode`` as mteb calls it.
cached / first
    The same call again, when every job is done; its wall time is printed in seconds.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench import evaluate
from bench.runner.backends.one_job import quiet
from bench.runner.encoding.load_encoder import load_encoder
from bench.runner.grid.jobs import Settings
from bench.runner.grid.models import resolve_models
from bench.runner.grid.tasks import resolve_tasks
from bench.runner.task_data.data_root import attach


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("data_root", type=Path)
    parser.add_argument("--tasks", nargs="+", default=["STSBenchmark", "SIB200Classification:eng_Latn"])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    import mteb
    from mteb.cache import ResultCache
    from mteb.models.sentence_transformer_wrapper import SentenceTransformerEncoderWrapper

    (spec,) = resolve_models([options.model])
    specs = resolve_tasks(options.tasks)
    # No cache: both kinds encode every text.
    encoder = load_encoder(spec, Settings(cache_bytes=0))
    with quiet():
        plain = SentenceTransformerEncoderWrapper(encoder.model)
    plain.mteb_model_meta = encoder.mteb_model_meta

    def bare(model: object, folder: Path) -> None:
        with quiet():
            for task_spec in specs:
                task = task_spec.make()
                attach(task, options.data_root / task_spec.name)
                mteb.evaluate(
                    model, task, cache=ResultCache(folder), overwrite_strategy="always", co2_tracker=False,
                    show_progress_bar=False, encode_kwargs={"batch_size": 32, "show_progress_bar": False},
                )  # fmt: skip

    def runner(folder: Path) -> None:
        run = evaluate(encoder, options.tasks, output=folder, data_root=options.data_root, cache_bytes=0)
        assert run.exit_status == 0, str(run)

    kinds: dict[str, Callable[[Path], None]] = {
        "mteb": lambda folder: bare(encoder, folder),
        "runner": runner,
        "sentence-transformers": lambda folder: bare(plain, folder),
    }
    seconds: dict[str, list[float]] = {name: [] for name in [*kinds, "cached"]}
    with tempfile.TemporaryDirectory() as place:
        for repeat in range(options.repeats + 1):
            for name, run in kinds.items():
                folder = Path(place) / name
                shutil.rmtree(folder, ignore_errors=True)
                start = time.process_time()
                run(folder)
                seconds[name].append(time.process_time() - start)
            start = time.process_time()
            wall = time.perf_counter()
            runner(Path(place) / "runner")
            wall = time.perf_counter() - wall
            seconds["cached"].append(time.process_time() - start)
            if repeat == 0:
                for times in seconds.values():
                    times.clear()
    middle = {name: median(times) for name, times in seconds.items()}
    print(f"{', '.join(options.tasks)}; median of {options.repeats}, processor seconds: "
          + ", ".join(f"{name} {value:.2f}" for name, value in middle.items()))  # fmt: skip
    print(f"runner / mteb: {middle['runner'] / middle['mteb']:.3f}")
    print(f"token budget / batch of 32: {middle['mteb'] / middle['sentence-transformers']:.3f}")
    print(f"cached / first: {middle['cached'] / middle['runner']:.4f} ({wall:.2f} s of wall time)")


if __name__ == "__main__":
    main()
