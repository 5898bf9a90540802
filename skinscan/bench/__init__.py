"""Benchmarks that an installed skinscan can run, and the runner of all: what the numbers are worth."""
