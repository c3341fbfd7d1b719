"""How a variant is trained: the recipe, and its presets."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from bench.variants.pooling.table import FIDELITIES
from stats.common.errors import InputError, unknown

_CHOICES: dict[str, tuple[str, ...]] = {
    "fidelity": tuple(FIDELITIES),
    "precision": ("bf16", "fp32"),
    "padding_side": ("left", "right"),
    "save_dtype": ("float32", "float16", "bfloat16"),
    "quantize": ("", "nf4"),
    "schedule": ("linear", "cosine", "constant", "constant_with_warmup", "polynomial", "inverse_sqrt"),
}
#: Bytes that a weight takes in four bits: half a one, a scale in eight bits for 64 weights, and one in 32 bits for 256 such scales
#: (Dettmers et al. 2023, section 3).
NF4_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)
_KINDS = {bool: "true or false", str: "a text", int: "a number", float: "a number"}
_POSITIVE = ("steps", "epochs", "batch_size", "accumulation", "scale", "learning_rate", "max_length")


def _check(recipe: "Recipe") -> None:
    for field in fields(recipe):
        value = getattr(recipe, field.name)
        if field.name in _CHOICES:
            if value not in _CHOICES[field.name]:
                raise unknown(field.name, value, filter(None, _CHOICES[field.name]))
        elif isinstance(value, bool) or isinstance(field.default, (bool, str)):
            if type(value) is not type(field.default):
                raise InputError(f"{field.name}={value!r}; give {_KINDS[type(field.default)]}")
        elif (
            not isinstance(value, (int, float))
            or not 0 <= value < float("inf")
            or (isinstance(field.default, int) and value != int(value))
        ):
            raise InputError(
                f"{field.name}={value!r}; give {'a whole' if isinstance(field.default, int) else 'a'} number of at least 0"
            )
        elif field.name in _POSITIVE and value == 0:
            raise InputError(f"{field.name}=0; give a number above 0")
        elif field.name == "soft_mask" and value > 1:
            raise InputError(f"soft_mask={value!r}; give a share of the updates, at most 1")
        elif field.name == "lora_dropout" and value >= 1:
            raise InputError(f"lora_dropout={value!r}; give a share below 1")


@dataclass(frozen=True)
class Recipe:
    """Every number of a training run.

    Parameters
    ----------
    steps : int
        Optimiser updates at most.
    epochs : float
        Passes over the data at most; the smaller of the two limits counts.
    batch_size : int
        Queries that are contrasted with one another, over all devices.
    accumulation : int
        Batches per update. Their contrasts stay apart: only the gradients are summed.
    mini_batch_size : int
        Texts per forward pass of the cached loss (GradCache), which keeps memory that of a mini-batch while the
        contrast is over the whole batch; 0 for the plain loss.
    negatives : int
        Hard negatives used per query, at most as many as every row has.
    scale : float
        Factor of the cosine in the softmax (1 / temperature).
    learning_rate, head_learning_rate : float
        Peak rate of the adapter and of the head; a head rate of 0 is the adapter's.
    schedule : str
        A name of transformers' schedulers: "linear", "cosine", ...
    warmup_steps : int
        Steps of linear warm-up, at most a tenth of all.
    weight_decay, max_grad_norm : float
        AdamW's decay, and the norm that gradients are clipped to.
    max_length : int
        Tokens per text.
    precision : {"bf16", "fp32"}
        Autocast where accelerator or CPU multiply bfloat16 natively; float32 elsewhere. The manifest says which it was.
    gradient_checkpointing : bool
        Recompute activations in the backward pass.
    lora_rank, lora_alpha, lora_dropout : number
        The adapter, on all linear projections of the decoder. Rank 0 trains the head alone.
    fidelity : str
        Size of a trainable head; see `bench.variants.pooling.table.FIDELITIES`.
    latents, heads, head_dim : int
        Single head sizes in place of the fidelity's; 0 keeps it.
    ff_mult : float
        Likewise.
    padding_side : {"left", "right"}
        Where padding goes.
    text_only : bool
        Whether the tokens of an instruction are left out of the pooling.
    held_out : int
        Rows kept out of training for the held-out loss, at most a tenth of all.
    evaluate_every, checkpoint_every : int
        Steps between held-out losses and between checkpoints; 0 for the end alone and for none.
    save_dtype : {"float32", "float16", "bfloat16"}
        Dtype of the saved adapter and head. The model in memory is rounded through it first.
    one_source : bool
        Batches of rows of one source each, so that a negative is never told by its style.
    negative_margin : float
        Leave out negatives that a teacher scored above their positive less this margin; see `read_triples`.
    quantize : {"", "nf4"}
        Keep the base's projections in four bits while it is trained (QLoRA, Dettmers et al. 2023, arXiv 2305.14314); needs bitsandbytes.
    soft_mask : float
        Share of the updates over which bidirectional attention opens from causal (after Conan-v2, arXiv 2509.12892); 0 for open from the first.
    matryoshka : str
        Widths beside the whole at which the first dimensions are trained to stand alone, such as "64,128" (Kusupati et al. 2022).
    matryoshka_layers : int
        Earlier layers, drawn anew for every batch, whose vectors are trained to stand in for the last's (2-D Matryoshka, Li et al. 2024, arXiv
        2402.14776); 0 for none. The plain loss alone (``mini_batch_size=0``).
    """

    steps: int = 1000
    epochs: float = 10.0
    batch_size: int = 2048
    accumulation: int = 1
    mini_batch_size: int = 32
    negatives: int = 1
    scale: float = 20.0
    learning_rate: float = 1e-5
    head_learning_rate: float = 0.0
    schedule: str = "linear"
    warmup_steps: int = 100
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0
    max_length: int = 512
    precision: str = "bf16"
    gradient_checkpointing: bool = False
    lora_rank: int = 16
    lora_alpha: float = 32.0
    lora_dropout: float = 0.1
    fidelity: str = "default"
    latents: int = 0
    heads: int = 0
    head_dim: int = 0
    ff_mult: float = 0.0
    padding_side: str = "left"
    text_only: bool = False
    held_out: int = 256
    evaluate_every: int = 200
    checkpoint_every: int = 100
    save_dtype: str = "float32"
    one_source: bool = False
    negative_margin: float = 0.0
    matryoshka: str = ""
    quantize: str = ""
    soft_mask: float = 0.0
    matryoshka_layers: int = 0

    def __post_init__(self) -> None:
        _check(self)
        if not all(
            width.strip().isdecimal() and int(width) > 0 for width in self.matryoshka.split(",") if self.matryoshka
        ):
            raise InputError(f'matryoshka={self.matryoshka!r}; give widths such as "64,128"')

    @property
    def widths(self) -> list[int]:
        """The widths of `matryoshka`, the widest first."""
        return sorted({int(width) for width in self.matryoshka.split(",")}, reverse=True) if self.matryoshka else []

    def to_dict(self) -> dict[str, Any]:
        """Return it as a plain dict.

        What came later than the first version is left out where it has no effect, so that earlier runs are the same runs still.
        """
        later = ("one_source", "negative_margin", "matryoshka", "quantize", "soft_mask", "matryoshka_layers")
        return {name: value for name, value in asdict(self).items() if value or name not in later}

    def contrast(self, negatives: int) -> str:
        """Say in one line what a query is contrasted with.

        Examples
        --------
        >>> PRESETS["paper"].contrast(1)
        'each query against 8 positives and 8 hard negatives (one of the 16 is right); 256 such batches per update'
        """
        total = self.batch_size * (1 + negatives)
        hard = f" and {self.batch_size * negatives} hard negatives" if negatives else ""
        tail = f"; {self.accumulation} such batches per update" if self.accumulation > 1 else ""
        return f"each query against {self.batch_size} positives{hard} (one of the {total} is right){tail}"


#: "paper": Tang & Yang 2024. Batch 1 on each of 8 devices, gathered, and 256 accumulation steps: 2,048 queries per
#: update, but each is contrasted with 8 positives and 8 negatives alone.
#: It trains at 1,024 tokens, as its README does.
#: "default": the same budget, with the batch whole (GradCache), so that each query is contrasted with all 2,048 positives and
#: negatives, 512 tokens and a head of sane size. A base of 7B fits on 80 GB (by the estimate of `embsig train --estimate`: 32 GiB).
#: "qlora": the same on 24 GB, the base in four bits (14 GiB, likewise).
#: "embedded": minutes on a CPU, for the base that ships with embsig.
PRESETS: dict[str, Recipe] = {
    "paper": Recipe(
        batch_size=8,
        accumulation=256,
        mini_batch_size=0,
        max_length=1024,
        gradient_checkpointing=True,
        fidelity="paper",
    ),
    "default": Recipe(gradient_checkpointing=True),
    "qlora": Recipe(gradient_checkpointing=True, mini_batch_size=16, quantize="nf4"),
    "embedded": Recipe(
        steps=100,
        epochs=20.0,
        batch_size=32,
        mini_batch_size=0,
        learning_rate=2e-3,
        head_learning_rate=1e-3,
        schedule="cosine",
        warmup_steps=10,
        max_length=64,
        lora_rank=8,
        lora_alpha=16.0,
        lora_dropout=0.0,
        fidelity="embedded",
        evaluate_every=0,
        checkpoint_every=50,
        save_dtype="float16",
    ),
}


def head_sizes(recipe: Recipe) -> dict[str, float]:
    """Return the sizes of a trainable head by a recipe: its fidelity's, less those given singly.

    Examples
    --------
    >>> head_sizes(make_recipe("embedded", latents=8))
    {'latents': 8, 'heads': 4, 'head_dim': 32, 'ff_mult': 1.0}
    """
    return {name: getattr(recipe, name) or size for name, size in FIDELITIES[recipe.fidelity].items()}


def parse_settings(pairs: Iterable[str]) -> dict[str, Any]:
    """Read ``NAME=VALUE`` pairs, as a command line gives them, into keyword arguments of `make_recipe`.

    A value that is JSON (a number, ``true``) is read as such, any other is text.

    Raises
    ------
    InputError
        If a pair has no name or no value.

    Examples
    --------
    >>> parse_settings(["steps=200", "learning-rate=1e-4", "schedule=cosine"])
    {'steps': 200, 'learning_rate': 0.0001, 'schedule': 'cosine'}
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if not (name and value):
            raise InputError(f"setting {pair!r}: expected NAME=VALUE, such as steps=200")
        try:
            found[name.replace("-", "_")] = json.loads(value)
        except ValueError:
            found[name.replace("-", "_")] = value
    return found


def make_recipe(preset: str, **overrides: Any) -> Recipe:
    """Return a preset with some of its numbers replaced.

    Raises
    ------
    InputError
        If the preset or an override is unknown, with the nearest name; or a value is out of range.

    Examples
    --------
    >>> make_recipe("default", steps=10).steps
    10
    """
    if preset not in PRESETS:
        raise unknown("preset", preset, PRESETS)
    names = [field.name for field in fields(Recipe)]
    for name in overrides:
        if name not in names:
            raise unknown("training option", name, names)
    if "matryoshka" in overrides and not isinstance(overrides["matryoshka"], str):
        given = overrides["matryoshka"]
        overrides["matryoshka"] = ",".join(map(str, given)) if isinstance(given, (list, tuple)) else str(given)
    return replace(PRESETS[preset], **overrides)
