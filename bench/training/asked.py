"""What a training run is asked for: checked, read and told from every other run before anything is written."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.variants.base import resolve_base
from bench.variants.build import build_variant
from bench.variants.registry import Variant, find_variant
from stats.common.errors import InputError

from .manifest import hash_settings, read_json
from .plan import Plan, make_plan
from .precision import resolved
from .recipe import Recipe, head_sizes, make_recipe
from .triples import DataSource, Triples, hash_order, read_triples

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


@dataclass(frozen=True)
class Run:
    """What is asked for, all of it checked and read: `key` is another one where anything that shapes the model is."""

    spec: Variant
    recipe: Recipe
    triples: Triples
    plan: Plan
    instructions: dict[str, str]
    settings: dict[str, Any]
    key: str

    @property
    def notes(self) -> list[str]:
        """What is to be said of the data and of the plan."""
        return [*self.triples.notes, *self.plan.notes]


def asked(
    base: str | os.PathLike[str],
    variant: str | Variant,
    data: DataSource | Triples,
    preset: str,
    seed: int,
    prompts: Mapping[str, str] | str | os.PathLike[str] | None,
    attn_implementation: str | None,
    dtype: str | None,
    overrides: Mapping[str, Any],
) -> Run:
    """Check and read what is asked for."""
    spec = find_variant(variant)
    if seed < 0:
        raise InputError(f"seed={seed}: expected a seed that is not negative")
    recipe = make_recipe(preset, **overrides)
    instructions = _read_prompts(prompts)
    reference, place = resolve_base(base)
    triples = data if isinstance(data, Triples) else read_triples(data, recipe.negative_margin)
    plan = make_plan(triples, recipe, seed)
    settings = {
        "variant": _variant_settings(spec),
        "base": {name: getattr(reference, name) for name in ("kind", "name", "sha256", "revision")},
        "data": {
            "name": triples.name,
            "sha256": triples.sha256,
            "rows": len(triples),
            "held_out": len(plan.held_out),
            "order_sha256": hash_order(plan.order),
        },
        "head": head_sizes(plan.recipe),
        "preset": preset,
        "recipe": plan.recipe.to_dict(),
        "contrast": plan.recipe.contrast(plan.negatives),
        "seed": seed,
        "prompts": instructions,
    }
    if numbers := resolved(place, recipe.precision, dtype, attn_implementation):
        settings["numbers"] = numbers
    identity = ("variant", "base", "data", "recipe", "seed", "prompts", "numbers")
    key = hash_settings({name: settings[name] for name in identity if name in settings})
    return Run(spec, recipe, triples, plan, instructions, settings, key)


def _variant_settings(spec: Variant) -> dict[str, Any]:
    """What tells a variant from others; landmarks, compression and context only where they are, so that runs without them keep their key."""
    said = {name: getattr(spec, name) for name in ("name", "attention", "pooling", "source", "echo")}
    return {
        **said,
        **({"landmarks": spec.landmarks} if spec.landmarks else {}),
        **({"compression": spec.compression} if spec.compression < 1 else {}),
        **({"context": True} if spec.context else {}),
    }


def build(
    base: str | os.PathLike[str], run: Run, seed: int, attn_implementation: str | None, dtype: str | None
) -> "SentenceTransformer":
    """Build the model that is to be trained."""
    recipe = run.recipe
    return build_variant(
        base,
        run.spec,
        fidelity=recipe.fidelity,
        latents=recipe.latents or None,
        heads=recipe.heads or None,
        head_dim=recipe.head_dim or None,
        ff_mult=recipe.ff_mult or None,
        max_length=recipe.max_length,
        padding_side=recipe.padding_side,
        text_only=recipe.text_only,
        prompts=run.instructions,
        dtype=dtype,
        attn_implementation=attn_implementation,
        quantize=recipe.quantize or None,
        seed=seed,
    )


def _read_prompts(prompts: Mapping[str, str] | str | os.PathLike[str] | None) -> dict[str, str]:
    """Return the instructions, from a JSON file if `prompts` is one."""
    found: Any = prompts or {}
    if isinstance(found, (str, os.PathLike)):
        found = read_json(Path(found))
        if found is None:
            raise InputError(f"no prompts file {os.fspath(str(prompts))!r}; give a JSON file of instructions by name")
    if not isinstance(found, Mapping) or not all(isinstance(text, str) for pair in found.items() for text in pair):
        raise InputError('prompts must map names to instructions, such as {"query": "Find: ", "document": ""}')
    return dict(found)
