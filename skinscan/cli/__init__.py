"""The commands, one file each; `skinscan.cli` puts them together."""

__all__: list[str] = []
