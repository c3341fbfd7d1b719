"""Robustness: what the order of models owes to single tasks and to the rule that makes one number of many."""

from .analysis import Robustness, rank_robustness
from .rules import RULES, Rule

__all__ = ["RULES", "Robustness", "Rule", "rank_robustness"]
