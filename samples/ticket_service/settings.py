"""Settings of the service, read once from the environment; every one has a default that works."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args

from skinscan import Policy, load_policy
from skinscan.errors import UsageError
from skinscan.types import Device

__all__ = ["Settings", "read_settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One service. Names of the environment are ``TICKETS_`` and the field in capitals."""

    folder: Path = Path("tickets")  # photos, reports and the SQLite file; made with mode 0700
    database: str = ""  # URL of SQLAlchemy; empty: SQLite in `folder`
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1  # processes that measure
    queue: int = 200  # jobs waiting and at work; more are answered with 429
    job_seconds: int = 240  # one job may take so long; then its process is ended
    photo_mb: int = 25  # one upload
    photos: int = 20  # of one case
    device: Device = "cpu"
    policy: str = ""  # file of the platform's rules; empty: the default policy
    catalog: str = ""  # shades on sale
    products: str = ""  # products on sale
    index: str = ""  # SQLite file of photo hashes of other cases; empty: none is kept
    operators: Mapping[str, str] = field(default_factory=dict)  # name -> API key
    admin_key: str = ""
    ray: str = ""  # address of a Ray cluster that measures, "local" for one here; empty: processes here
    webhook_url: str = ""
    webhook_secret: str = ""  # "whsec_" and base64, as the Standard Webhooks scheme has it
    https: bool = False  # cookies are sent over TLS only

    @property
    def follow_days(self) -> int:
        """Days after which the policy has a followed case asked again. Raises PolicyError or UsageError."""
        return _policy(self.policy).clocks.follow_days

    @property
    def database_url(self) -> str:
        """Where the rows are."""
        return self.database or f"sqlite:///{self.folder.resolve() / 'tickets.sqlite'}"


@cache
def _policy(path: str) -> Policy:
    return load_policy(Path(path)) if path else load_policy()


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment.

    `TICKETS_OPERATORS` is ``name:key,name:key``. Keys that are missing are drawn, and told once by whoever
    starts the service. Raises UsageError for a number or a device that is none.
    """
    given: dict[str, Any] = {_field(name): environment[name] for name in _TEXTS if name in environment}
    operators = dict(
        pair.split(":", 1) for pair in environment.get("TICKETS_OPERATORS", "").split(",") if ":" in pair
    )
    if any(len(key) < 16 for key in operators.values()):
        raise UsageError(
            "a key in TICKETS_OPERATORS is shorter than 16 characters", "make one with `openssl rand -hex 24`"
        )
    device = environment.get("TICKETS_DEVICE", "cpu")
    if device not in get_args(Device):
        raise UsageError(f"TICKETS_DEVICE is {device!r}", "use auto, cpu, cuda or tensorrt")
    if environment.get("TICKETS_WEBHOOK_URL") and not environment.get(
        "TICKETS_WEBHOOK_SECRET", ""
    ).startswith("whsec_"):
        raise UsageError(
            "TICKETS_WEBHOOK_SECRET is not set", "give whsec_ and 24 to 64 random bytes as base64"
        )
    numbers: dict[str, Any] = {
        _field(name): _number(environment, name) for name in _NUMBERS if name in environment
    }
    return Settings(
        folder=Path(environment.get("TICKETS_FOLDER", "tickets")),
        device=cast(Device, device),
        operators=operators or {"operator": secrets.token_urlsafe(24)},
        https=environment.get("TICKETS_HTTPS", "") == "1",
        **({"admin_key": secrets.token_urlsafe(24)} | given),
        **numbers,
    )


_TEXTS = (
    "TICKETS_DATABASE",
    "TICKETS_HOST",
    "TICKETS_POLICY",
    "TICKETS_CATALOG",
    "TICKETS_PRODUCTS",
    "TICKETS_INDEX",
    "TICKETS_ADMIN_KEY",
    "TICKETS_RAY",
    "TICKETS_WEBHOOK_URL",
    "TICKETS_WEBHOOK_SECRET",
)
_NUMBERS = (
    "TICKETS_PORT",
    "TICKETS_WORKERS",
    "TICKETS_QUEUE",
    "TICKETS_JOB_SECONDS",
    "TICKETS_PHOTO_MB",
    "TICKETS_PHOTOS",
)


def _field(name: str) -> str:
    return name.removeprefix("TICKETS_").lower()


def _number(environment: Mapping[str, str], name: str) -> int:
    text = environment[name]
    if not text.isdigit() or not int(text):
        raise UsageError(f"{name} is {text!r}", "give a whole number above zero")
    return int(text)
