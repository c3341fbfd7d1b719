"""embsig beside its peers: ``python -m benchmarks``."""
