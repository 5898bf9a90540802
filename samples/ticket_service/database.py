"""The rows of the service, and how they are opened. Times are seconds since 1970, UTC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, Index, String, Text, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import QueuePool

__all__ = ["Action", "Base", "Case", "Database", "Event", "Job", "Photo", "Reply", "Visit"]

WAITS = "waiting"
RUNS = "running"


class Base(DeclarativeBase):
    """All tables."""


class Case(Base):
    """One complaint. After `erased_at` nothing of it is left but this row, emptied."""

    __tablename__ = "cases"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    ticket: Mapped[str] = mapped_column(String(200), unique=True)  # case_id of the claim
    token: Mapped[str] = mapped_column(String(64))  # SHA-256 of the consumer's token
    claim: Mapped[str] = mapped_column(Text)  # JSON without photos
    state: Mapped[str] = mapped_column(String(20), default="open", index=True)
    revision: Mapped[int] = mapped_column(default=1)  # of claim and photos
    judged: Mapped[int] = mapped_column(default=0)  # revision that the verdict is of
    priority: Mapped[int] = mapped_column(default=2)  # 0 urgent, 1 high, 2 normal
    queue: Mapped[str] = mapped_column(String(20), default="general")
    due: Mapped[float | None]
    verdict: Mapped[str] = mapped_column(Text, default="")  # JSON, skinscan.verdict/1
    decision: Mapped[str] = mapped_column(Text, default="")  # JSON, of a person
    opened_at: Mapped[float]
    changed_at: Mapped[float]
    second_by: Mapped[str] = mapped_column(String(100), default="")  # who asked for a second opinion
    follow_at: Mapped[float | None]  # when the next photo is asked for; none: not followed
    asked_at: Mapped[float | None]  # when a photo was asked for that has not come yet
    course: Mapped[str] = mapped_column(String(20), default="")  # of the followed skin
    erased_at: Mapped[float | None]


class Photo(Base):
    """One upload; its bytes lie in the folder of the case under `id`."""

    __tablename__ = "photos"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(40), index=True)
    role: Mapped[str] = mapped_column(String(20))
    taken_at: Mapped[str] = mapped_column(String(40), default="")
    sha256: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))  # ending of the file: jpg, png, ...
    state: Mapped[str] = mapped_column(String(20), default=WAITS)  # then good, poor or refused
    findings: Mapped[str] = mapped_column(Text, default="[]")  # JSON: [{code, zh, en}]
    at: Mapped[float]


class Job(Base):
    """A piece of work: look at a photo, or judge a case."""

    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    case_id: Mapped[str] = mapped_column(String(40), index=True)
    photo_id: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(10), default=WAITS)
    rank: Mapped[int] = mapped_column(default=0)  # lower first
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str] = mapped_column(String(40), default="")  # of the attempt that may finish it
    at: Mapped[float]
    leased_until: Mapped[float | None]
    ended_at: Mapped[float | None]
    __table_args__ = (Index("ix_jobs_next", "state", "rank", "id"),)


class Event(Base):
    """A webhook that is to be delivered."""

    __tablename__ = "events"
    id: Mapped[str] = mapped_column(String(60), primary_key=True)  # the same at every attempt
    case_id: Mapped[str] = mapped_column(String(40), index=True)
    payload: Mapped[str] = mapped_column(Text)
    at: Mapped[float]
    next_at: Mapped[float]
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default=WAITS, index=True)


class Action(Base):
    """Who did what to a case, and why. Kept when a case is erased, without the reason."""

    __tablename__ = "actions"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(String(40), index=True)
    who: Mapped[str] = mapped_column(String(100))
    what: Mapped[str] = mapped_column(String(30))
    why: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[float]


class Reply(Base):
    """What was answered to an idempotency key."""

    __tablename__ = "replies"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(40), default="", index=True)
    asked: Mapped[str] = mapped_column(String(64))  # SHA-256 of the request
    answer: Mapped[str] = mapped_column(Text)
    at: Mapped[float]


class Visit(Base):
    """An operator who is signed in on the pages."""

    __tablename__ = "visits"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256 of the cookie
    name: Mapped[str] = mapped_column(String(100))
    until: Mapped[float]


class Database:
    """Sessions over one engine; a writing one takes the write lock of SQLite when it begins."""

    def __init__(self, url: str) -> None:
        """Open, and make the tables that are missing."""
        lite = url.startswith("sqlite")
        more: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": 30}} if lite else {}
        self.engine: Engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=10,
            max_overflow=40,
            pool_timeout=60,
            pool_pre_ping=not lite,
            **more,
        )
        if lite:
            event.listen(self.engine, "connect", _prepare)
            event.listen(self.engine, "begin", _begin)
        self._writing = self.engine.execution_options(immediate=True)
        Base.metadata.create_all(self._writing)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: all of it, or nothing."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Look, change nothing."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
