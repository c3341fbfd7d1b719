"""Pretrain the embedded base on the corpus's training part: what ``embsig pretrain`` runs."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.folder_lock import locked
from stats.common.errors import InputError
from stats.common.writing import write_whole

from .checkpoint import CHECKPOINT, load_checkpoint, save_checkpoint
from .loss import backward_next_token, evaluate_next_token
from .masked import evaluate_masked, hide, is_masked, masked_states
from .model import new_model
from .token_blocks import encode_documents, epochs, pack
from .tokenizer import train_tokenizer

LOG, DECAY_FLAG = "log.jsonl", "decay"


@dataclass(frozen=True)
class Recipe:
    """How the base is pretrained.

    Attributes
    ----------
    steps : int
        Updates in all, the decay included.
    batch, length : int
        Blocks per update and tokens per block.
    learning_rate : float
        Peak; Muon (Jordan et al. 2024, at AdamW's update size) on the layers' matrices, AdamW on embeddings and norms.
    warmup, decay : int
        Updates of linear warm-up, and of linear decay to zero at the end (warm-up, stable, decay: Hu et al. 2024).
    weight_decay : float
        Decoupled, on the matrices.
    seed : int
        Of the weights and of the order of the documents.
    masked_share : float
        Share of the updates that hide tokens and see both ways, for a base that serves either attention; the others predict the
        next token. See `bench.embedded_base.masked`.
    mask_rate : float
        Share of the tokens that such an update hides. The padding token, which no text holds, stands in their place.
    """

    steps: int = 5000
    batch: int = 16
    length: int = 192
    learning_rate: float = 2e-3
    warmup: int = 100
    decay: int = 1000
    weight_decay: float = 0.1
    seed: int = 0
    masked_share: float = 0.0
    mask_rate: float = 0.3

    def __post_init__(self) -> None:
        if not (0 <= self.masked_share <= 1 and 0 < self.mask_rate < 1):
            raise InputError(
                f"masked_share={self.masked_share}, mask_rate={self.mask_rate}: expected shares, from 0 to 1 and between 0 and 1"
            )

    def rate(self, step: int) -> float:
        """Learning rate of update `step` (from 0) as a share of the peak."""
        return max(0.0, min(1.0, (step + 1) / self.warmup, (self.steps - step) / max(1, self.decay)))


def _optimizers(model: Any, recipe: Recipe) -> list[Any]:
    import torch

    matrices = [
        p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name and "lm_head" not in name
    ]
    inner = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in inner]
    return [
        torch.optim.Muon(
            matrices, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(rest, lr=recipe.learning_rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
    ]


def _update(model: Any, optimizers: list[Any], rows: Any, step: int, recipe: Recipe) -> float:
    """Update number `step` (from 0) on one batch of blocks, shape (batch, length + 1); gives the loss."""
    import torch

    with torch.autocast("cpu", torch.bfloat16):
        if is_masked(step, recipe.masked_share):
            inputs, chosen = hide(rows, model.config.pad_token_id, recipe.mask_rate, seed=recipe.seed, step=step)
            states, wanted = masked_states(model, inputs, chosen), rows[:, 1:][chosen[:, 1:]]
        else:
            states = model.model(input_ids=rows[:, :-1], use_cache=False).last_hidden_state.flatten(0, 1)
            wanted = rows[:, 1:].flatten()
    loss = backward_next_token(states, model.lm_head.weight, wanted)
    rate = recipe.rate(step)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * rate
        optimizer.step()
        optimizer.zero_grad()
    return loss


def _held_out(model: Any, blocks: Any, recipe: Recipe) -> dict[str, float]:
    """Losses on the validation part, shape (blocks, length + 1): of the next token and, where any are masked, of hidden ones."""
    found = {"validation_loss": evaluate_next_token(model, blocks)}
    if recipe.masked_share:
        found["masked_validation_loss"] = evaluate_masked(model, blocks, model.config.pad_token_id, recipe.mask_rate)
    return found


def pretrain(
    output: str | Path,
    *,
    recipe: Recipe | None = None,
    train_texts: list[str] | None = None,
    validation_texts: list[str] | None = None,
    vocabulary: int | None = None,
    shape: dict[str, Any] | None = None,
    every: int = 100,
    progress: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    """Train tokenizer and decoder on the corpus, resuming where an earlier call in the same folder stopped.

    Every 100 updates the folder receives a checkpoint and a line in ``log.jsonl``. A file named ``decay`` put there while
    it runs starts the decay at that point; the steps then made are in the manifest, and a run with those ``steps`` repeats it.

    Parameters
    ----------
    output : path
        Folder; on return it holds the finished base: ``model.safetensors`` (fp16), tokenizer, ``manifest.json``.
    recipe : Recipe, optional
        Steps, batch, rates and seed.
    train_texts, validation_texts : list of str, optional
        Other text than the corpus's parts ``train`` and ``validation``.
    vocabulary, shape : optional
        Size of the tokenizer; sizes of the decoder that differ from :data:`bench.embedded_base.model.SHAPE`.
    every : int
        Updates between checkpoints.
    progress : callable, optional
        Receives each log line: step, steps, loss, validation loss, tokens/s, seconds.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If there is less text than one batch, or the folder's checkpoint was made by another recipe.
    """
    folder = Path(output)
    with locked(folder):
        _pretrain(folder, recipe or Recipe(), train_texts, validation_texts, vocabulary, shape or {}, every, progress)
    return folder


def _trim_log(log: Path, step: int) -> None:
    """Drop the lines that a killed run wrote after its last checkpoint: those updates are made again."""
    if not log.exists():
        return
    kept = []
    for line in log.read_text(encoding="utf-8").splitlines():
        try:
            if json.loads(line)["step"] <= step:
                kept.append(line + "\n")
        except (ValueError, KeyError, TypeError):  # cut off
            continue
    write_whole(log, "".join(kept))


def _pretrain(
    folder: Path,
    recipe: Recipe,
    train_texts: list[str] | None,
    validation_texts: list[str] | None,
    vocabulary: int | None,
    shape: dict[str, Any],
    every: int,
    progress: Callable[[dict[str, Any]], None] | None,
) -> None:
    import torch

    from .publish import save_base

    texts, validation, about = _texts(train_texts, validation_texts)
    tokenizer = train_tokenizer(texts, *([] if vocabulary is None else [vocabulary]))
    documents = encode_documents(tokenizer, texts)
    tokens = sum(map(len, documents))
    width = recipe.length + 1
    if tokens < width * recipe.batch:
        raise InputError(
            f"the training text has {tokens} tokens, fewer than one batch ({width * recipe.batch}); "
            "give more text or a smaller batch"
        )
    held = torch.from_numpy(pack(encode_documents(tokenizer, validation or texts[:1] * width), width)).long()
    model = new_model(len(tokenizer), tokenizer.eos_token_id, tokenizer.pad_token_id, seed=recipe.seed, **shape)
    optimizers = _optimizers(model, recipe)
    state, recipe = _state(folder / CHECKPOINT, model, optimizers, recipe, about["corpus"])
    _trim_log(folder / LOG, state["step"])
    model.train()
    batches = epochs(documents, width, recipe.batch, seed=recipe.seed, start=state["step"])
    recipe = _updates(folder, model, optimizers, batches, held, recipe, state, every, progress)
    manifest = {
        **about,
        "recipe": asdict(recipe),
        "tokens_per_epoch": tokens,
        "documents": len(documents),
        "tokens_seen": recipe.steps * recipe.batch * recipe.length,
        "seconds": round(state["seconds"]),
        **_held_out(model, held, recipe),
        "parameters": sum(p.numel() for p in model.parameters()),
    }
    save_base(folder, model, tokenizer, manifest)


def _texts(train: list[str] | None, validation: list[str] | None) -> tuple[list[str], list[str] | None, dict[str, Any]]:
    """Text to train and to validate on, and where it is from: the corpus, unless other text is given."""
    if train is not None:
        return train, validation, {"corpus": None, "corpus_versions": None}
    from bench.corpus import load_corpus

    corpus = load_corpus()
    parts = ([entry.text for entry in corpus.part(name)] for name in ("train", "validation"))
    return next(parts), next(parts), {"corpus": corpus.hash, "corpus_versions": corpus.versions}


def _state(
    checkpoint: Path, model: Any, optimizers: Any, recipe: Recipe, corpus: str | None
) -> tuple[dict[str, Any], Recipe]:
    """Where an earlier call stopped, put into model and optimizers, and the recipe to go on by; a fresh start without a checkpoint."""
    asked = {"recipe": asdict(recipe), "corpus": corpus}
    if not checkpoint.exists():
        return {"step": 0, "seconds": 0.0, **asked}, recipe
    state = load_checkpoint(checkpoint, model, optimizers)
    started = {
        "recipe": {**state["recipe"], "steps": recipe.steps, "decay": recipe.decay},
        "corpus": state["corpus"],
    }
    if asked != started:
        raise InputError(
            f"{checkpoint} was made by another recipe or corpus than the one asked for; "
            "choose another folder, or delete it to start over"
        )
    if state["recipe"]["steps"] < recipe.steps:  # a shortened run stays shortened
        recipe = Recipe(**state["recipe"])
    state["recipe"] = asdict(recipe)
    return state, recipe


def _updates(
    folder: Path,
    model: Any,
    optimizers: Any,
    batches: Any,
    held: Any,
    recipe: Recipe,
    state: dict[str, Any],
    every: int,
    progress: Callable[[dict[str, Any]], None] | None,
) -> Recipe:
    """Make the updates that are left, with a checkpoint and a line of the log now and then; the recipe as it was followed."""
    import torch

    began, since, losses = time.monotonic() - state["seconds"], time.monotonic(), []
    while state["step"] < recipe.steps:
        step = state["step"]
        if recipe.steps - step > recipe.decay and (folder / DECAY_FLAG).exists():
            recipe = Recipe(**{**asdict(recipe), "steps": step + recipe.decay})
            state["recipe"] = asdict(recipe)
        losses.append(_update(model, optimizers, torch.from_numpy(next(batches)).long(), step, recipe))
        state["step"] = step = step + 1
        if step % every and step < recipe.steps:
            continue
        now = time.monotonic()
        state["seconds"] = now - began
        line = {
            "step": step,
            "steps": recipe.steps,
            "loss": sum(losses) / len(losses),
            "tokens_per_second": len(losses) * recipe.batch * recipe.length / (now - since),
            "seconds": state["seconds"],
        }
        if step % (5 * every) == 0 or step == recipe.steps:
            line |= _held_out(model, held if step == recipe.steps else held[:64], recipe)
        since, losses = time.monotonic(), []
        with (folder / LOG).open("a") as log:
            log.write(json.dumps(line) + "\n")
        save_checkpoint(folder / CHECKPOINT, model, optimizers, state)
        if progress:
            progress(line)
    return recipe
