"""What the paper published: its five designs, its family means and its significance marks.

"Pooling And Attention: What Are Effective Designs for LLM-Based Embedding Models?" (arXiv 2409.02727), Mistral-7B,
one training set and one recipe. The means stand beside our own results; they are never computed with.
"""

from types import MappingProxyType

#: The paper's models, in its order.
MODELS = ("model-1", "model-2", "model-3", "model-4", "model-5")

#: Task family -> mean main score (fraction) of models 1 to 5.
FAMILY_MEANS = MappingProxyType(
    {
        "STS": (0.8302, 0.8431, 0.8420, 0.8397, 0.8468),
        "Classification": (0.7244, 0.7209, 0.7211, 0.6761, 0.7101),
        "Retrieval": (0.5394, 0.5496, 0.5529, 0.5607, 0.5620),
        "Clustering": (0.4503, 0.4427, 0.4486, 0.4010, 0.4257),
    }
)

#: Task family -> the models that differ from model 1 by its Wilcoxon test at p < .05, without correction.
SIGNIFICANT = MappingProxyType(
    {
        "STS": ("model-2", "model-3", "model-4", "model-5"),
        "Classification": ("model-5",),
        "Retrieval": ("model-5",),
        "Clustering": ("model-4", "model-5"),
    }
)
