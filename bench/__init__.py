"""Make and gather scores: variants, training, tasks, the evaluation runner, readers of MTEB results.

Importing this package is cheap: what needs torch or mteb is imported when it is first used.
"""

from importlib import import_module
from typing import Any

__room_of__ = "embsig"  # by this line embsig's guard knows its own: another distribution may overwrite the file

#: Public name -> the module that defines it.
_HOME: dict[str, str] = {
    "ATTENTIONS": "bench.variants.attentions",
    "POOLINGS": "bench.variants.pooling.table",
    "UntilDecided": "bench.runner.until_decided",
    "VARIANTS": "bench.variants.registry",
    "build_variant": "bench.variants.build",
    "design_table": "bench.demo",
    "encode_chunks": "bench.variants.chunks",
    "estimate_memory": "bench.training.memory",
    "evaluate": "bench.runner._evaluate",
    "export_model": "bench.variants.export._export_model",
    "families": "bench.task_families",
    "load_model": "bench.variants.loading",
    "model_cards": "bench.cards",
    "read": "bench.intake._read",
    "read_samples": "bench.runner.saved_samples",
    "read_scores": "bench._read_scores",
    "register_variant": "bench.variants.registry",
    "study_answers": "bench.study.answers",
    "study_archive": "bench.study.archive",
    "study_scores": "bench.demo",
    "suite": "bench.suites.registry",
    "task_table": "bench.task_list",
    "train": "bench.training._train",
    "train_series": "bench.training._train",
    "trained_variants": "bench.study.trained",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
