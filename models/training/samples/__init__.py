"""The pictures and claims in `samples/`."""
