"""The suite `docstrings`: tasks of six families over the corpus's test part. Importing this imports mteb."""

from bench.corpus import Entry

from .corpus_tasks import Describing, Grading, Grouping, Labelling, Linking, Searching, describe
from .label_rows import library
from .library_groups import APPLICATIONS, EVERYTHING, GRAPHICS, LEARNING, NUMERICS, SYMBOLICS, TABLES, TORCH

_ASK = (
    "Find the description that belongs to a one-line summary among those of all documented objects of {}; names hidden."
)
_RANK = "Find the description that belongs to a one-line summary among up to 12 of the same module of {}; names hidden."
_GRADE = (
    "Two summaries from {}, graded 3 if one's documentation points to the other (See Also), 2 for methods of one "
    "class, 1 for objects of one module, 0 for different libraries; names hidden."
)
_LINK = "Two summaries from {}: does the documentation of one point to the other (See Also)? Names hidden."
_OWN = "Do a summary and a description from {} belong to one object, or to two of the same module? Names hidden."
_LIBRARY = "Which library is documented? {}; names of objects and libraries hidden."
_TOPIC = "Which part of {} is documented? Names of the object and the library hidden."
_GROUP = "Group the documentation of {} by second-level module; names hidden."


class DocstringsNumericsRetrieval(Searching):
    """Summary -> description in the numerical libraries."""

    packages = NUMERICS
    metadata = describe(
        "DocstringsNumericsRetrieval", "Retrieval", _ASK.format("numpy, scipy, statsmodels, pingouin and mpmath")
    )


class DocstringsSymbolicsRetrieval(Searching):
    """Summary -> description in algebra and graphs."""

    packages = SYMBOLICS
    metadata = describe(
        "DocstringsSymbolicsRetrieval", "Retrieval", _ASK.format("sympy, networkx, patsy and formulaic")
    )


class DocstringsLearningRetrieval(Searching):
    """Summary -> description in machine learning."""

    packages = LEARNING
    metadata = describe(
        "DocstringsLearningRetrieval", "Retrieval", _ASK.format("scikit-learn, transformers and its companions")
    )


class DocstringsTorchRetrieval(Searching):
    """Summary -> description in torch."""

    packages = TORCH
    metadata = describe("DocstringsTorchRetrieval", "Retrieval", _ASK.format("torch"))


class DocstringsTablesRetrieval(Searching):
    """Summary -> description in the libraries of data frames."""

    packages = TABLES
    metadata = describe(
        "DocstringsTablesRetrieval", "Retrieval", _ASK.format("pandas, polars, xarray, pyarrow, narwhals and datasets")
    )


class DocstringsGraphicsRetrieval(Searching):
    """Summary -> description in plotting, images, fonts and terminals."""

    packages = GRAPHICS
    metadata = describe(
        "DocstringsGraphicsRetrieval", "Retrieval", _ASK.format("matplotlib, seaborn, pillow, fonttools and rich")
    )


class DocstringsScienceReranking(Searching):
    """Summary -> description among neighbours in the scientific libraries."""

    packages = NUMERICS + SYMBOLICS
    limit = 100
    metadata = describe("DocstringsScienceReranking", "Reranking", _RANK.format("the numerical and symbolic libraries"))


class DocstringsTorchReranking(Searching):
    """Summary -> description among neighbours in torch."""

    packages = TORCH
    limit = 100
    metadata = describe("DocstringsTorchReranking", "Reranking", _RANK.format("torch"))


class DocstringsApplicationsReranking(Searching):
    """Summary -> description among neighbours in learning, tables and graphics."""

    packages = APPLICATIONS
    limit = 100
    metadata = describe(
        "DocstringsApplicationsReranking", "Reranking", _RANK.format("the libraries of learning, tables and graphics")
    )


class DocstringsNumericsSTS(Grading):
    """Graded relatedness in the numerical libraries."""

    packages = NUMERICS
    metadata = describe("DocstringsNumericsSTS", "STS", _GRADE.format("numpy, scipy, statsmodels, pingouin and mpmath"))


