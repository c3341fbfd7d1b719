"""The tasks of the paper, per family, by their names in mteb (Tang & Yang 2024, arXiv 2409.02727)."""

PAPER: dict[str, tuple[str, ...]] = {
    "STS": ("BIOSSES", "SICK-R", "STS12", "STS13", "STS14", "STS15", "STS16", "STSBenchmark"),
    "Classification": ("AmazonPolarityClassification", "ToxicConversationsClassification", "ImdbClassification",
                       "Banking77Classification", "EmotionClassification", "TweetSentimentExtractionClassification"),
    "Clustering": ("ArxivClusteringP2P", "ArxivClusteringS2S", "BiorxivClusteringP2P.v2", "BiorxivClusteringS2S.v2",
                   "MedrxivClusteringP2P.v2", "MedrxivClusteringS2S.v2", "RedditClustering.v2", "RedditClusteringP2P.v2",
                   "StackExchangeClustering.v2", "StackExchangeClusteringP2P.v2", "TwentyNewsgroupsClustering.v2"),
    "PairClassification": ("TwitterURLCorpus", "SprintDuplicateQuestions", "TwitterSemEval2015"),
    "Reranking": ("AskUbuntuDupQuestions", "MindSmallReranking", "SciDocsRR", "StackOverflowDupQuestions"),
    "Summarization": ("SummEval",),
    "Retrieval": ("ArguAna", "NFCorpus", "FiQA2018", "SciFact", "Touche2020", "QuoraRetrieval", "TRECCOVID", "NQ", "SCIDOCS",
                  "ClimateFEVER", "DBPedia", "MSMARCO", "HotpotQA", "FEVER"),
}
