"""Print what the parts of the corpus share, and the baselines' main scores: the tables of docs/suite.md."""

from bench import suite
from bench.corpus import load_corpus

from .baselines import TfidfEncoder, bm25_main_score, main_scores
from .leakage import leakage, name_leaks

if __name__ == "__main__":
    corpus = load_corpus()
    print(leakage(corpus).to_string(index=False))
    print(f"\nNames in both texts of a test pair: {name_leaks(corpus.part('test'))}\n")
    tasks = suite("docstrings")
    print("TF-IDF:", main_scores(TfidfEncoder(), tasks))
    searched = [task for task in tasks if task.metadata.type in ("Retrieval", "Reranking")]
    print("BM25:", {task.metadata.name: round(bm25_main_score(task), 3) for task in searched})
