"""`skinscan doctor`."""

from __future__ import annotations

import sys

import typer

from skinscan.cli.console import print_json, print_page
from skinscan.cli.options import JsonOption
from skinscan.errors import DeviceError, ModelError, SkinScanError

__all__ = ["doctor"]


def doctor(as_json: JsonOption = False) -> None:
    """Say what is installed, what runs, and how to fix the rest.

    Exit 0 if all is well; otherwise the first fault decides: 5 a model, 6 a device, runtime or system
    library, 1 anything else.
    """
    from skinscan.runtime import doctor as physician

    checks = physician.examine()
    faults = [check for check in checks if not check.ok]
    if as_json:
        keys = ("name", "ok", "found", "mend")
        rows = [{key: getattr(check, key) for key in keys} for check in checks]
        print_json({"schema": "skinscan.doctor/1", "ok": not faults, "checks": rows})
    else:
        from skinscan.output.terminal.layout import shape
        from skinscan.output.terminal.tables import tabulate_checks

        print_page(tabulate_checks(checks, *shape(sys.stdout)))
    if faults:
        raise typer.Exit(_fault_code(faults[0].name))


def _fault_code(name: str) -> int:
    """Exit code of a fault that the doctor found."""
    if name.startswith("model"):
        return ModelError.exit_code
    ours = ("python", "skinscan", "numpy", "opencv")
    return SkinScanError.exit_code if name in ours else DeviceError.exit_code
