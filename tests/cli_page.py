"""Write docs/cli.md: every command of the command line with its arguments and options, as `--help` has them.

python -m tests.cli_page
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from skinscan.cli import app
from tests.paths import ROOT

__all__ = ["PAGE", "main", "page"]

PAGE = ROOT / "docs" / "cli.md"
_HEAD = """# Command line

Every command, argument and option, written by `make reference` from the code; `--help` after a command says
the same. Data goes to stdout, everything else to stderr. A failure is one line and an exit code, never a
traceback. Examples are in the [tutorial](tutorial.md).

## Completion

`skinscan --install-completion` adds completion of commands, options and their values to the shell it is typed
in: bash, zsh, fish or PowerShell. Open a new terminal afterwards. `skinscan --show-completion` prints the
script instead.
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page())


def page() -> str:
    """The page as it should be."""
    root: Any = typer.main.get_command(app)
    context = root.make_context("skinscan", [], resilient_parsing=True)
    exits = str(root.epilog).removeprefix("Exit codes: ").rstrip(".").split("; ")
    table = "".join(f"| {code} | {means} |\n" for code, _, means in (each.partition(" ") for each in exits))
    parts = [_HEAD, f"\n## Exit codes\n\n| code | means |\n|---|---|\n{table}", "\n## skinscan\n"]
    parts += [
        *_options(root, context),
        *(part for each in root.commands.values() for part in _command(each, context)),
    ]
    return "".join(parts)


def _command(command: Any, parent: Any) -> Iterator[str]:
    context = type(parent)(command, info_name=command.name, parent=parent)
    if hasattr(command, "commands"):
        for below in command.commands.values():
            yield from _command(below, context)
        return
    path, usage = context.command_path, " ".join(command.collect_usage_pieces(context))
    yield f"\n## {path}\n\n{command.help}\n\n```\nUsage: {path} {re.sub('[{}]', '', usage)}\n```\n"
    yield from _options(command, context)


def _options(command: Any, context: Any) -> Iterator[str]:
    rows = [record for each in command.get_params(context) if (record := _record(each, context))]
    if rows:
        yield "\n| argument or option | is |\n|---|---|\n"
        yield from (f"| `{name}` | {_cell(told)} |\n" for name, told in rows)


def _record(parameter: Any, context: Any) -> tuple[str, str] | None:
    found: tuple[str, str] | None = parameter.get_help_record(context)
    if found is None or parameter.name == "help":
        return None
    return re.sub(r"^([A-Z ]+) <.*>$", r"\1", found[0].strip()).replace("|", "/"), found[1]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("[", "\\[")


if __name__ == "__main__":
    main()
