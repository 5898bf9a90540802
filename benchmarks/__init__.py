"""Benchmarks that need a checkout: they render, with `models`."""
