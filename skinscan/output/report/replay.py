"""The command that makes a result again, as its report tells it: files by name, never by place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skinscan.shades import ShadeMatch

__all__ = ["claim_command", "shade_command"]


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


def shade_command(
    found: ShadeMatch,
    *,
    category: str | None = None,
    top: int = 10,
    swatch: str | None = None,
    format: str = "auto",
    encoding: str | None = None,
    skip_bad: bool = False,
    face: str = "only",
) -> list[str]:
    """Words of `skinscan shade`; what stands at its default is left out.

    Args:
        found: what it gave: photo, catalogue, site and the shades that it was asked about.
        category: that was asked for.
        top: how many shades are listed.
        swatch: photo of what came.
        format: of the catalogue.
        encoding: of the catalogue.
        skip_bad: whether bad rows are left out.
        face: which face of the photo.
    """
    claim, known = found.claim, found.known
    words = ["shade", found.scan.photo.name, "--catalog", found.catalog.name]
    given: list[tuple[str, str | None]] = [
        ("--category", category),
        ("--site", found.asked_site if found.asked_site not in ("jaw", "lips") else None),
        ("--top", str(top) if top != 10 else None),
        ("--purchased", claim.shade.sku if claim else None),
        ("--swatch", Path(swatch).name if swatch else None),
        ("--known", known.shade.sku if known else None),
        ("--format", format if format != "auto" else None),
        ("--encoding", encoding),
        ("--face", face if face != "only" else None),
    ]
    words += [word for option, value in given if value for word in (option, value)]
    words += ["--advertised"] if claim and claim.question == "as_advertised" else []
    return words + (["--skip-bad"] if skip_bad else [])
