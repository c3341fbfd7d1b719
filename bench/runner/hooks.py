"""Names of mteb, transformers, sentence-transformers and tqdm on which the runner stands though nobody promises them, and their check."""

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


#: Seen in mteb 2.26.7 to 2.26.24, transformers 5.15 to 5.23, sentence-transformers 6.0 to 6.2, tqdm 4.67.
HOOKS = (
    Hook("mteb", "mteb.abstasks.abstask", "AbsTask._save_task_predictions", "hands over the predictions on every sample"),
    Hook("mteb", "mteb.abstasks", "AbsTaskRetrieval.task_specific_scores", "hands over the metrics of every query"),
    Hook("mteb", "mteb.abstasks", "AbsTaskClassification._calculate_scores", "hands over the labels of every experiment"),
    Hook("mteb", "mteb.abstasks", "AbsTaskRegression", "is told from classification, whose samples are others"),
    Hook("mteb", "mteb.abstasks", "AbsTaskClusteringLegacy", "hands over clusters set by set"),
    Hook("mteb", "mteb.abstasks", "AbsTaskSTS._normalize", "brings gold similarities to the scale of the predictions"),
    Hook("mteb", "mteb.abstasks", "AbsTaskZeroShotClassification._normalize_labels", "numbers the labels as the predictions do"),
    Hook("mteb", "mteb.abstasks.abstask", "_multilabel_subsampling", "says which texts of a long split were evaluated"),
    Hook("mteb", "mteb.abstasks.abstask", "get_abstask_prompt", "gives a task the instruction of its type"),
    Hook("mteb", "mteb._evaluators.text.summarization_evaluator", "DeprecatedSummarizationEvaluator", "averages correlations otherwise"),
    Hook("mteb", "mteb.models.abs_encoder", "get_prompt_name", "says which prompt a task and a role have"),
    Hook("mteb", "mteb.models.model_implementations", "MODEL_REGISTRY", "finds a model by name"),
    Hook("mteb", "mteb.models.model_meta", "ModelMeta._validate_similarity_fn_name", "reads a model's similarity"),
    Hook("mteb", "mteb.models.sentence_transformer_wrapper", "SentenceTransformerEncoderWrapper", "encodes as mteb does"),
    Hook("mteb", "mteb._set_seed", "_set_seed", "starts every split and subset from one seed"),
    Hook("mteb", "mteb.get_tasks", "_TASKS_REGISTRY", "makes a fresh task by name"),
    Hook("mteb", "mteb.get_tasks", "_TASK_RENAMES", "says what a task is called now"),
    Hook("mteb", "mteb.benchmarks.get_benchmark", "_build_registry", "finds a benchmark by name"),
    Hook("transformers", "transformers.dynamic_module_utils", "get_class_in_module", "is where a model's own code is refused"),
    Hook("transformers", "transformers.modeling_utils", "log_state_dict_report", "says which weights a checkpoint lacks"),
    Hook("transformers", "transformers.models.auto.modeling_auto", "MODEL_MAPPING", "says which attention a class computes"),
    Hook("transformers", "transformers.masking_utils", "create_bidirectional_mask", "masks a decoder that sees both ways"),
    Hook("sentence-transformers", "sentence_transformers.base.modules", "Transformer", "is what a variant's decoder is made of"),
    Hook("sentence-transformers", "sentence_transformers.base.modules", "Module", "is what a pooling is made of"),
    Hook("tqdm", "tqdm.std", "tqdm", "is where bars that no option turns off are turned off"),
    Hook("tqdm", "tqdm.std", "tqdm.set_lock", "keeps a killed worker from leaving a semaphore behind"),
    Hook("transformers", "transformers.integrations.peft", "log_state_dict_report", "says which weights an adapter lacks"),
)  # fmt: skip

#: Versions with which the runner's tests pass.
WORKS = {
    "mteb": "mteb>=2.26.7,<2.27",
    "transformers": "transformers>=5.15,<5.24",
    "sentence-transformers": "sentence-transformers>=6.0,<6.3",
    "tqdm": "tqdm>=4.67,<5",
}


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
