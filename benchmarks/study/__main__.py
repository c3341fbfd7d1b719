"""``python -m benchmarks.study make FOLDER`` makes the study, ``... answer`` prints the tables of docs/study.md."""

import argparse
from pathlib import Path

from bench.study.archive import SHIPPED

from .tables import tables, write_into


def main() -> None:
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.study", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="pretrain, train, evaluate, archive; resumes where it stopped")
    make.add_argument("folder", type=Path)
    answer = commands.add_parser("answer", help="print verdicts and tables as Markdown")
    answer.add_argument("archive", type=Path, nargs="?", default=SHIPPED, help="default: the archive that ships")
    answer.add_argument("--resamples", type=int, default=10_000)
    answer.add_argument("--into", type=Path, help="replace the results in this page instead of printing them")
    given = parser.parse_args()
    if given.command == "make":
        from bench.study.making import make_study

        print(make_study(given.folder, say=lambda line: print(line, flush=True)))
        return
    found = tables(given.archive, n_resamples=given.resamples)
    if given.into:
        write_into(given.into, found)
    else:
        print(found)


if __name__ == "__main__":
    main()
