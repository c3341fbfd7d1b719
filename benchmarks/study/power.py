"""Power of the study's contrasts before its results: normal tasks and seeds of the spread that a pilot showed."""

import numpy as np

from bench.study.protocol import ALPHA, HYPOTHESES, MARGIN, SEEDS
from stats.levels.combined import half_width, welch


def power(
    effect: float, *, task_sd: float, seed_sd: float, tasks: int, families: int, models: int, draws: int = 4000
) -> tuple[float, float]:
    """Chances that a true effect is found above 0, and that it is found below the margin.

    Parameters
    ----------
    effect : float
        Of the contrast.
    task_sd, seed_sd : float
        Standard deviation of the contrast over tasks of a family, and of one run's mean over a family's tasks.
    tasks, families, models : int
        Tasks of a family; families of equal weight; models, of weight 2 / models each.
    draws : int
        Simulated studies.

    Returns
    -------
    above, below : float
        Shares of studies whose simultaneous interval lies above 0, and below the margin.
    """
    rng = np.random.default_rng(0)
    n, share = len(SEEDS), ALPHA / len(HYPOTHESES)
    of_tasks = np.full((draws, families), task_sd**2 / tasks / families**2)
    of_seeds = np.full((draws, models), (2 / models) ** 2 * seed_sd**2 / n)
    estimate = effect + rng.normal(size=draws) * np.sqrt(of_tasks.sum(axis=1) + of_seeds.sum(axis=1))
    seen_tasks = of_tasks * rng.chisquare(tasks - 1, of_tasks.shape) / (tasks - 1)
    seen_seeds = of_seeds * rng.chisquare(n - 1, of_seeds.shape) / (n - 1)
    task, df_task = welch(seen_tasks, np.full_like(seen_tasks, tasks - 1.0))
    seed, df_seed = welch(seen_seeds, np.full_like(seen_seeds, n - 1.0))
    half = half_width(np.stack([task, seed], 1), np.stack([df_task, df_seed], 1), share)
    return float((estimate - half > 0).mean()), float((estimate + half < MARGIN).mean())


def smallest_found(wanted: float = 0.8, **spread: float | int) -> float:
    """The smallest effect, in steps of .001, that is found above 0 with the chance wanted."""
    return next(e for e in np.arange(0.001, 0.2, 0.001).tolist() if power(e, **spread)[0] >= wanted)  # type: ignore[arg-type, no-any-return]  # whole numbers where those are wanted


def table() -> str:
    """The power that docs/study.md states, as Markdown."""
    lines = [
        "| sd over tasks | H2, H3: smallest effect found | H4, H5: chance of support if model-5 is equal | if it is .015 worse | H6, H7: smallest effect found | H8 |",
        "|---|---|---|---|---|---|",
    ]
    for sd in (0.010, 0.015, 0.020):
        one = {"task_sd": sd, "seed_sd": 0.004, "tasks": 9, "families": 1, "models": 2}
        equal, worse = (f"{power(e, **one)[1]:.0%}" for e in (0.0, -0.015))  # type: ignore[arg-type]  # as above
        # an effect averaged over four pairs varies less over tasks: half, were they independent; as much is taken
        interaction, lifted = ({**one, "families": f, "models": 8} for f in (4, 2))
        found = [smallest_found(**one), 2 * smallest_found(**interaction), smallest_found(**lifted)]
        lines.append(f"| {sd:.3f} | {found[0]:.3f} | {equal} | {worse} | {found[1]:.3f} | {found[2]:.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
