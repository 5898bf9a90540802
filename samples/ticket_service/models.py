"""Bodies and answers of the REST interface. Claims come straight from the schema of skinscan."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from skinscan.claims.claim import Claim, PhotoRef
from skinscan.claims.policy.model import Outcome, Party

__all__ = ["Decision", "Finding", "NewCase", "Opened", "PhotoState", "Problem", "Role", "Status", "Why"]

NewCase = Annotated[Claim, Field(discriminator="kind")]
Role = Literal[
    "before",
    "after",
    "recovery",
    "product",
    "label",
    "advertised",
    "received",
    "swatch",
    "document",
    "parcel",
    "area",
]
assert set(Role.__args__) == set(PhotoRef.model_fields["role"].annotation.__args__)  # type: ignore[attr-defined, union-attr]
Day = date


class Part(BaseModel):
    """Base: a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid")


class Opened(Part):
    """A case that was opened; the token is told this once."""

    id: str
    token: str
    page: str  # the consumer's, with the token


class Finding(Part):
    """What is wrong with a photo, and what to do."""

    code: str
    zh: str
    en: str


class PhotoState(Part):
    """A photo."""

    id: str
    state: Literal["waiting", "good", "poor", "refused"]
    role: str = ""
    findings: list[Finding] = []


class Status(Part):
    """Where a case stands."""

    id: str
    ticket: str
    state: Literal["working", "asks", "desk", "held", "decided"]
    revision: int
    judged: int
    outcome: str | None
    missing: list[dict[str, Any]]
    photos: list[PhotoState]
    due: float | None
    course: str
    follow_at: float | None
    follow_due: bool  # a photo was asked for that has not come yet


class Decision(Part):
    """A person's decision."""

    outcome: Outcome
    shares: dict[Party, Annotated[int, Field(ge=0, le=10_000)]] = {}
    why: Annotated[str, Field(min_length=1, max_length=2_000)]


class Why(Part):
    """A reason."""

    why: Annotated[str, Field(min_length=1, max_length=2_000)]


class FieldProblem(Part):
    """A field, and what is wrong with it."""

    field: str
    reason: str


class Problem(Part):
    """A refused request, by RFC 9457."""

    type: str
    status: int
    code: str
    detail: str
    fields: list[FieldProblem]
