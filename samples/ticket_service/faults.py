"""What the service refuses, as RFC 9457 problems: a status, a stable code, one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["Busy", "Fault"]


class Fault(Exception):
    """A request that is refused."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        fields: Sequence[tuple[str, str]] = (),
        after: int | None = None,
    ) -> None:
        """`status`: of HTTP; `code`: stable; `detail`: a sentence; `fields`: path, reason; `after`: s."""
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.fields, self.after = tuple(fields), after

    def body(self) -> Mapping[str, object]:
        """The answer."""
        told = [{"field": path, "reason": reason} for path, reason in self.fields]
        return {
            "type": "about:blank",
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "fields": told,
        }


class Busy(Fault):
    """The queue is full."""

    def __init__(self, waiting: int) -> None:
        """`waiting`: jobs before this one."""
        super().__init__(
            429, "QUEUE_FULL", "The queue is full. Try again later.", after=min(60, 2 + waiting // 10)
        )
