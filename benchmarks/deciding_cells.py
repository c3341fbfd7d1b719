"""Quality against the size of a vector: the table and the figure of docs/deciding.md.

    python benchmarks/deciding_cells.py RUN --baseline NAME [--margin 0.005] [--figure docs/img/minilm-frontier.svg]

RUN is a folder of `embsig run --dims ... --precision ...`. Every cell is gated against the baseline over samples, at alpha divided by their number, so that all verdicts
hold together; the smallest that is accepted is named in the gate's own words.
"""

import argparse
from pathlib import Path

import embsig
from reports.figures import size_frontier
from stats.common import text

ALPHA = 0.05


def table(samples: embsig.Samples, baseline: str, margin: float) -> list[str]:
    """Rows of every cell, the largest vectors first, and what the gate says of the smallest that is accepted."""
    scores = samples.scores()
    sizes = scores.provenance["bytes_per_vector"]
    cells = sorted(sizes, key=lambda m: (-sizes[m], m != baseline, m))
    tasks = scores.task_names
    lines = [
        f"| model | bytes a vector | {' | '.join(tasks)} | mean | difference | verdict |",
        f"|---|---:|{'---:|' * len(tasks)}---:|---:|---|",
    ]
    accepted = []
    for model in cells:
        shown = [text.fixed(float(v), 4) for v in (*scores.table[model], scores.table[model].mean())]
        size = f"{sizes[model]:,.0f}"
        difference = verdict = ""
        if model != baseline:
            found = embsig.gate(
                samples,
                baseline=baseline,
                candidate=model,
                margin=margin,
                level="samples",
                alpha=ALPHA / (len(cells) - 1),
            )
            size += f" ({text.percent(round(1 - sizes[model] / sizes[baseline], 2))} smaller)"
            difference, verdict = found.claims[0].shown, found.verdict
            accepted += [found] * (verdict == "ACCEPT")
        lines.append(f"| {model.split('/')[-1]} | {size} | {' | '.join(shown)} | {difference} | {verdict} |")
    smallest = min(accepted, key=lambda g: g.bytes_per_vector[g.candidate], default=None)
    return [*lines, "", "No cell is accepted." if smallest is None else str(smallest)]


def main() -> None:
    """Print the table and draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--baseline", required=True)
    parser.add_argument("--margin", type=float, default=0.005)
    parser.add_argument("--figure", type=Path, help="of the frontier, by the decisions over samples")
    asked = parser.parse_args()
    samples = embsig.read_samples(asked.run, seeds="separate")
    print("\n".join(table(samples, asked.baseline, asked.margin)), flush=True)
    if asked.figure is not None:
        found = embsig.compare(samples.scores(), level="samples", samples=samples, rng=0)
        embsig.save_figure(size_frontier(found), asked.figure)
        print(found.further["cost"]["bytes_per_vector"].text)


if __name__ == "__main__":
    main()
