"""Licences and known advisories of what skinscan installs, as far as the installed packages tell.

`make audit` prints them and fails for a package under the GPL or AGPL, one that names no licence, one older
than the fix of an advisory below, one that is not pinned, or a model whose licence is not free. All of it is
read here, without a network: an advisory that is newer than the list is not known. Where there is a network,
`pip-audit -r constraints.txt` asks the databases.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from tests.paths import ROOT

EXTRAS = ("cpu", "bundle", "parquet", "pdf", "ray")
"""What users install; tools of development and training do not ship."""

FIXED = {
    "certifi": ("2024.7.4", "CVE-2024-39689"),
    "cryptography": ("44.0.1", "CVE-2024-12797"),
    "jinja2": ("3.1.6", "CVE-2025-27516"),
    "pillow": ("11.3.0", "CVE-2025-48379"),
    "protobuf": ("6.31.1", "CVE-2025-4565"),
    "pyarrow": ("14.0.1", "CVE-2023-47248"),
    "pyyaml": ("5.4", "CVE-2020-14343"),
    "requests": ("2.32.4", "CVE-2024-47081"),
    "urllib3": ("2.5.0", "CVE-2025-50181"),
}
"""Package -> the first version without its last advisory known to this list, and that advisory."""

_COPYLEFT = re.compile(
    r"(?<![L-])A?GPL|(?<!Lesser )(?<!Library )General Public License|Affero", re.IGNORECASE
)
_NOT_FREE = re.compile(r"non-?commercial|\bNC\b|research only|unknown|proprietary", re.IGNORECASE)
_GPL_TEXT = re.compile(r"GNU (?:AFFERO )?GENERAL PUBLIC LICENSE\s+Version", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One package or model."""

    name: str
    version: str
    licence: str
    fault: str = ""  # empty: nothing is wrong
    note: str = ""


def licence_of(package: Distribution) -> str:
    """The licence that a package names, by expression, else classifier, else the first line of its text."""
    about = package.metadata
    classes = [
        name.split("::")[-1].strip() for name in about.get_all("Classifier") or () if "License ::" in name
    ]
    named = (about[key] for key in ("License-Expression", "License") if key in about)
    text = ", ".join(classes) if classes and "License-Expression" not in about else next(named, "")
    return " ".join(text.split())[:60]


def licence_fault(licence: str) -> str:
    """What is wrong with a licence, in words; empty if nothing is."""
    if not licence:
        return "names no licence"
    if all(_COPYLEFT.search(choice) for choice in re.split(r"\bOR\b", licence)):
        return "under the GPL"
    return "not free for every use" if _NOT_FREE.search(licence) else ""


def shipped() -> dict[str, Distribution | None]:
    """Every package that skinscan and its extras bring, by folded name; None if it is not installed."""
    found: dict[str, Distribution | None] = {}
    waiting: list[tuple[str, tuple[str, ...]]] = [("skinscan", EXTRAS)]
    while waiting:
        name, extras = waiting.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in found:
            continue
        try:
            package = found[key] = distribution(name)
        except PackageNotFoundError:
            found[key] = None
            continue
        for line in package.requires or ():
            wanted = Requirement(line)
            if wanted.marker is None or any(wanted.marker.evaluate({"extra": e}) for e in ("", *extras)):
                waiting.append((wanted.name, tuple(wanted.extras)))
    return dict(sorted(found.items()))


def packages() -> Iterator[Finding]:
    """A finding for each package."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in lines if "==" in line}
    for name, package in shipped().items():
        if package is None:
            yield Finding(name, "", "", "" if name in pinned else "not pinned", "not installed here")
            continue
        fault = licence_fault(licence_of(package))
        fixed, advisory = FIXED.get(name, ("0", ""))
        if Version(package.version) < Version(fixed):
            fault = f"{advisory} is mended in {fixed}"
        if name not in pinned and name != "skinscan":
            fault = fault or "not pinned"
        note = "carries a text of the GPL: see its notices" if _carries_gpl(package) else ""
        yield Finding(name, package.version, licence_of(package), fault, note)


def _carries_gpl(package: Distribution) -> bool:
    """Whether a notice that comes with a package has the GPL in full, as those of bundled libraries do."""
    texts = (
        file for file in package.files or () if re.search(r"licen|copying|notice", file.name, re.IGNORECASE)
    )
    places = (Path(str(file.locate())) for file in texts if ".dist-info" in str(file))
    return any(_GPL_TEXT.search(place.read_text(errors="replace")) for place in places if place.is_file())


def models() -> Iterator[Finding]:
    """A finding for each model of the manifest."""
    manifest = json.loads((ROOT / "models" / "manifest.json").read_text())
    for model in manifest["models"]:
        licence = str(model.get("licence", ""))
        yield Finding(f"model {model['name']}", "", licence[:60], licence_fault(licence))


def main() -> int:
    """Print all, the faults last; 1 if there is one."""
    found = [*packages(), *models()]
    for each in found:
        print(f"{each.name:28} {each.version:14} {each.licence:40} {each.note}".rstrip())  # noqa: T201
    print(f"\n{len(found)} looked at. Advisories: the list in tests/audit.py only; no database was asked.")  # noqa: T201
    faults = [each for each in found if each.fault]
    for each in faults:
        print(f"{each.name} {each.version}: {each.fault}", file=sys.stderr)  # noqa: T201
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
