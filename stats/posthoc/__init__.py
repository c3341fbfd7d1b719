"""What follows an omnibus test: critical differences and corrections for many tests."""

from .adjust import adjust
from .nemenyi import critical_difference, nemenyi

__all__ = ["adjust", "critical_difference", "nemenyi"]
