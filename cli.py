"""Run the command line from a checkout: `python cli.py scan face.jpg`."""

from skinscan.cli import app, main

__all__ = ["app"]

if __name__ == "__main__":
    main()
