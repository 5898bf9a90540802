"""The version, so that no file imports the package's root for it."""

__all__ = ["__version__"]

__version__ = "0.2.0"
