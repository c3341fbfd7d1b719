"""The suite `study`: the tasks of `docstrings` and 27 more, so that each of the paper's families has nine. Importing this imports mteb.

The new ones ask other questions of other entries of the test part (their choices are salted anew): descriptions for summaries,
the places that two objects share, the parts of more libraries.
"""

from typing import Any

from .corpus_tasks import Describing, FromCorpus, Grouping, Labelling, Placing, Searching, SharingPlace, describe
from .docstrings import TASKS as DOCSTRINGS
from .label_rows import field_of, library
from .library_groups import APPLICATIONS, EVERYTHING, GRAPHICS, LEARNING, NUMERICS, SYMBOLICS, TABLES, TORCH

_SCIENCE = NUMERICS + SYMBOLICS
_SALT = "study"
_FIND = "Find the one-line summary that belongs to a description among those of {}; names hidden."
_RANK = "Find the one-line summary that belongs to a description among up to 12 of the same module of {}; names hidden."
_PLACE = "Two summaries from {}, graded 3 for one class, 2 for one module, 1 for one second-level module, 0 for none; names hidden."
_OWN = "Do a summary and a description from {} belong to one object, or to two of the same module? Names hidden."
_TOPIC = "Which part of {} is documented? Names of the object and the library hidden."
_GROUP = "Group the documentation of {} by second-level module; names hidden."

_IN_WORDS = {
    NUMERICS: "the numerical libraries",
    SYMBOLICS: "the libraries of algebra and graphs",
    LEARNING: "the libraries of machine learning",
    TORCH: "torch",
    TABLES: "the libraries of data frames",
    GRAPHICS: "the libraries of plotting, images, fonts and terminals",
    APPLICATIONS: "the libraries of learning, tables and graphics",
    _SCIENCE: "the numerical and symbolic libraries",
    EVERYTHING: "all libraries",
    ("scipy",): "scipy",
    ("sympy",): "sympy",
    ("statsmodels",): "statsmodels",
}

#: Kind, name without its prefix, libraries, what is asked, and what differs from the kind.
_NEW: tuple[tuple[type[FromCorpus], str, tuple[str, ...], str, dict[str, Any]], ...] = (
    (Searching, "ScienceSummaryRetrieval", _SCIENCE, _FIND, {"reverse": True}),
    (Searching, "TorchSummaryRetrieval", TORCH, _FIND, {"reverse": True}),
    (Searching, "ApplicationsSummaryRetrieval", APPLICATIONS, _FIND, {"reverse": True}),
    (Searching, "ScienceSummaryReranking", _SCIENCE, _RANK, {"reverse": True, "limit": 100}),
    (Searching, "TorchSummaryReranking", TORCH, _RANK, {"reverse": True, "limit": 100}),
    (Searching, "ApplicationsSummaryReranking", APPLICATIONS, _RANK, {"reverse": True, "limit": 100}),
    (Placing, "NumericsPlaceSTS", NUMERICS, _PLACE, {}),
    (Placing, "SymbolicsPlaceSTS", SYMBOLICS, _PLACE, {}),
    (Placing, "LearningPlaceSTS", LEARNING, _PLACE, {}),
    (Placing, "TorchPlaceSTS", TORCH, _PLACE, {}),
    (Placing, "TablesPlaceSTS", TABLES, _PLACE, {}),
    (Placing, "GraphicsPlaceSTS", GRAPHICS, _PLACE, {}),
    (Describing, "ScienceDescriptionPairClassification", _SCIENCE, _OWN, {}),
    (Describing, "ApplicationsDescriptionPairClassification", TABLES + GRAPHICS, _OWN, {}),
    (
        SharingPlace,
        "PlacePairClassification",
        EVERYTHING,
        "Two summaries from {}: of one second-level module, or of two of one library? Names hidden.",
        {},
    ),
    (Labelling, "SympyTopicClassification", ("sympy",), _TOPIC, {}),
    (Labelling, "StatsmodelsTopicClassification", ("statsmodels",), _TOPIC, {}),
    (Labelling, "LearningTopicClassification", LEARNING, _TOPIC, {}),
    (Labelling, "TablesTopicClassification", TABLES, _TOPIC, {}),
    (Labelling, "GraphicsTopicClassification", GRAPHICS, _TOPIC, {}),
    (
        Labelling,
        "FieldClassification",
        EVERYTHING,
        "Which field is the library that is documented from: numbers, algebra and graphs, learning, torch, tables or graphics? Out of {}; names hidden.",
        {"label_of": staticmethod(field_of), "per_class": 56},
    ),
    (Grouping, "ScipyClustering", ("scipy",), _GROUP, {}),
    (Grouping, "SympyClustering", ("sympy",), _GROUP, {}),
    (Grouping, "LearningClustering", LEARNING, _GROUP, {}),
    (Grouping, "TablesClustering", TABLES, _GROUP, {}),
    (Grouping, "GraphicsClustering", GRAPHICS, _GROUP, {}),
    (
        Grouping,
        "LibraryClustering",
        EVERYTHING,
        "Group the documentation of {} by library; names of objects and libraries hidden.",
        {"label_of": staticmethod(library)},
    ),
)


def _make(
    kind: type[FromCorpus], name: str, packages: tuple[str, ...], text: str, own: dict[str, Any]
) -> type[FromCorpus]:
    """Make the class of one task, found under its name in this module as pickled tasks must be."""
    family = next(
        f
        for f in ("Reranking", "Retrieval", "STS", "PairClassification", "Classification", "Clustering")
        if name.endswith(f)
    )
    words = _IN_WORDS.get(packages, "the libraries of tables and graphics")
    whole = f"Docstrings{name}"
    metadata = describe(whole, family, text.format(words))
    made = type(
        whole,
        (kind,),
        {
            "__doc__": f"{metadata.description}",
            "__module__": __name__,
            "packages": packages,
            "salt": _SALT,
            "metadata": metadata,
            **own,
        },
    )
    globals()[whole] = made
    return made


TASKS: tuple[Any, ...] = (*DOCSTRINGS, *(_make(*row) for row in _NEW))
