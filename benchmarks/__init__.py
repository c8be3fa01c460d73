"""Measure this package against its peers: ``python -m benchmarks``."""
