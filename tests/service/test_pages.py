"""A whole case in a real browser: bad photo, good photos, verdict, a person confirms, erased."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import CHROMIUM, Tab, browse
from tests.service.running import OPERATORS, SAMPLES, Running, serving

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
REACTION = SAMPLES / "claims" / "clear_reaction_zh"
FIELDS = "[...document.querySelectorAll('input:not([type=hidden]),select,textarea')]"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    with serving(tmp_path / "data") as found:
        yield found


def wait(tab: Tab, service: Running, true: str) -> None:
    service.until(lambda: tab.run(true))


def shot(tab: Tab, name: str) -> None:
    if folder := os.environ.get("SKINSCAN_SCREENSHOTS"):
        tab.screenshot(Path(folder) / f"{name}.png")


def send(tab: Tab, service: Running, photo: Path, role: str, taken: str) -> None:
    sent = tab.run("document.querySelectorAll('[data-photo]').length")
    tab("DOM.enable")
    root = tab("DOM.getDocument")["root"]["nodeId"]
    field = tab("DOM.querySelector", nodeId=root, selector="#photo")["nodeId"]
    tab("DOM.setFileInputFiles", nodeId=field, files=[str(photo)])
    tab.run(f"role.value = '{role}'; taken.value = '{taken}'; photo.form.requestSubmit(); 0")
    wait(tab, service, f"document.querySelectorAll('[data-photo]').length === {sent + 1}")
    wait(tab, service, "!document.querySelector('[data-busy=true]')")


def past_due(service: Running) -> None:
    rows = sqlite3.connect(service.folder / "tickets.sqlite", timeout=30)
    with rows:
        rows.execute("UPDATE cases SET follow_at = 1")
    rows.close()


def fits(tab: Tab) -> None:
    assert tab.run("document.documentElement.scrollWidth <= innerWidth")
    unnamed = tab.run(f"{FIELDS}.filter(f => !f.labels?.length && !f.ariaLabel).length")
    assert unnamed == 0


def test_a_case_is_walked_from_link_to_erasure(service: Running, tmp_path: Path) -> None:
    case = service.open("P-1")
    with browse(tmp_path / "profile") as tab:
        tab.open(f"{service.url}{case['page']}&lang=zh", 390)
        assert "key" not in tab.run("location.href")
        wait(tab, service, "document.querySelector('[data-state=asks]') !== null")
        fits(tab)
        send(tab, service, SAMPLES / "no_face.jpg", "before", "2026-10-30")
        assert tab.run("document.querySelectorAll('[data-photo=refused] li').length") == 1
        shot(tab, "consumer-bad-390")
        for name, role, taken in (
            ("before", "before", "2026-10-30"),
            ("after", "after", "2026-11-03"),
            ("recovery", "recovery", "2026-11-08"),
        ):
            send(tab, service, REACTION / f"{name}.jpg", role, taken)
        assert tab.run("document.querySelectorAll('[data-photo=good]').length") == 3
        fits(tab)
        shot(tab, "consumer-390")
        assert tab.complaints() == []
        tab.open(f"{service.url}/c/{case['id']}?lang=en", 1280)
        fits(tab)
        shot(tab, "consumer-1280")

        tab.run("document.querySelector('[name=on]').form.requestSubmit(); 0")
        wait(tab, service, "document.querySelector('[name=on][value=false]') !== null")
        past_due(service)  # its day has come
        service.until(lambda: service.status(case)["follow_due"])
        for width, language in ((390, "zh"), (1280, "en")):
            tab.open(f"{service.url}/c/{case['id']}?lang={language}", width)
            assert tab.run("document.querySelector('[data-follow] input[type=file]') !== null")
            fits(tab)
            shot(tab, f"consumer-follow-{width}")

        tab.open(f"{service.url}/desk", 1280)
        tab.run(f"key.value = '{OPERATORS['anna']}'; key.form.requestSubmit(); 0")
        wait(tab, service, "document.querySelector('h1') !== null && document.querySelector('#key') === null")
        for width in (390, 1280):
            for path in ("tracking", case["id"]):
                tab.open(f"{service.url}/desk/{path}", width)
                fits(tab)
                wait(tab, service, "[...document.images].every(i => i.complete && i.naturalWidth > 0)")
                shot(tab, f"{'tracking' if path == 'tracking' else 'case'}-{width}")
        assert tab.complaints() == []
        assert tab.run("[...document.images].length") == 4
        tab.run("[...document.querySelectorAll('[id^=share_]')].forEach(f => f.value = 0)")
        tab.run("share_brand.value = 10000; why.value = '<b>seen</b>'; why.form.requestSubmit(); 0")
        wait(tab, service, "document.body?.innerText.includes('<b>seen</b>')")
        assert service.status(case)["state"] == "decided"

        tab.open(f"{service.url}/c/{case['id']}", 390)
        tab.run("document.querySelector('[name=sure]').checked = true")
        tab.run("document.querySelector('[name=sure]').form.requestSubmit(); 0")
        wait(tab, service, "document.querySelector('[data-state=erased]') !== null")
    assert not (service.folder / "cases" / case["id"]).exists()


def test_the_keyboard_reaches_every_control_of_the_consumer(service: Running, tmp_path: Path) -> None:
    case = service.open("P-2")
    service.settled(case)
    with browse(tmp_path / "profile") as tab:
        tab.open(f"{service.url}{case['page']}", 390)
        wanted = tab.run(
            "document.querySelectorAll('a,button,input:not([type=hidden]),select,textarea').length"
        )
        tab.run("window.seen = new Set(); addEventListener('focusin', e => seen.add(e.target)); 0")
        for _ in range(wanted * 4):  # a date has several stops
            tab.press("Tab", 9)
        assert tab.run("seen.size") == wanted
