"""`export_model`: a trained variant as a folder that needs no embsig."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stats.common.errors import InputError

from ..loading import load_model
from .card import Evidence, model_card

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

#: Poolings of embsig -> those of sentence-transformers' own module.
STANDARD = {"eos": "lasttoken", "mean": "mean", "weighted-mean": "weightedmean"}
#: What the vectors may differ by; merged weights are rounded once more.
_TOLERANCE = 1e-5
_TEXTS = ("", "a", "What is this difference?", "A longer text, with commas, that is read to its end. " * 12)


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes
    ----------
    folder : Path
    needs_code : bool
        Whether the folder carries modelling code, and is loaded with ``trust_remote_code=True``.
    difference : float
        Largest absolute difference of a component of the vectors of a few texts from those of the model exported.
    """

    folder: Path
    needs_code: bool
    difference: float

    def __str__(self) -> str:
        option = ", trust_remote_code=True" if self.needs_code else ""
        return f"load with SentenceTransformer({str(self.folder)!r}{option}); its vectors differ by {self.difference:.1g} at most"


def export_model(
    model: "str | os.PathLike[str] | SentenceTransformer",
    folder: str | os.PathLike[str],
    *,
    base: str | os.PathLike[str] | None = None,
    dtype: str | None = None,
    adapter: bool = False,
    base_name: str | None = None,
    name: str | None = None,
    licence: str | None = None,
    evidence: Evidence | None = None,
    overwrite: bool = False,
) -> Exported:
    """Write a variant as a model that sentence-transformers and mteb load without embsig, to the same vectors.

    The adapter is merged into the base's weights. EOS, mean and weighted mean under causal or bidirectional attention become
    sentence-transformers' standard modules; every other pooling or attention, echo and poolings of the text alone carry their code
    (``modeling_embsig.py``, embsig's own source) and are loaded with ``trust_remote_code=True``.

    Parameters
    ----------
    model : path or SentenceTransformer
        A folder that `train` or `build_variant(...).save` wrote, or such a model; its adapter is merged in place.
    folder : path
        Must not exist, or be empty, unless `overwrite`.
    base : path, optional
        Where the base lies, if it is not where it was.
    dtype : str, optional
        In which the weights are written; by default that of the loaded model (float32 without an accelerator).
    adapter : bool
        Write peft's adapter in place of merged weights; the base is fetched where the model is loaded.
    base_name : str, optional
        How an adapter names its base: a repository of the hub, or a folder where it is loaded. By default the base's own name on the hub.
    name : str, optional
        How the model card calls it; by default as the folder.
    licence : str, optional
        Of the weights; by default what the base's own card says.
    evidence : Evidence, optional
        Scores and verdicts for the model card.
    overwrite : bool
        Replace the folder.

    Returns
    -------
    Exported

    Raises
    ------
    InputError
        If the model is no variant, its pooling is not embsig's own, the folder is not empty, or the exported model has other vectors.

    Examples
    --------
    >>> import tempfile
    >>> from embsig import build_variant
    >>> place = Path(tempfile.mkdtemp(), "mean")
    >>> export_model(build_variant("embedded", "mean+causal"), place).needs_code
    False
    """
    from ..decoder import no_bars

    if base_name is not None and not adapter:
        raise InputError("base_name is how an adapter names its base: add adapter=True (--adapter), or leave it out")
    named = os.fspath(model) if isinstance(model, str | os.PathLike) else None
    if named is not None and named.count("/") != 1 and not Path(named).expanduser().exists():
        raise InputError(
            f"no folder {named!r}: expected one that embsig train wrote, or owner/name of such a model on the hub; check the path"
        )
    target = Path(folder).expanduser()
    if target.exists() and (not target.is_dir() or any(target.iterdir())) and not overwrite:
        raise InputError(
            f"{str(target)!r} exists and is not empty: choose another folder, or --overwrite (overwrite=True)"
        )
    with no_bars():
        loaded: Any = load_model(model, dtype=dtype, base=base) if isinstance(model, str | os.PathLike) else model
        if [type(m).__name__ for m in loaded] != ["Decoder", "VariantPooling", "Normalize"]:
            raise InputError(f"{str(model)!r} is no variant of embsig: expected a folder that embsig train wrote")
        known_as = _base_name(loaded[0], base_name) if adapter else None
        return _written(loaded, target, known_as, dtype, Card(name or target.name, licence, evidence))


@dataclass(frozen=True)
class Card:
    """What the model card says beside what the model is: see `export_model`."""

    name: str
    licence: str | None
    evidence: Evidence | None


def _base_name(decoder: Any, base_name: str | None) -> str:
    """How an adapter names its base, where somebody else finds it."""
    if not decoder.has_adapter:
        raise InputError("the model has no adapter: export it without adapter=True (--adapter)")
    if base_name is None and decoder.base.kind != "hub":
        raise InputError(
            f"the base of this model is {decoder.base.name!r} on this machine, which an adapter cannot name to others: say how they find it "
            "with base_name (--base-name org/name), or export merged weights"
        )
    return base_name or str(decoder.base.name)


