"""What the data allow of a recipe: batch, steps, negatives, the order of the rows and the held-out ones."""

import os
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stats.common.errors import InputError

from .recipe import Recipe
from .triples import Triples, batch_order, hold_out


@dataclass(frozen=True)
class Plan:
    """What the data allow of a recipe.

    Parameters
    ----------
    recipe : Recipe
        With the batch that the data can fill.
    steps : int
        Updates.
    negatives : int
        Hard negatives per query.
    order : array of int
        Rows in the order of training, (steps * accumulation * batch_size,).
    held_out : array of int
        Rows of the held-out loss.
    notes : tuple of str
        Where this is less than the recipe asked for.
    """

    recipe: Recipe
    steps: int
    negatives: int
    order: NDArray[np.int64]
    held_out: NDArray[np.int64]
    notes: tuple[str, ...]


def make_plan(data: Triples, recipe: Recipe, seed: int) -> Plan:
    """Fit a recipe to the data.

    Raises
    ------
    InputError
        If the rows cannot be split over the processes.
    """
    world = world_size()
    if recipe.one_source and not data.sources:
        raise InputError(
            f"one_source=true, but no row of {data.name} says its 'source'; give every row one, or leave it out"
        )
    if recipe.text_only and data.instructed:
        raise InputError(
            f"text_only=true, but rows of {data.name} bring instructions, which are pooled with their query; give instructions as prompts"
        )
    rows, held_out = hold_out(data, recipe.held_out)
    notes = []
    negatives = min(recipe.negatives, data.negatives_per_row)
    if negatives < recipe.negatives:
        notes.append(
            f"{recipe.negatives} hard negative(s) per query asked for, {negatives} used: not every row has more"
        )
    batch_size = min(recipe.batch_size, len(rows)) // world * world
    if batch_size == 0:
        raise InputError(
            f"{len(rows)} training rows cannot be split over {world} processes; give more data or fewer processes"
        )
    if batch_size < recipe.batch_size:
        notes.append(
            f"batch of {batch_size} instead of {recipe.batch_size}: there are {len(rows)} training rows on {world} process(es)"
        )
    per_update = batch_size * recipe.accumulation
    steps = max(1, min(recipe.steps, int(recipe.epochs * len(rows) / per_update)))
    if steps < recipe.steps:
        notes.append(f"{steps} steps instead of {recipe.steps}: the data allow no more in {recipe.epochs:g} epochs")
    if recipe.one_source:
        sizes = Counter(data.sources[i] for i in rows)
        small = [name or "(none)" for name, n in sizes.items() if n < batch_size]
        if small:
            notes.append(
                f"rows repeat within a batch of {batch_size}: too few of source {', '.join(sorted(small)[:5])}"
            )
    order = batch_order(data, rows, batch_size, steps * recipe.accumulation, seed, recipe.one_source)
    return Plan(replace(recipe, batch_size=batch_size), steps, negatives, order, held_out, tuple(notes))


def world_size() -> int:
    """Return the number of processes that train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Return which of them this is."""
    return int(os.environ.get("RANK", "0"))
