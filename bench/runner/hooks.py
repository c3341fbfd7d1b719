"""Names of mteb and transformers on which the runner stands though nobody promises them, and the check that they are there."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from stats.common.errors import InputError


class Hook(NamedTuple):
    """One private name: of which distribution and module, which attribute (dotted), and why."""

    distribution: str
    module: str
    name: str
    why: str


#: Seen in mteb 2.26.7-2.26, transformers 5.15-5.23.
HOOKS = (
    Hook("mteb", "mteb.abstasks.abstask", "AbsTask._save_task_predictions", "hands over the predictions on every sample"),
    Hook("mteb", "mteb.abstasks", "AbsTaskRetrieval.task_specific_scores", "hands over the metrics of every query"),
    Hook("mteb", "mteb.abstasks", "AbsTaskClassification._calculate_scores", "hands over the labels of every experiment"),
    Hook("mteb", "mteb._set_seed", "_set_seed", "starts every split and subset from one seed"),
    Hook("mteb", "mteb.get_tasks", "_TASKS_REGISTRY", "makes a fresh task by name"),
    Hook("mteb", "mteb.get_tasks", "_TASK_RENAMES", "says what a task is called now"),
    Hook("mteb", "mteb.benchmarks.get_benchmark", "_build_registry", "finds a benchmark by name"),
    Hook("transformers", "transformers.dynamic_module_utils", "get_class_in_module", "is where a model's own code is refused"),
    Hook("transformers", "transformers.modeling_utils", "log_state_dict_report", "says which weights a checkpoint lacks"),
    Hook("transformers", "transformers.integrations.peft", "log_state_dict_report", "says which weights an adapter lacks"),
)  # fmt: skip

#: Versions with which the runner's tests pass.
WORKS = {"mteb": "mteb==2.26.*", "transformers": "transformers>=5.15,<5.24"}


def check_hooks() -> None:
    """Make sure that every private name is there.

    Raises
    ------
    InputError
        If one is not: in one line, the name, what it is for, and the versions that work.
    """
    for hook in HOOKS:
        try:
            found: object = import_module(hook.module)
            for part in hook.name.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError):
            try:
                installed = version(hook.distribution)
            except PackageNotFoundError:
                installed = "(not installed)"
            raise InputError(
                f"{hook.distribution} {installed} has no {hook.module}.{hook.name}, which {hook.why}: expected a version that embsig "
                f"knows; pip install '{WORKS[hook.distribution]}'"
            ) from None
