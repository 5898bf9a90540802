"""Pillow as photos are decoded with: its warnings held back, cut-off files refused."""

from __future__ import annotations

import logging
import threading
import warnings

from PIL import ImageFile

__all__ = ["Quiet"]


logging.getLogger("PIL").addHandler(logging.NullHandler())
"""Else Python prints on stderr what Pillow logs about a file, where the application has set up no logging."""


class Quiet:
    """Holds Pillow's warnings back, and has it refuse cut-off files even where others want them (WeasyPrint).

    Both settings belong to the whole process, so threads share one; the last to leave takes it away.
    """

    def __init__(self) -> None:
        self._lock, self._users, self._filters = threading.Lock(), 0, warnings.catch_warnings()
        self._truncated = False

    def __enter__(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.filterwarnings("ignore", module=r"(PIL|pillow_heif)\b")
                self._truncated = ImageFile.LOAD_TRUNCATED_IMAGES
                ImageFile.LOAD_TRUNCATED_IMAGES = False

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                self._filters.__exit__(None, None, None)
                ImageFile.LOAD_TRUNCATED_IMAGES = self._truncated
