"""The packages whose docstrings are the corpus, and where their sources lie."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

#: Import name -> distribution name. All are dependencies of ``embsig[bench]`` (direct or of those), under permissive
#: licences; the list is written down, so that a stray package in an environment cannot change the corpus.
PACKAGES: dict[str, str] = {
    "PIL": "pillow",
    "accelerate": "accelerate",
    "click": "click",
    "datasets": "datasets",
    "fontTools": "fonttools",
    "formulaic": "formulaic",
    "fsspec": "fsspec",
    "huggingface_hub": "huggingface-hub",
    "jinja2": "jinja2",
    "joblib": "joblib",
    "matplotlib": "matplotlib",
    "mpmath": "mpmath",
    "mteb": "mteb",
    "narwhals": "narwhals",
    "networkx": "networkx",
    "numpy": "numpy",
    "pandas": "pandas",
    "patsy": "patsy",
    "peft": "peft",
    "pingouin": "pingouin",
    "polars": "polars",
    "pyarrow": "pyarrow",
    "pydantic": "pydantic",
    "rich": "rich",
    "scipy": "scipy",
    "seaborn": "seaborn",
    "sentence_transformers": "sentence-transformers",
    "sklearn": "scikit-learn",
    "statsmodels": "statsmodels",
    "sympy": "sympy",
    "torch": "torch",
    "transformers": "transformers",
    "typer": "typer",
    "xarray": "xarray",
}

#: Folders and modules that hold no documentation of the package's own.
SKIPPED_PARTS = frozenset(
    {
        "tests",
        "test",
        "testing",
        "conftest",
        "_vendor",
        "vendor",
        "externals",
        "extern",
        "_extern",
        "third_party",
        "_pytest",
        "mocks",
        "__pycache__",
    }
)


@dataclass(frozen=True)
class Source:
    """One installed package: its import name, its version without the local part (``+cpu``), its folder."""

    package: str
    version: str
    folder: Path


def installed_sources(packages: dict[str, str] | None = None) -> tuple[Source, ...]:
    """Find the packages of the corpus that are installed, in alphabetical order, without importing any."""
    found = []
    for package, distribution in sorted((packages or PACKAGES).items()):
        try:
            number = version(distribution)
        except PackageNotFoundError:
            continue
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            continue
        folder = Path(next(iter(spec.submodule_search_locations)))
        found.append(Source(package, number.split("+")[0], folder))
    return tuple(found)


def module_files(source: Source) -> list[tuple[str, Path]]:
    """List (dotted module name, file) of a package in alphabetical order of the modules, tests and vendored code left out."""
    files = []
    for path in source.folder.rglob("*.py"):
        parts = path.relative_to(source.folder).with_suffix("").parts
        if any(part in SKIPPED_PARTS or part.startswith("test_") for part in parts):
            continue
        if parts[-1] == "__init__":
            parts = parts[:-1]
        files.append((".".join((source.package, *parts)), path))
    return sorted(files)
