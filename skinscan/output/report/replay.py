"""The command that makes a case again, as its reports tell it: files by name, never by place."""

from __future__ import annotations

from pathlib import Path

__all__ = ["claim_command"]


def claim_command(
    file: str | Path,
    *,
    policy: str | Path | None = None,
    catalog: str | Path | None = None,
    products: str | Path | None = None,
    encoding: str | None = None,
) -> list[str]:
    """Words of `skinscan claim`.

    Args:
        file: of the claim.
        policy: the platform's rules; None: the built-in ones.
        catalog: shades on sale.
        products: products on sale.
        encoding: of both.
    """
    given = (("--policy", policy), ("--catalog", catalog), ("--products", products))
    words = ["claim", Path(file).name]
    words += [word for option, path in given if path for word in (option, Path(path).name)]
    return words + (["--encoding", encoding] if encoding else [])
