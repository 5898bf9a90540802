"""A real browser for the tests of pages: headless Chromium over its DevTools pipe, without a library.

The protocol is JSON with a zero byte after each message, on file descriptors 3 and 4 of the browser.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_PATIENCE = 60.0  # s for one answer; a busy machine is no fault of the page


class Tab:
    """One page of the browser, and what it did while it was open."""

    def __init__(self, into: int, out: int) -> None:
        self._into, self._out = into, out
        self._left = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self(f"{domain}.enable")

    def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and wait for its answer; events are kept."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._into, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _read(self) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE
        while b"\0" not in self._left:
            assert time.monotonic() < end, "the browser does not answer"
            self._left += os.read(self._out, 1 << 20)
        message, _, self._left = self._left.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def open(self, page: Path | str, width: int, *, dark: bool = False, scripts: bool = True) -> None:
        """Load a page at a width in CSS pixels."""
        self.events.clear()
        phone = width < 500
        self(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=844 if phone else 900, deviceScaleFactor=1, mobile=phone,
        )  # fmt: skip
        self("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.media("screen", dark=dark)
        url = page if isinstance(page, str) else page.resolve().as_uri()
        was = self.run("location.href")
        self("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())
        # That may have been the end of a page before, which a form had asked for.
        there = f"document.documentElement && document.readyState === 'complete' && location.href !== {was!r}"
        end = time.monotonic() + _PATIENCE
        while url != was and not self.run(there):
            assert time.monotonic() < end, f"{url} does not load"
            time.sleep(0.02)

    def media(self, kind: str, *, dark: bool = False) -> None:
        """Screen or print, light or dark."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self("Emulation.setEmulatedMedia", media=kind, features=[scheme])

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        done = self("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def press(self, key: str, code: int) -> None:
        """A key on the keyboard."""
        for kind in ("keyDown", "keyUp"):
            self("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def complaints(self) -> list[str]:
        """Errors and warnings that the page caused."""
        self.run("0")  # what is still on its way comes before the answer
        kinds = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [json.dumps(event["params"]) for event in self.events if event["method"] in kinds]

    def requests(self) -> list[str]:
        """Addresses that the page asked for, itself and what lies inside it left out."""
        self.run("0")
        asked = [
            str(event["params"]["request"]["url"])
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in asked if not url.startswith(("data:", "file:"))]

    def screenshot(self, target: Path, *, whole: bool = True) -> None:
        """Save what the page shows as PNG."""
        shot = self("Page.captureScreenshot", captureBeyondViewport=whole)
        target.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def browse(profile: Path) -> Iterator[Tab]:
    """Start the browser with an empty profile and end it."""
    assert CHROMIUM
    to_browser, into = os.pipe()
    out, from_browser = os.pipe()
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe")

    def wire() -> None:
        """Descriptors 3 and 4, by way of numbers that are neither."""
        high = os.dup(to_browser), os.dup(from_browser)
        os.dup2(high[0], 3)
        os.dup2(high[1], 4)

    with subprocess.Popen(
        [CHROMIUM, *flags, f"--user-data-dir={profile}", "about:blank"],
        close_fds=False, preexec_fn=wire, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        try:
            yield Tab(into, out)
        finally:
            process.terminate()
            process.wait()
            os.close(into)
            os.close(out)
