"""Files that others read are private, and never written through what somebody planted in their place."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from skinscan.batch import Job, Kind, plan
from skinscan.cards.print_run import load_run
from skinscan.casework import DuplicateIndex
from skinscan.claims import load_claim, load_policy
from skinscan.claims.help.products import load_products
from skinscan.errors import DataError, PhotoMissing, UsageError
from skinscan.files import open_own, own_only, replacing
from skinscan.output.pictures.canvas import save_png
from skinscan.output.report.page import Page
from skinscan.output.report.save import save_pages
from skinscan.shades import load_catalog
from skinscan.signals.read import read_orders, read_verdicts
from tests.conftest import Run
from tests.paths import SAMPLES

SECRET = b"of somebody, elsewhere"
PICTURE = np.zeros((4, 4, 3), np.uint8)
PLANTED: dict[str, Callable[[Path, Path], object]] = {
    "link": lambda at, victim: at.symlink_to(victim),
    "dangling link": lambda at, victim: at.symlink_to(victim.with_name("new")),
    "link to a folder": lambda at, victim: at.symlink_to(victim.parent),
    "pipe": lambda at, _: os.mkfifo(at),
    "device": lambda at, _: at.symlink_to("/dev/null"),
    "folder": lambda at, _: at.mkdir(),
}


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    path = tmp_path / "elsewhere" / "victim"
    path.write_bytes(SECRET)
    return path


def page(name: str) -> Page:
    return Page(name=name, html="<p>page</p>")


@pytest.mark.parametrize("kind", PLANTED)
def test_pictures_are_not_written_through(kind: str, tmp_path: Path, victim: Path) -> None:
    PLANTED[kind](tmp_path / "a.png", victim)
    with pytest.raises(UsageError, match=r"a\.png"):
        save_png(PICTURE, tmp_path / "a.png")
    assert [path.name for path in victim.parent.iterdir()] == ["victim"]
    assert victim.read_bytes() == SECRET


@pytest.mark.parametrize("kind", PLANTED)
def test_reports_are_not_written_through_and_no_page_of_them_is(
    kind: str, tmp_path: Path, victim: Path
) -> None:
    folder = tmp_path / "report"
    folder.mkdir()
    PLANTED[kind](folder / "second.html", victim)
    with pytest.raises(UsageError, match=r"second\.html"):
        save_pages([page("first.html"), page("second.html")], folder)
    assert [path.name for path in folder.iterdir()] == ["second.html"]
    assert victim.read_bytes() == SECRET
    assert not victim.with_name("new").exists()


@pytest.mark.parametrize("kind", PLANTED)
def test_an_index_is_not_written_through(kind: str, tmp_path: Path, victim: Path) -> None:
    PLANTED[kind](tmp_path / "index", victim)
    with pytest.raises(DataError, match="index"):
        DuplicateIndex(tmp_path / "index")
    assert [path.name for path in victim.parent.iterdir()] == ["victim"]
    assert victim.read_bytes() == SECRET


@pytest.mark.parametrize("kind", PLANTED)
def test_the_command_line_refuses_a_planted_target_before_any_work(
    kind: str, tmp_path: Path, victim: Path, run: Run
) -> None:
    PLANTED[kind](tmp_path / "a.png", victim)
    found = run("scan", SAMPLES / "no_face.jpg", "--overlay", tmp_path / "a.png")
    assert found.code == 2, "the photo would have been exit 4"
    assert found.err.count("\n") == 1


def test_what_shows_a_person_is_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        save_png(PICTURE, tmp_path / "a.png")
        save_pages([page("first.html")], tmp_path / "new" / "report")
        DuplicateIndex(tmp_path / "index").add("case", [("ab" * 32, 7)])
    finally:
        os.umask(before)
    files = [tmp_path / "a.png", tmp_path / "new" / "report" / "first.html", tmp_path / "index"]
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600] * 3
    assert (tmp_path / "new" / "report").stat().st_mode & 0o777 == 0o700


def test_a_file_that_is_replaced_is_whole_or_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(IsADirectoryError), replacing(path) as part:
        (part.write_bytes(b"half"), tmp_path.write_bytes(b"fails"))
    assert path.read_bytes() == b"old"
    with replacing(path) as part:
        part.write_bytes(b"new")
    assert path.read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("kind", PLANTED)
def test_only_ordinary_files_are_opened(kind: str, tmp_path: Path, victim: Path) -> None:
    PLANTED[kind](tmp_path / "file", victim)
    assert not own_only(tmp_path / "file")
    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR | os.O_CREAT):
        with pytest.raises(OSError):  # noqa: PT011  (ELOOP, ENXIO or EISDIR, as the system has it)
            open_own(tmp_path / "file", flags)


def test_a_second_name_is_not_opened(tmp_path: Path, victim: Path) -> None:
    (tmp_path / "file").hardlink_to(victim)
    assert not own_only(tmp_path / "file")
    with pytest.raises(OSError, match="second name"):
        open_own(tmp_path / "file", os.O_RDWR)
    with replacing(tmp_path / "file") as part:  # takes the name, and leaves the other
        part.write_bytes(b"new")
    assert victim.read_bytes() == SECRET


READERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "catalogue": ("skinscan.shades.catalog_reader", load_catalog),
    "products": ("skinscan.claims.help.products", load_products),
    "orders": ("skinscan.signals.read", lambda name: read_orders(Path(name))),
    "verdicts": ("skinscan.signals.read", lambda name: read_verdicts(Path(name))),
    "print run": (
        "skinscan.cards.print_run",
        lambda name: load_run(Path(name), measured=True),
    ),
    "claim": ("skinscan.claims.load", load_claim),
    "policy": ("skinscan.claims.policy.load", load_policy),
    "pairs": ("skinscan.batch.plan", lambda name: plan(name, Job(kind="pairs", device="cpu"))),
}


def lower_bound(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the module itself: some packages give its name to a function."""
    name = "MAX_BYTES" if module == "skinscan.claims.load" else "_MOST_BYTES"
    monkeypatch.setattr(sys.modules[module], name, 4096)


@pytest.mark.parametrize("reader", READERS)
def test_a_file_without_end_is_refused_at_its_bound(reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device has size 0 for the system, and never ends."""
    module, read = READERS[reader]
    lower_bound(module, monkeypatch)
    with pytest.raises((DataError, PhotoMissing), match="more than 4,096 bytes"):
        read("/dev/zero")


@pytest.mark.parametrize("kind", ["photos", "pairs"])
def test_a_list_on_standard_input_has_a_bound(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    lower_bound("skinscan.batch.plan", monkeypatch)
    with Path("/dev/zero").open("rb") as endless:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(endless))
        with pytest.raises(PhotoMissing, match="more than 4,096 bytes"):
            plan("-", Job(kind=kind, device="cpu"))
