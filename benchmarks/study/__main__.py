"""``python -m benchmarks.study make FOLDER`` makes the study, ``... answer ARCHIVE`` prints the tables of docs/study.md."""

import argparse
from pathlib import Path

from .tables import tables


def main() -> None:
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.study", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="pretrain, train, evaluate, archive; resumes where it stopped")
    make.add_argument("folder", type=Path)
    answer = commands.add_parser("answer", help="print verdicts and tables as Markdown")
    answer.add_argument("archive", type=Path)
    answer.add_argument("--resamples", type=int, default=10_000)
    given = parser.parse_args()
    if given.command == "make":
        from .making import make_study

        print(make_study(given.folder, say=lambda line: print(line, flush=True)))
        return
    print(tables(given.archive, n_resamples=given.resamples))


if __name__ == "__main__":
    main()
