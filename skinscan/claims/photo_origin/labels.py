"""Bytes of a photo file in, what it declares about its own origin out.

Read without decoding the picture and without an XML parser, so that hostile bytes can do nothing: XMP lies in
the file as plain text ("packet scanning", XMP specification part 3), also in PNG, WebP and HEIC unless it
was compressed. A declaration that is there is strong; one that is not there means nothing, since chat
programs strip metadata.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from skinscan.texts.html_entities import resolve_entities
from skinscan.texts.visible_text import visible

__all__ = ["AiLabel", "PhotoLabels", "read_labels"]

AiLabel = Literal["made", "possible", "suspected"]

_NAMESPACE = b"http://www.tc260.org.cn/ns/AIGC/1.0/"
_CODES: dict[str, AiLabel] = {"1": "made", "2": "possible", "3": "suspected"}
_LONGEST = 16_384  # bytes of a label
_MOST = 64  # places where a label could begin that are looked at; an honest file has one or two
_PREFIX = re.compile(rb"""xmlns:([A-Za-z_][\w.-]{0,63})\s{0,9}=\s{0,9}["']""" + re.escape(_NAMESPACE))
_PNG_TEXT = re.compile(rb"(?:tEXt|iTXt)AIGC\x00(?:\x00\x00[^\x00]{0,64}\x00[^\x00]{0,256}\x00)?(?=\{)")
_NAME = re.compile(rb"(<?)([A-Za-z_][\w.-]{0,63})\Z")
_ATTRIBUTE = re.compile(rb"""\s{0,9}=\s{0,9}(["'])""")
_ELEMENT = re.compile(rb"[^<>]{0,999}>")
_C2PA = bytes.fromhex("63327061 00110010 8000 00aa00389b71")  # type of a C2PA manifest store, a JUMBF box
_MADE_BY_MODEL = re.compile(
    rb"(?<![A-Za-z])trainedAlgorithmicMedia"
)  # IPTC digital source type, in XMP and C2PA


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoLabels:
    """What the file says of itself."""

    ai: AiLabel | None = None  # label of GB 45438-2025, or the IPTC digital source type
    ai_source: str = ""  # which of the two, and who made it
    credentials: bool = False  # a C2PA manifest is there; its signature is not checked


def read_labels(data: bytes) -> PhotoLabels:
    """Find the AI label and content credentials in a photo file."""
    credentials = _C2PA in data
    for text in _label_texts(data):
        label = _parse(text)
        if label:
            return PhotoLabels(ai=label[0], ai_source=label[1], credentials=credentials)
    if _MADE_BY_MODEL.search(data):
        return PhotoLabels(ai="made", ai_source="IPTC digital source type", credentials=credentials)
    return PhotoLabels(credentials=credentials)


def _label_texts(data: bytes) -> list[str]:
    """Every candidate for the label's JSON, as an attribute or an element of XMP or as text of a PNG.

    One pass for each mark, a bounded number of places, a bounded length from each: time goes with the size of
    the file, whatever is in it.
    """
    ends = (match.end() for match in islice(_PNG_TEXT.finditer(data), _MOST))
    found = [data[end : end + _LONGEST] for end in ends]
    prefixes = {match[1] for match in islice(_PREFIX.finditer(data), _MOST)}
    at = data.find(b":AIGC") if prefixes else -1
    for _ in range(_MOST):
        if at < 0:
            break
        name = _NAME.search(data, max(0, at - 65), at)
        if name and name[2] in prefixes:
            found.append(_value(data, at + len(b":AIGC"), name[2], element=bool(name[1])))
        at = data.find(b":AIGC", at + 1)
    return [resolve_entities(text.decode("utf-8", "replace")).strip() for text in found if text]


def _value(data: bytes, at: int, prefix: bytes, *, element: bool) -> bytes:
    """What stands behind a name: between quotes, or up to the tag that ends the element."""
    opened = (_ELEMENT if element else _ATTRIBUTE).match(data, at)
    if not opened:
        return b""
    closing = b"</" + prefix + b":AIGC" if element else opened[1]
    end = data.find(closing, opened.end(), opened.end() + _LONGEST)
    return data[opened.end() : end] if end > 0 else b""


def _parse(text: str) -> tuple[AiLabel, str] | None:
    text = text.removeprefix("<![CDATA[")
    try:
        label, _ = json.JSONDecoder().raw_decode(text)  # what follows the object is no matter
    except (ValueError, RecursionError):
        return None
    if isinstance(label, dict) and isinstance(label.get("AIGC"), dict):
        label = label["AIGC"]
    code = _CODES.get(str(label.get("Label"))) if isinstance(label, dict) else None
    producer = visible(" ".join(str(label.get("ContentProducer", ""))[:400].split()))[:80] if code else ""
    return (code, f"GB 45438-2025 {producer}".strip()) if code else None
