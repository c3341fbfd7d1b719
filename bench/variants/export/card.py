"""The model card of an exported model: what it is, how it is loaded, its base's licence, and what is known about its scores."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stats.common.text import count
from stats.scores import Scores

from ..compression import KEPT
from ..pooling.table import find_pooling


@dataclass(frozen=True)
class Evidence:
    """What embsig knows about a model.

    Attributes
    ----------
    scores : Scores
        With the model among others.
    model : str
        How the scores call it.
    sentences : sequence of str
        Verdicts, each a sentence.
    """

    scores: Scores
    model: str
    sentences: Sequence[str] = field(default_factory=tuple)


#: What a base is called that is not of the hub.
_LOCAL = {"embedded": "embsig's embedded base", "path": "a local model"}


def model_card(
    decoder: Any,
    head: Any,
    name: str,
    *,
    needs_code: bool,
    licence: str | None,
    evidence: Evidence | None,
    adapter_of: str | None = None,
    prompts: Mapping[str, str | None] | None = None,
) -> str:
    """Return the card as Markdown with metadata in front, as the hub and mteb read it; `adapter_of` names an adapter's base."""
    base = adapter_of or (decoder.base.name if decoder.base.kind == "hub" else None)
    meta: dict[str, Any] = {
        "library_name": "sentence-transformers",
        "pipeline_tag": "sentence-similarity",
        "tags": ["sentence-transformers", "feature-extraction", "embsig", *(["mteb"] if evidence else [])],
    }
    shipped = "apache-2.0" if decoder.base.kind == "embedded" else None  # as embsig itself, with which it comes
    if (said := licence or shipped or base_licence(decoder.base.locate(check=False))) is not None:
        meta["license"] = said
    if base:
        meta["base_model"] = base
    if evidence:
        meta["model-index"] = [{"name": name, "results": mteb_results(evidence)}]
    option = ", trust_remote_code=True" if needs_code else ""
    lines = [
        f"# {name}",
        f"{decoder.attention.capitalize()} attention. Pooling: {_pooling(head)}. Vectors of length 1 and width {head.get_embedding_dimension()}, at most "
        f"{decoder.max_seq_length} tokens a text" + (", each ended by an EOS." if decoder.reader.append_eos else "."),
        *_reading(decoder),
        f"Base: {base or _LOCAL[decoder.base.kind]} (content hash {decoder.base.sha256[:16]})"
        + _about_adapter(decoder, adapter_of),
        f"```python\nfrom sentence_transformers import SentenceTransformer\n\nmodel = SentenceTransformer({name!r}{option})\n"
        'vectors = model.encode(["a text", "another"])\n```',
        *_instructions(prompts or {}),
        f"Written with sentence-transformers {version('sentence-transformers')} and transformers {version('transformers')}: load it with these or "
        "later ones"
        + (
            ", in which `is_causal` of the configuration decides what a token sees."
            if decoder.attention != "causal"
            else "."
        ),
    ]
    if evidence:
        lines += ["## Scores", _table(evidence), *evidence.sentences]
    # Values as JSON, which is YAML, too.
    front = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in meta.items())
    return f"---\n{front}\n---\n\n" + "\n\n".join(lines) + "\n"


def _pooling(head: Any) -> str:
    """What the pooling does, and what it is given where that is not the states of all tokens."""
    fed = {"eos": "the EOS", "mean": "the mean of the tokens"}.get(head.source)
    of = f" ({fed} of {'every layer' if head.reads == 'layers' else 'the last layer'})" if fed else ""
    return f"{find_pooling(head.pooling).description}{of}"


def _reading(decoder: Any) -> list[str]:
    """How the decoder reads a text, where that is not once, whole, and pooled whole."""
    reader = decoder.reader
    said = [
        (reader.echo, "The text is read twice, and the second reading is pooled."),
        (reader.landmarks, f"An EOS stands after every {reader.landmarks} tokens, and their states alone are pooled."),
        (reader.text_only, "The tokens of an instruction are not pooled."),
        (
            decoder.compression < 1,
            f"Of a text's tokens beyond the first {KEPT}, {decoder.compression:.0%} are left: neighbours are averaged before the first layer.".replace(
                "%", " %"
            ),
        ),
        (
            decoder.context is not None,
            "A small bidirectional encoder makes a token of the text, which the decoder reads first.",
        ),
        (decoder.layers_kept, f"Of the base, the first {count(decoder.layers_kept, 'layer')}."),
    ]
    lines = [sentence for holds, sentence in said if holds]
    return [" ".join(lines)] if lines else []


def _instructions(prompts: Mapping[str, str | None]) -> list[str]:
    """The instructions that the model was trained with, and how they are asked for."""
    named = {name: prompt for name, prompt in prompts.items() if prompt}
    if not named:
        return []
    lines = [f"- `prompt_name={name!r}`: {json.dumps(prompt, ensure_ascii=False)}" for name, prompt in named.items()]
    return [
        "Instructions, put straight before a text by `model.encode(texts, prompt_name=...)`:\n\n" + "\n".join(lines)
    ]


def _about_adapter(decoder: Any, adapter_of: str | None) -> str:
    if adapter_of is not None:
        return "; these files hold its adapter, and the base is fetched when the model is loaded (peft is needed)."
    return "; its adapter is merged into the weights." if decoder.has_adapter else "."


def base_licence(folder: Path) -> str | None:
    r"""Return the licence that a base's own model card names; None if it has none.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp())
    >>> _ = (place / "README.md").write_text("---\nlicense: apache-2.0\n---\n# x")
    >>> base_licence(place)
    'apache-2.0'
    """
    card = folder / "README.md"
    if card.is_file() and (
        found := re.match(r"---\n(.*?)\n---", card.read_text(encoding="utf-8", errors="replace"), re.S)
    ):
        named = re.search(r"""^license:\s*['"]?([\w.+-]+)""", found[1], re.M)
        return named[1] if named else None
    return None


def mteb_results(evidence: Evidence) -> list[dict[str, Any]]:
    """Scores as MTEB's metadata has them (``model-index``): a task's main score in points, with its data set where mteb knows it."""
    from bench.sources.definitions import load

    scores, found = evidence.scores, []
    column = scores.table[evidence.model]
    for place, (task, score) in enumerate(zip(scores.task_names, column.tolist(), strict=True)):
        if score != score:
            continue
        known = load().task(task)
        info = scores.tasks.iloc[place]
        metric = info.get("metric") or "main_score"
        points = float(score) * (100 if float(column.abs().max()) <= 1 else 1)
        dataset: dict[str, Any] = {"type": f"mteb/{task}", "name": f"MTEB {task}"}
        if known is not None:
            dataset |= {"config": known.subsets[0], "split": known.splits[0], "revision": known.revision}
        found.append(
            {
                "task": {"type": str(info.get("family") or "Unknown")},
                "dataset": dataset,
                "metrics": [{"type": str(metric), "value": round(points, 4)}],
            }
        )
    return found


def _table(evidence: Evidence) -> str:
    scores = evidence.scores
    rows = [
        f"| {task} | {family or ''} | {score:.4g} |"
        for task, family, score in zip(
            scores.task_names, scores.tasks["family"], scores.table[evidence.model].tolist(), strict=True
        )
        if score == score
    ]
    return "\n".join(["| task | family | score |", "|---|---|---:|", *rows])
