"""`python -m skinscan` is the `skinscan` command."""

from skinscan.cli import main

if __name__ == "__main__":  # worker processes import this file again
    main()
