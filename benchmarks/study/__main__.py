"""``python -m benchmarks.study make FOLDER`` makes the study, ``... publish FOLDER`` puts it into bench/data, ``... answer`` prints the tables of docs/study.md, ``... pages`` writes all that the documentation shows of it."""

import argparse
from pathlib import Path

from bench.study.archive import SHIPPED
from bench.study.protocol import CONDITIONS, STUDY

from .conditions import place
from .pages import write_pages
from .publish import publish, publish_condition
from .tables import tables


def main() -> None:
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.study", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="pretrain, train, evaluate, archive; resumes where it stopped")
    make.add_argument("folder", type=Path)
    answer = commands.add_parser("answer", help="print verdicts and tables as Markdown")
    answer.add_argument("archive", type=Path, nargs="?", default=SHIPPED, help="default: the archive that ships")
    answer.add_argument("--resamples", type=int, default=10_000)
    publish_ = commands.add_parser("publish", help="put a finished study into bench/data, on the base that ships")
    publish_.add_argument("folder", type=Path)
    for one in (make, publish_):
        one.add_argument(
            "--condition",
            choices=list(CONDITIONS),
            default=STUDY,
            help="what stands beside the study in docs/study.md: next-token, the base's only objective; longer, four times the updates",
        )
    pages = commands.add_parser("pages", help="write docs/study.md and the examples from the archive that ships")
    pages.add_argument("docs", type=Path, nargs="?", default=Path("docs"))
    pages.add_argument(
        "--untrained", type=Path, help="evaluate the untrained models in this folder, too, for docs/suite.md"
    )
    given = parser.parse_args()
    if given.command == "make":
        from bench.study.making import make_study

        made = make_study(given.folder, condition=given.condition, say=lambda line: print(line, flush=True))
        print(made)
        return
    if given.command == "publish":
        if given.condition == STUDY:
            print(*publish(given.folder, SHIPPED.parent), sep="\n")
        else:
            print(publish_condition(given.folder / "archive", place(given.condition)))
        return
    if given.command == "pages":
        print(*write_pages(SHIPPED, given.docs, untrained=given.untrained), sep="\n")
        return
    print(tables(given.archive, n_resamples=given.resamples))


if __name__ == "__main__":
    main()