def _written(loaded: Any, target: Path, base_name: str | None, dtype: str | None, said: Card) -> Exported:
    """Write the model beside its target, compare its vectors, and put it in place; an adapter if the base has a name."""
    decoder, head = list(loaded)[:2]
    before = np.asarray(loaded.encode(list(_TEXTS), convert_to_numpy=True))
    # An adapter takes the base's own configuration, which says causal; another attention comes as code.
    needs_code = not _is_standard(decoder, head) or (base_name is not None and decoder.attention != "causal")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".embsig-") as place:
        made = Path(place, "model")
        made.mkdir()
        write = _with_code if needs_code else _standard
        after = write(loaded, decoder, head, made, Path(place), base_name is not None)
        difference = float(np.abs(after - before).max())
        if difference > _TOLERANCE * (1 if before.dtype == np.float32 and dtype in (None, "float32") else 1e3):
            raise InputError(
                f"the exported model has other vectors (they differ by {difference:.2g}): its tokenizer or its decoder does not keep "
                "what embsig set; report it with the base's name"
            )
        if base_name is not None:
            _name_base(made, base_name)
        card = model_card(
            decoder,
            head,
            said.name,
            needs_code=needs_code,
            licence=said.licence,
            evidence=said.evidence,
            adapter_of=base_name,
            prompts=loaded.prompts,
        )
        (made / "README.md").write_text(card, encoding="utf-8")
        _for_others(made)
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)
    return Exported(target, needs_code, difference)


def _for_others(folder: Path) -> None:
    """Leave nothing in the folder that holds on this machine alone: rights of weights that only their writer may read, how its tokenizer was found."""
    rights = (folder / "README.md").stat().st_mode
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(rights)
    tokenizer = folder / "tokenizer_config.json"
    config = json.loads(tokenizer.read_text(encoding="utf-8"))
    kept = {name: value for name, value in config.items() if name not in ("is_local", "local_files_only")}
    tokenizer.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _name_base(folder: Path, name: str) -> None:
    """Name an adapter's base as others find it, in place of where it lies here."""
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**config, "base_model_name_or_path": name}, indent=2) + "\n", encoding="utf-8")


def _write_decoder(decoder: Any, folder: Path, adapter: bool) -> None:
    """Write merged weights, or the adapter with the place of its base on this machine."""
    from ..weights import write_adapter
    from .weights import write_weights

    if adapter:
        write_adapter(decoder.model, folder, str(decoder.base.locate(check=False)))
    else:
        write_weights(decoder, folder)


def _is_standard(decoder: Any, head: Any) -> bool:
    reader = decoder.reader
    return (
        head.pooling in STANDARD
        and head.source == "tokens"
        and decoder.attention in ("causal", "bidirectional")
        and not (reader.echo or reader.text_only or reader.landmarks)
        and decoder.compression == 1
        and decoder.context is None
    )


def _standard(loaded: Any, decoder: Any, head: Any, folder: Path, scratch: Path, adapter: bool) -> Any:
    """Write standard modules; gives the vectors of the written model."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    from .weights import closing_tokenizer

    merged = scratch / "merged"
    merged.mkdir()
    _write_decoder(decoder, merged, adapter)
    tokenizer = closing_tokenizer(
        decoder.tokenizer, append_eos=decoder.reader.append_eos, max_length=decoder.max_seq_length
    )
    tokenizer.save_pretrained(str(merged))
    transformer = Transformer(
        str(merged), model_kwargs={"dtype": decoder.model.dtype}, max_seq_length=decoder.max_seq_length
    )
    pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode=STANDARD[head.pooling])
    written = SentenceTransformer(
        modules=[transformer, pooling, Normalize()], prompts=dict(loaded.prompts or {}), device=str(loaded.device)
    )
    written.save(str(folder), create_model_card=False)
    again = SentenceTransformer(str(folder), model_kwargs={"dtype": decoder.model.dtype}, device=str(loaded.device))
    return again.eval().encode(list(_TEXTS), convert_to_numpy=True)


def _with_code(loaded: Any, decoder: Any, head: Any, folder: Path, scratch: Path, adapter: bool) -> Any:
    """Write modules with their code; gives the vectors of the written model, loaded by the same code from here."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize

    from .code import FILE, MODULE, modelling_code
    from .modules import HEADS, ExportedDecoder, ExportedPooling

    kind = type(head.head)
    if HEADS.get(kind.__name__) is not kind:
        raise InputError(
            f"pooling {head.pooling!r} is not embsig's own ({kind.__module__}.{kind.__name__}): only embsig's can be exported; save the model with "
            "model.save and ship that class with it"
        )
    merged = scratch / "merged"
    merged.mkdir()
    _write_decoder(decoder, merged, adapter)
    decoder.tokenizer.save_pretrained(str(merged))
    settings = {k: v for k, v in decoder.get_config_dict().items() if k not in ("schema", "base")}
    (merged / ExportedDecoder.settings_file).write_text(json.dumps(settings), encoding="utf-8")
    module = ExportedDecoder(
        str(merged),
        model_kwargs={"dtype": decoder.model.dtype},
        modality_config={"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
        module_output_name="token_embeddings",
        unpad_inputs=False,
    ).configured(settings)
    if module.context is not None:
        module.context.load_state_dict(decoder.context.state_dict())
    pooling = ExportedPooling(kind.__name__, head.reads, head.source, asdict(head.shape))
    pooling.head.load_state_dict(head.head.state_dict())
    modules = [module, pooling.to(loaded.device), Normalize()]
    written = SentenceTransformer(modules=modules, prompts=dict(loaded.prompts or {}), device=str(loaded.device))
    written.save(str(folder), create_model_card=False)
    (folder / FILE).write_text(modelling_code(), encoding="utf-8")
    _name_code(folder, {"ExportedDecoder": MODULE, "ExportedPooling": MODULE})
    return load_model(folder, dtype=str(decoder.model.dtype).removeprefix("torch.")).encode(
        list(_TEXTS), convert_to_numpy=True
    )


def _name_code(folder: Path, homes: Mapping[str, str]) -> None:
    """Name embsig's modules by the file beside the weights."""
    path = folder / "modules.json"
    entries = json.loads(path.read_text(encoding="utf-8"))
    for entry in entries:
        kind = str(entry["type"]).rpartition(".")[2]
        if kind in homes:
            entry["type"] = f"{homes[kind]}.{kind}"
    path.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
