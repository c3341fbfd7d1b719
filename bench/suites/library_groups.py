"""The libraries of the corpus, grouped by what they are for."""

NUMERICS = ("numpy", "scipy", "pingouin", "statsmodels", "mpmath")
SYMBOLICS = ("sympy", "networkx", "patsy", "formulaic")
LEARNING = ("sklearn", "transformers", "sentence_transformers", "peft", "accelerate", "mteb", "huggingface_hub")
TORCH = ("torch",)
TABLES = ("pandas", "polars", "xarray", "pyarrow", "narwhals", "datasets")
GRAPHICS = ("matplotlib", "seaborn", "PIL", "fontTools", "rich")
APPLICATIONS = LEARNING + TABLES + GRAPHICS
EVERYTHING = NUMERICS + SYMBOLICS + APPLICATIONS + TORCH

#: Name -> group; every library of the tasks belongs to one.
GROUPS = {
    "numerics": NUMERICS,
    "symbolics": SYMBOLICS,
    "learning": LEARNING,
    "torch": TORCH,
    "tables": TABLES,
    "graphics": GRAPHICS,
}
