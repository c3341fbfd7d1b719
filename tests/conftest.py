"""Where the real data lies, and the skips where it is absent."""

import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.cache_folder import cache_folder
from embsig.cli import app as command_line

if "PYTEST_XDIST_WORKER" in os.environ:  # workers side by side with a thread each; with more they wait for one another
    os.environ.setdefault("OMP_NUM_THREADS", "1")

#: Where tests may connect to: this machine.
_HERE = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "", None, socket.gethostname()}  # noqa: S104  (nothing is bound to it)


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    """Let no test reach another machine, whatever library would: an audit hook of the interpreter."""
    # A datagram socket that connects sends nothing: it is how Ray asks for this machine's own address.
    if event == "socket.connect" and isinstance(arguments[1], tuple) and arguments[0].type == socket.SOCK_STREAM:
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if host not in _HERE and host not in _OWN:
        raise RuntimeError(f"a test wanted to reach another machine: {host}")


try:
    _OWN = set(socket.gethostbyname_ex(socket.gethostname())[2])
except OSError:
    _OWN = set()
sys.addaudithook(_stay_here)

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

#: Tests keep their indexes to themselves; those of one run share what they read.
_CACHE = tempfile.TemporaryDirectory(prefix="embsig-test-cache-")
for _corpus in cache_folder().glob("corpus-*.parquet"):  # named by its content: harvested once, not once a run
    Path(_CACHE.name, _corpus.name).symlink_to(_corpus)
os.environ["EMBSIG_CACHE"] = _CACHE.name

DATA = Path(os.environ.get("EMBSIG_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def _need(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"real data not found: {path} (set EMBSIG_TEST_DATA to the folder that holds it)")
    return path


@pytest.fixture(scope="session")
def results_archive() -> Path:
    """The public MTEB results as .tar.zst."""
    return _need(DATA / "mteb-results-eng.tar.zst")


@pytest.fixture(scope="session")
def rteb_archive() -> Path:
    """The public results of RTEB, Medical and Code as .tar.zst."""
    return _need(DATA / "mteb-results-rteb-medical-code.tar.zst")


@pytest.fixture(scope="session")
def multilingual_csv() -> Path:
    """MTEB(Multilingual, v2): tasks x all models, with holes."""
    return _need(DATA / "multilingual_v2_tasks_by_models.csv")


@pytest.fixture(scope="session")
def eng_v2_csv() -> Path:
    """183 models (rows) x 41 tasks (columns) of MTEB(eng, v2)."""
    return _need(DATA / "eng_v2_models_by_tasks.csv")


@pytest.fixture(scope="session")
def task_data() -> Path:
    """A folder per real MTEB task."""
    return _need(DATA / "tasks")


@pytest.fixture
def write_result(tmp_path: Path) -> Callable[..., Path]:
    """Write one MTEB result file under tmp_path/results; ``scores`` is {split: {subset: main score}}."""

    def write(
        model: str,
        task: str,
        scores: dict[str, dict[str, float | None]],
        *,
        revision: str = "r1",
        root: Path | None = None,
        meta: bool = True,
        extra: dict[str, Any] | None = None,
        **head: Any,
    ) -> Path:
        folder = (root or tmp_path / "results") / model.replace("/", "__") / revision
        folder.mkdir(parents=True, exist_ok=True)
        if meta:
            (folder / "model_meta.json").write_text(json.dumps({"name": model, "revision": revision}))
        entries = {
            split: [
                {"main_score": score, "hf_subset": subset, "languages": ["eng-Latn"], **(extra or {})}
                for subset, score in subsets.items()
            ]
            for split, subsets in scores.items()
        }
        whole = {"dataset_revision": "d1", "task_name": task, "mteb_version": "2.1.0", "scores": entries, **head}
        path = folder / f"{task}.json"
        path.write_text(json.dumps(whole))
        return path

    return write


#: What takes longer than a change may wait for: beginnings of folders, files and tests below tests/.
SLOW = (
    *("bench/runner/", "bench/test_", "fuzz/", "hostile/", "reports/test_browser.py", "reports/test_layout.py"),
    *(
        "bench/sources/test_borda_parity.py",
        "bench/sources/test_sources_parity.py",
        "bench/sources/test_sources_tar.py",
    ),
    *("stats/decisions/test_coherence.py", "stats/levels/", "stats/prediction/", "stats/test_eng_v2.py"),
    *("stats/test_properties.py", "stats/test_same_bits.py", "stats/test_samples_streamed.py"),
    *("test_benchmarks_run.py", "test_disk.py", "test_documents.py", "test_reproducible.py", "test_security.py"),
    *(
        "test_packaging.py",
        "test_unlucky.py",
        "embsig/test_guard.py::test_the_command",
        "reports/test_html.py::test_size",
    ),
    "bench/study/test_study.py::test_the_tables_of_the_page_come_from_an_archive",
    "stats/coverage/test_coverage.py::test_the_public_benchmarks",
    "stats/omnibus/test_beyond.py::test_aligned_ranks_is_what_permutation_within_tasks_says",
    "stats/pairwise/test_bootstrap.py::test_bca_turned_round_where_resamples_lie_at_zero",
    "stats/planning/test_planning.py::test_a_stated_power_is_held_from_eight_tasks_on",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow; ``-m "not slow"`` leaves it out."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            name = f"{item.path.relative_to(here).as_posix()}::{item.name}"
            if name.startswith(SLOW):
                item.add_marker(pytest.mark.slow)


class Cli:
    """Run the command line in this process; keep what it printed and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            command_line.main([str(a) for a in arguments])
        printed = self.capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Return the command line, run in this process: (exit code, standard output, standard error)."""
    return Cli(capsys)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium; skips where there is none."""
    chromium = os.environ.get("EMBSIG_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on this machine (EMBSIG_TEST_CHROMIUM names one)")
    sync_api = pytest.importorskip("playwright.sync_api", reason="the Python package playwright is not installed")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        started.close()
