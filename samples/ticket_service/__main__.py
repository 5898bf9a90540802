"""`python -m samples.ticket_service`: start the service with the settings of the environment."""

from __future__ import annotations

import os
import sys

import uvicorn

from samples.ticket_service.app import create_app
from samples.ticket_service.settings import read_settings
from skinscan.errors import SkinScanError


def main() -> int:
    """Start; returns the exit code."""
    try:
        settings = read_settings()
        app = create_app(settings)
    except SkinScanError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    if "TICKETS_OPERATORS" not in os.environ:
        sys.stderr.write(
            f"Keys of this run (set TICKETS_OPERATORS to keep one): {dict(settings.operators)}\n"
        )
    sys.stderr.write(f"Desk: http://{settings.host}:{settings.port}/desk\n")
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        server_header=False,
        limit_concurrency=500,
        timeout_keep_alive=15,
        log_level="warning",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
