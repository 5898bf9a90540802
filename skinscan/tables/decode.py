"""Bytes of a text file in, its text out, in the encoding its author meant.

A byte order mark or valid UTF-8 settles it. Any other bytes are read in each encoding of the trade, and each
reading is weighed by how usual its letters are there: level 1 of the character sets, which holds the frequent
characters, kana, syllables, accented letters beside plain ones. One reading must be far more usual than all
others, or the only one of everyday Chinese characters; else the file is refused, since a wrong guess turns
names into noise that looks like names. A few words in an encoding that is not among these (Thai, Czech) can
still pass for one: a guess is always told.
(charset-normalizer 3.5 was tried: it takes short tables in GBK for Big5 or Korean, and cp1252 for cp1250.)
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from skinscan.errors import DataError
from skinscan.tables.everyday_hanzi import everyday_share

__all__ = ["SAY_ENCODING", "Decoded", "decode"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAY_ENCODING = "save it as UTF-8, or say encoding=NAME"
"""Advice of callers that let the encoding be named."""
_LOOKED_AT = 20_000  # foreign letters that are weighed: more would not change the answer
_USUAL = 0.75  # mean weight that a reading must have
_APART, _APART_LONG, _LONG = 0.12, 0.06, 60  # its lead over the next one; with more foreign bytes, half of it
_FEW, _SOME = 4, 8  # distinct letters: below, Chinese, since this is a trade of China; from there on, Korean
_EVERYDAY, _ODD = 0.75, 0.25  # shares of everyday characters that settle a short Chinese text
_BY_CHANCE = re.compile("[\x80-\x84\x86-\x9f]|(?:^|[\x00-@])[\u0300-\u036f]")
"""Two letters of GBK can be UTF-8 too: of control characters, or an accent on no letter."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")  # ESC stays: what shows text makes it harmless


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file, without its mark."""

    text: str
    encoding: str  # Python's name of it
    guessed: bool  # neither named nor marked nor UTF-8: worth telling


def decode(
    data: bytes, name: str, encoding: str | None = None, *, advice: str = "save it as UTF-8"
) -> Decoded:
    """Read the bytes of a text file.

    `data`: the whole file; `name` and `advice` are for messages, `encoding` overrules the guess.

    Raises DataError when the bytes are no text, do not fit the encoding named, or fit none clearly.
    """
    found = _named(data, name, encoding) if encoding else _found(data, name, advice)
    if odd := _CONTROL.search(found.text):
        line = found.text.count("\n", 0, odd.start()) + 1
        what = "NUL characters" if odd[0] == "\0" else f"a control character (U+{ord(odd[0]):04X})"
        raise DataError(f"{name} is no text: line {line} has {what}", advice)
    return found


def _named(data: bytes, name: str, encoding: str) -> Decoded:
    try:
        text = data.decode(encoding)
    except LookupError:
        advice = "name one such as utf-8, utf-16, gb18030, big5, cp1252 or cp932"
        raise DataError(f"there is no encoding {encoding}", advice) from None
    except (UnicodeError, ValueError):
        raise DataError(f"{name} is not in {encoding}", "leave the encoding out, or name another") from None
    if not isinstance(text, str):  # codecs such as rot13 and hex are no encodings of text
        raise DataError(f"{encoding} is no encoding of text", "name one such as utf-8")
    return Decoded(text.removeprefix("\ufeff"), codecs.lookup(encoding).name, False)


def _found(data: bytes, name: str, advice: str) -> Decoded:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return Decoded(data.decode(encoding), encoding, False)
            except UnicodeError:
                raise DataError(f"{name} is marked as {encoding} and is not", advice) from None
    if (wide := _without_mark(data)) is not None:
        return wide
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(data, name, advice)
    return _guess(data, name, advice) if _BY_CHANCE.search(text) else Decoded(text, "utf-8", False)


def _without_mark(data: bytes) -> Decoded | None:
    """UTF-16 without a mark: the upper bytes of its commas, digits and line ends are zero."""
    start = data[:4096]
    for at, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = start[at::2].count(0)
        if zeros > len(start) / 8 and not start[1 - at :: 2].count(0):
            try:
                return Decoded(data.decode(encoding), encoding, True)
            except UnicodeError:
                return None
    return None


def _guess(data: bytes, name: str, advice: str) -> Decoded:
    readings = []
    for encoding, weigh in _WEIGHTS.items():
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        readings.append((weigh(text), encoding, text))
    readings.sort(reverse=True)
    second = readings[1][0] if len(readings) > 1 else 0.0
    apart = _APART if sum(byte > 0x7F for byte in data[:4096]) < _LONG else _APART_LONG
    best = readings[0][0] if readings else 0.0
    unsure = best < _USUAL or best - second < apart or _odd(readings[0])
    if unsure and (plain := _everyday(readings)):
        return plain
    if unsure:
        likely = " or ".join(encoding for weight, encoding, _ in readings[:2] if weight >= _USUAL / 2)
        told = f"it could be {likely}" if likely else "it is none that is known here"
        raise DataError(f"the encoding of {name} is not clear: {told}", advice)
    _, encoding, text = readings[0]
    return Decoded(text, encoding, True)


def _odd(reading: tuple[float, str, str]) -> bool:
    """A few Chinese characters, none of them an everyday one: more likely other bytes of Korea or Japan."""
    _, encoding, text = reading
    return encoding == "gb18030" and len(set(_foreign(text))) < _SOME and not everyday_share(text)


def _everyday(readings: list[tuple[float, str, str]]) -> Decoded | None:
    """The one reading whose characters are nearly all everyday ones of Chinese, as in none of the others."""
    shares = sorted(
        ((everyday_share(_foreign(text)), name, text) for _, name, text in readings), reverse=True
    )
    runner_up = shares[1][0] if len(shares) > 1 else 0.0
    if not shares or shares[0][0] < _EVERYDAY or runner_up > _ODD:
        return None
    _, encoding, text = shares[0]
    return Decoded(text, encoding, True)


def _foreign(text: str) -> str:
    letters = "".join(letter for letter in text[: 20 * _LOOKED_AT] if letter > "\x7f")
    return letters[:_LOOKED_AT]


def _mean(weights: list[float]) -> float:
    return sum(weights) / len(weights) if weights else 0.0


def _by_lead(encoding: str, usual: tuple[int, int], rare: tuple[int, int]) -> Callable[[str], float]:
    """Weight of a letter by the first of its two bytes: level 1 of the set, level 2, or what was added."""

    def weigh(letter: str) -> float:
        if "\u3001" <= letter <= "\u3011" or "\uff01" <= letter <= "\uff5e":
            return 1.0  # punctuation and wide letters
        code = letter.encode(encoding, "ignore")
        if len(code) != 2:
            return 0.0
        if usual[0] <= code[0] <= usual[1]:
            return 1.0
        return 0.6 if rare[0] <= code[0] <= rare[1] else 0.0

    return weigh


_of_gb = _by_lead("gb2312", (0xB0, 0xD7), (0xD8, 0xF7))
_of_big5 = _by_lead("big5", (0xA4, 0xC6), (0xC9, 0xF9))
_of_jis = _by_lead("cp932", (0x88, 0x98), (0x99, 0x9F))
_of_korea = _by_lead("euc_kr", (0xB0, 0xC8), (0xFF, 0xFF))
_SYMBOLS = "·—…“”‘’×°±℃①②③④⑤⑥⑦⑧⑨Ⅰ☆★"


def _chinese(of: Callable[[str], float]) -> Callable[[str], float]:
    return lambda text: _mean([0.8 if c in _SYMBOLS else of(c) for c in _foreign(text)])


def _japanese(text: str) -> float:
    return _mean([_japanese_letter(letter) for letter in _foreign(text)])


def _japanese_letter(letter: str) -> float:
    if "\u3041" <= letter <= "\u30fe":  # kana
        return 1.0
    if "\uff61" <= letter <= "\uff9f":  # narrow kana: nearly every byte of a Chinese file reads as one
        return 0.1
    return 0.8 if letter in _SYMBOLS else _of_jis(letter)


def _japanese_unix(text: str) -> float:
    """EUC-JP shares its bytes with GB 2312; only kana tell."""
    letters = _foreign(text)
    kana = sum("\u3041" <= letter <= "\u30fe" for letter in letters)
    return _japanese(text) if letters and kana >= 0.2 * len(letters) else 0.0


def _korean(text: str) -> float:
    """Syllables share their bytes with half of level 1 of GB 2312; a few letters do not tell which."""
    letters = _foreign(text)
    return _mean([_of_korea(letter) for letter in letters]) if len(set(letters)) >= _FEW else 0.0


def _chinese_unless_korean(text: str) -> float:
    """All in the half of GB 2312 that Korean syllables lie in: among many letters that is no chance."""
    letters = set(_foreign(text))
    codes = [letter.encode("gb2312", "ignore") for letter in letters]
    if len(letters) >= _SOME and all(len(code) == 2 and 0xB0 <= code[0] <= 0xC8 for code in codes):
        return 0.0
    return _chinese(_of_gb)(text)


_WORD = re.compile(r"[^\W\d_]+")
_MARKS_1252 = "’‘“”–—…™®©°·€£«»½¼¾¡¿ \u00a0ºª§±²³´"


def _western(text: str) -> float:
    """Accented letters stand singly beside plain ones, or begin a word; marks do not stand inside words."""
    weights: list[float] = []
    for word in _WORD.findall(text[: 20 * _LOOKED_AT]):
        odd = sum(letter > "\x7f" for letter in word)
        weights += [1.0 if odd <= max(1, len(word) // 2) and len(word) > odd else 0.0] * odd
    inside = len(re.findall(r"[A-Za-zÀ-ÿ][^\x00-\x7fÀ-ÿŒœŠšŽžŸ’–—·®™\u00a0][A-Za-zÀ-ÿ]", text))
    marks = [1.0 if letter in _MARKS_1252 else 0.0 for letter in _foreign(text) if not letter.isalpha()]
    return _mean(weights + marks + [0.0] * (3 * inside))


_WEIGHTS: Mapping[str, Callable[[str], float]] = MappingProxyType(
    {
        "gb18030": _chinese_unless_korean,
        "cp950": _chinese(_of_big5),
        "cp932": _japanese,
        "euc_jp": _japanese_unix,
        "cp949": _korean,
        "cp1252": _western,
    }
)