class DocstringsSymbolicsSTS(Grading):
    """Graded relatedness in algebra and graphs."""

    packages = SYMBOLICS
    metadata = describe("DocstringsSymbolicsSTS", "STS", _GRADE.format("sympy, networkx, patsy and formulaic"))


class DocstringsApplicationsSTS(Grading):
    """Graded relatedness in learning, tables and graphics."""

    packages = APPLICATIONS
    metadata = describe(
        "DocstringsApplicationsSTS", "STS", _GRADE.format("the libraries of learning, tables and graphics")
    )


class DocstringsNumericsPairClassification(Linking):
    """See Also or not in the numerical libraries."""

    packages = NUMERICS
    metadata = describe(
        "DocstringsNumericsPairClassification",
        "PairClassification",
        _LINK.format("numpy, scipy, statsmodels, pingouin and mpmath"),
    )


class DocstringsSymbolicsPairClassification(Linking):
    """See Also or not in algebra and graphs."""

    packages = SYMBOLICS
    metadata = describe(
        "DocstringsSymbolicsPairClassification",
        "PairClassification",
        _LINK.format("sympy, networkx, patsy and formulaic"),
    )


class DocstringsDescriptionPairClassification(Describing):
    """One object or two in torch and machine learning."""

    packages = TORCH + LEARNING
    metadata = describe(
        "DocstringsDescriptionPairClassification", "PairClassification", _OWN.format("torch and the learning libraries")
    )


class DocstringsLibraryClassification(Labelling):
    """Which library."""

    packages = EVERYTHING
    classes = 12

    @staticmethod
    def label_of(entry: Entry) -> str:
        """The library."""
        return library(entry)

    metadata = describe(
        "DocstringsLibraryClassification", "Classification", _LIBRARY.format("The twelve with most documentation")
    )


class DocstringsScipyTopicClassification(Labelling):
    """Which part of scipy."""

    packages = ("scipy",)
    metadata = describe("DocstringsScipyTopicClassification", "Classification", _TOPIC.format("scipy"))


class DocstringsTorchTopicClassification(Labelling):
    """Which part of torch."""

    packages = TORCH
    metadata = describe("DocstringsTorchTopicClassification", "Classification", _TOPIC.format("torch"))


class DocstringsNumericsClustering(Grouping):
    """Parts of the numerical libraries."""

    packages = NUMERICS
    metadata = describe(
        "DocstringsNumericsClustering", "Clustering", _GROUP.format("numpy, scipy, statsmodels, pingouin and mpmath")
    )


class DocstringsSymbolicsClustering(Grouping):
    """Parts of algebra and graphs."""

    packages = SYMBOLICS
    metadata = describe(
        "DocstringsSymbolicsClustering", "Clustering", _GROUP.format("sympy, networkx, patsy and formulaic")
    )


class DocstringsTorchClustering(Grouping):
    """Parts of torch."""

    packages = TORCH
    metadata = describe("DocstringsTorchClustering", "Clustering", _GROUP.format("torch"))


TASKS = (
    DocstringsNumericsRetrieval,
    DocstringsSymbolicsRetrieval,
    DocstringsLearningRetrieval,
    DocstringsTorchRetrieval,
    DocstringsTablesRetrieval,
    DocstringsGraphicsRetrieval,
    DocstringsScienceReranking,
    DocstringsTorchReranking,
    DocstringsApplicationsReranking,
    DocstringsNumericsSTS,
    DocstringsSymbolicsSTS,
    DocstringsApplicationsSTS,
    DocstringsNumericsPairClassification,
    DocstringsSymbolicsPairClassification,
    DocstringsDescriptionPairClassification,
    DocstringsLibraryClassification,
    DocstringsScipyTopicClassification,
    DocstringsTorchTopicClassification,
    DocstringsNumericsClustering,
    DocstringsSymbolicsClustering,
    DocstringsTorchClustering,
)
