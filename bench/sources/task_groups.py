"""Which MTEB tasks are cut from one source: the clusters of a cluster bootstrap over tasks."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

#: Repositories that hold unrelated data sets side by side: sharing one of these does not make a common source.
COLLECTIONS = frozenset(
    {
        "aggregate tasks do not have a path",
        "mteb/BRIGHT",  # twelve sites, code and mathematics: one repository, separate questions and corpora
        "dwzhu/LongEmbed",
        "klue/klue",
        "allenai/scirepeval",
        "mteb/OBLIQBenchRetrieval",
    }
)

#: (group, pattern over task names): common sources that neither the data set's path nor `adapted_from` tells.
CURATED: tuple[tuple[str, str], ...] = (
    # The forums of one dump of Stack Exchange duplicates (Hoogeveen et al. 2015), in every language.
    ("CQADupstack", r"CQADupstack.*"),
    # SemEval 2012-2017; STSBenchmark is a selection of their English pairs (Cer et al. 2017, section 8).
    ("SemEval STS", r"STS1[2-7](-.*)?|STSBenchmark(-.*)?|STSBenchmarkMultilingualSTS|STSB"),
    ("SemEval STS22", r"STS22(\..*)?"),
    # Titles (S2S) and titles with abstracts (P2P) of the same papers or posts.
    ("arXiv clustering", r"Arxiv(Clustering|Hierarchical).*|ArXivHierarchical.*"),
    ("bioRxiv clustering", r"BiorxivClustering.*"),
    ("medRxiv clustering", r"MedrxivClustering.*"),
    ("Reddit clustering", r"RedditClustering.*"),
    ("Stack Exchange clustering", r"StackExchangeClustering.*"),
    # Two label sets over the same utterances.
    ("MASSIVE", r"Massive(Intent|Scenario)Classification.*"),
    ("MTOP", r"MTOP(Domain|Intent)Classification.*"),
    # One citation graph (Cohan et al. 2020) behind both.
    ("SciDocs", r"SCIDOCS.*|SciDocsRR.*"),
)

_TWIN = re.compile(r"(?:[-_. ]?(?:S2S|P2P|S2P))(?=$|[.\-_])")


class Source(NamedTuple):
    """What a group is told from: the data set's path, the tasks it was made from, and its parts."""

    path: str
    made_from: tuple[str, ...]
    parts: tuple[str, ...]


def task_groups(tasks: Mapping[str, Source]) -> dict[str, str]:
    """Name the group of every task that shares a source with another.

    Parameters
    ----------
    tasks : mapping of str to Source
        Task name -> data set path, tasks that it was adapted from or supersedes, and (of an aggregate) its parts.

    Returns
    -------
    dict of str to str
        Task name -> group name; a task alone in its group is left out.

    Examples
    --------
    >>> a = Source("mteb/sts12-sts", (), ())
    >>> task_groups({"STS12": a, "STS13": Source("mteb/sts13-sts", (), ()), "SciFact": Source("mteb/scifact", (), ())})
    {'STS12': 'SemEval STS', 'STS13': 'SemEval STS'}
    """
    leader = {name: name for name in tasks}

    def find(name: str) -> str:
        while leader[name] != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    def join(names: Iterable[str]) -> None:
        known = [n for n in names if n in leader]
        for other in known[1:]:
            first, second = sorted((find(known[0]), find(other)))
            leader[second] = first

    for names in _related(tasks):
        join(names)

    members: dict[str, list[str]] = {}
    for name in tasks:
        members.setdefault(find(name), []).append(name)
    groups = {}
    for names in members.values():
        if len(names) > 1:
            title = next((g for g, p in CURATED if any(re.fullmatch(p, n) for n in names)), min(names, key=_plain))
            groups.update(dict.fromkeys(names, title))
    return dict(sorted(groups.items()))


def _related(tasks: Mapping[str, Source]) -> list[list[str]]:
    """List the names that go together: by the curated table, by what a task is made of, by data set, by twin names."""
    curated = [[n for n in tasks if re.fullmatch(pattern, n)] for _, pattern in CURATED]
    made = [[name, *source.made_from, *source.parts] for name, source in tasks.items()]
    by_path: dict[str, list[str]] = {}
    by_twin: dict[str, list[str]] = {}
    for name, source in tasks.items():
        if source.path not in COLLECTIONS:
            by_path.setdefault(source.path, []).append(name)
        if _TWIN.search(name):
            by_twin.setdefault(_TWIN.sub("", name), []).append(name)
    return [*curated, *made, *by_path.values(), *by_twin.values()]


def _plain(name: str) -> tuple[int, str]:
    return len(name), name
