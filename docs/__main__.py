"""Build the site: ``python -m docs [FOLDER]`` writes it to ``docs/_build`` (open ``index.html`` there), without a network.

Needs the extra ``docs``. Every warning is an error (a reference to nothing, a heading that is not there, an example that
fails), and so is a link or an anchor of the finished pages that leads nowhere, and anything that a page would load from
elsewhere.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Build, then check what was built."""
    parser = argparse.ArgumentParser(prog="python -m docs", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=HERE / "_build")
    parser.add_argument(
        "--quick", action="store_true", help="only pages that changed; outputs that they show may be old"
    )
    asked = parser.parse_args()
    if not asked.quick:
        for made in (asked.folder, HERE / "pictures", HERE / "reference" / "generated"):
            shutil.rmtree(made, ignore_errors=True)
    from site_parts import first_screen

    first_screen.make(HERE)
    built = subprocess.run(  # noqa: S603  # its own arguments
        [sys.executable, "-m", "sphinx", "-b", "html", "-n", "-W", "--keep-going", "-q", "-d", str(asked.folder / ".doctrees"), str(HERE), str(asked.folder)],
        check=False,
    )  # fmt: skip
    if built.returncode:
        return built.returncode
    from site_parts import links

    wrong = links.check(asked.folder)
    for line in wrong:
        print(line, file=sys.stderr)
    if not wrong:
        print(f"wrote {asked.folder / 'index.html'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.exit(main())
