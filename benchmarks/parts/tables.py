"""Reading a plain table: what its recognition costs beside a reader that recognises nothing."""

import tempfile
from pathlib import Path

from benchmarks.harness import Options, Row, against

SHAPE = (183, 41)


def write(folder: Path, rows: str) -> Path:
    """Write a CSV of 183 x 41 scores with six decimals, rows headed "task" or "model"."""
    import numpy as np
    import pandas as pd

    values = np.random.default_rng(0).beta(6, 4, SHAPE).round(6)
    other = "model" if rows == "task" else "task"
    frame = pd.DataFrame(
        values,
        index=pd.Index([f"{rows} {i}" for i in range(SHAPE[0])], name=rows),
        columns=[f"{other} {i}" for i in range(SHAPE[1])],
    )
    path = folder / f"{rows}s.csv"
    frame.to_csv(path)
    return path


def run(options: Options) -> list[Row]:
    """Both orientations, against the reader without recognition and against pandas alone."""
    import pandas as pd

    from bench import read
    from bench.intake.account import Account
    from bench.intake.describe import describe
    from bench.sources.definitions import load
    from stats import Scores

    rounds = 1 if options.tiny else 10 * options.rounds
    found = []
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as folder:
        for rows in ("task", "model"):
            path = write(Path(folder), rows)
            shape = f"a CSV of 183 {rows}s x 41 {'models' if rows == 'task' else 'tasks'}"
            found.append(
                against(
                    f"{shape}: read, recognised, described",
                    "the former reader: `Scores.from_csv`, described, nothing recognised",
                    lambda path=path: read(path),  # type: ignore[misc]  # bound now
                    lambda path=path: describe(Scores.from_csv(path), load(), None, Account("it")),  # type: ignore[misc]
                    at_least=1,
                    rounds=rounds,
                )
            )
            found.append(
                against(
                    f"{shape}: the same",
                    "`pandas.read_csv`: numbers alone, nothing checked",
                    lambda path=path: read(path),  # type: ignore[misc]
                    lambda path=path: pd.read_csv(path, index_col=0),  # type: ignore[misc]
                    rounds=rounds,
                )
            )
    return found
