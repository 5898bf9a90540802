"""The command line: the commands, one file each; `entry_point` puts them together."""

from skinscan.cli.entry_point import app, main, run

__all__ = ["app", "main", "run"]
