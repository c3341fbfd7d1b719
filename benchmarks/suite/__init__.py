"""The numbers of docs/suite.md: ``python -m benchmarks.suite`` prints them."""
