"""Text around a list of ingredients in, its passages out: what stands under which heading, and no prose.

A label says more than the list: headings in one language or several, footnotes, what may be in it, and what
is not in it. A substance that is said to be absent must never be read as listed.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from skinscan.claims.ingredients.numbering import without_numbering
from skinscan.claims.ingredients.substances import find_substance
from skinscan.texts.html_entities import resolve_entities

__all__ = ["Section", "passages"]

Section = Literal["main", "micro", "may_contain"]
"""Where an entry stood: before any heading, under 其他微量成分 (0.1 % or less each), or "may contain"."""

_BREAKS = re.compile(r"</?(?:br|p|div|li|ul|ol|td|tr|th|table)\b[^<>]{0,200}>", re.IGNORECASE)
_TAGS = re.compile(r"</?[a-z][a-z0-9]{0,15}(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_FOOTNOTES = re.compile(r"[\u00b9\u00b2\u00b3\u2070\u2074-\u2079\u207d\u207e†‡§°]+|\^\d{1,2}(?!\d)")
_SHAPES = str.maketrans(
    {
        **dict.fromkeys("、。•·・∙‧⋅●○▪▫◦■□◆◇★☆|¦‖‣⁃", "\t"),
        **dict.fromkeys("【〔「『《", "("), **dict.fromkeys("】〕」』》", ")"),
        **dict.fromkeys("\u200b\u2060\ufeff\u00ad", None), **dict.fromkeys("–—‐‑−", "-"),
    }
)  # fmt: skip
_CIRCLED = re.compile("[\u2460-\u249b\u2776-\u2793\u3220-\u3229\u3280-\u3289]")  # ① ⑴ ⒈ ㈠: numbering
_OWNED = re.compile("[®©™℠]")
_PICTURES = re.compile("[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")  # arrows, emoji
_AND = re.compile(r"\s?\((?:and|et|und|y|e)\)\s?", re.IGNORECASE)
_INDICES = re.compile(r"\b(C\.?I\.?\s?)(\d{5})((?:\s?[,/]\s?\d{5}(?!\d))+)", re.IGNORECASE)
_BLANKS = re.compile(r"[ \f\v\u00a0\u2000-\u200a\u3000]+")

_OF = (
    r"(?:full|complete|active|inactive|other|key|main|medicinal|non-medicinal|all|全部?|有效|活性|非活性|功效|主要?|"
    r"其[他它餘余]|核心|本?[产產]?品|wirksame|sonstige|actifs?)"
)
_WORD = (
    r"(?:ingr[eé]dients?|ingredientes|ingredienti|inhaltsstoffe|bestandteile|zusammensetzung|"
    r"composi(?:tion|ción|zione|ção)|inci(?: names?)?|zutaten|what's inside|sk[lł]ad(?:niki)?|состав|"
    r"成[分份]表?|配料表?|配方|原料|[组組]成|contains|contient|enthält|contiene)"
)
_HEAD = rf"(?:{_OF}\s?){{0,3}}{_WORD}(?:\s?[/&,;\t-]?\s?(?:{_OF}\s?){{0,2}}(?:{_WORD}|list[ea]?)){{0,3}}"
_MAIN = (
    rf"(?:(?<![^\W_])|(?<=[的品]))(?P<main>(?P<open>[(\[])?\s?{_HEAD}(?:\s?[(\[][^()\[\]\n\t]{{0,40}}[)\]])?"
    r"\s?(?(open)[)\]]\s?:?|(?::|\n|(?<=成[分份])(?:[为為是]|[包][括含]):?|(?<=[\s,;]成[分份])\s)))"
)
_MICRO = r"(?P<micro>(?:其[他它餘余])?微量成[分份]表?\s?:?)"
_MAY_WORDS = (
    r"(?:may contain|peut contenir|kann(?: spuren von)? enthalten|puede contener|può contenere|可能含有|"
    r"可能包含|可含有)"
)
_MAY = (
    rf"(?P<may>[(\[]?\s?(?:(?:\+\s?/?\s?-|±)\s?:?\s?{_MAY_WORDS}|(?<![^\W_]){_MAY_WORDS}|(?:\+\s?/\s?-|±))"
    rf"(?:\s?[/,]\s?{_MAY_WORDS}){{0,4}}"
    r"(?:\s?[(\[]\s?(?:\+\s?/\s?-|±)\s?[)\]])?\s?:?)"
)
_ADDED = r"(?:[0零无無不未]|[没沒]有?)\s?添加|不使用|不加"
_LATIN = (
    r"free (?:from|of)|without(?: added| any)?|do(?:es)? not contain|contains? no|not containing|no added|"
    r"zero(?= [^\W\d])|excludes|excluding|contains neither|neither|never|absence of|"
    r"not (?:made|formulated) with|sans|exempte?s? d['e’]|dépourvue?s? d['e’]|ne contient (?:pas|ni|aucune?)|"
    r"ohne|frei von|weder|enthält (?:keine?n?|weder)|sin|libre de|exent[oa]s? de|no contiene|senza|"
    r"priv[oa] di|non contiene|sem|livre de|isent[oa] de|não contém|zonder|vrij van|bevat geen|"
    r"bez|nie zawiera|utan|fri från|"
    r"innehåller (?:inte|inga)|uden|uten|без|не содержит"
)
_WEAK = r"n[oi](?=\s[^\W\d])|[无無](?![水机機色患糖])(?=[\u4e00-\u9fff])"
_ABSENT = (
    rf"(?P<absent>(?<![^\W_])(?:{_LATIN})(?![^\W_])|[不未绝絕][不未]?含有?|没有|沒有|[並并][无無]|"
    rf"拒[绝絕]|[远遠][离離]|告[别別]|무(?=[\uac00-\ud7a3])|{_ADDED}|"
    r"(?:零|(?<![\d.,])0)\s?(?=酒精|香[精料]|防腐|色素|激素|硅|矽|刺激|致敏|皂基)|(?<![\d.,])0\s?%\s(?=[^\W\d]))"
)
_LEAD = re.compile(
    rf"{_MICRO}|{_MAY}|{_MAIN}|{_ABSENT}|(?P<weak>(?<![^\W_])(?:{_WEAK}))", re.IGNORECASE
)  # fmt: skip
_HEADED = re.compile(rf"\s{{0,9}}{_MAIN}", re.IGNORECASE)
_NEXT_HEAD = re.compile(_MAIN, re.IGNORECASE)
_BARE_HEAD = re.compile(
    rf"\s{{0,9}}(?:{_OF}\s?){{0,3}}(?:成[分份]表?|配料表?|ingredients?)(?![^\W_a-z])\s", re.I
)
_BARE_HEAD_ZH = re.compile(r"\s{0,9}(?:全部?|其[他它])?(?:成[分份]表?|配料表?)")
_ADDS = re.compile(_ADDED)
_LIST_END = re.compile(r"\t\t|\.(?=\s|$)")
_SENTENCE_END = re.compile(r"\t\t|[!\n]|\.(?=\s|$)")
_WATER = re.compile(
    r"(?:[\t\n;,]|\s-)\s?(?:aqua|water|eau|wasser|agua|acqua|água|(?:去离子|纯净?|蒸馏)?水)(?=\s?(?:[\t\n;,/(]|$))",
    re.I,
)
"""Water as a later entry: no product is sold as free of it, and nearly every list begins with it."""
_PARTED = re.compile(r"[\t,]")
_ENTRY_END = re.compile(r"[\t\n;,]")
_CLAUSE_START = re.compile(r"[\t\n,;.!:([{]")
_LONGEST_SUBJECT = 60  # characters of "This product is" before "free from"


def passages(text: str) -> list[tuple[Section, str]]:
    """The passages of a pasted text that list substances, in order, each with its section.

    In them a tab or a semicolon ends an entry, and `*` stands for every footnote mark. A full stop that ends
    a Chinese sentence leaves as two tabs.
    """
    plain = _plain(text)
    if not _HEADED.match(plain) and (bare := _BARE_HEAD.match(plain) or _BARE_HEAD_ZH.match(plain)):
        plain = plain[bare.end() :]
    found: list[tuple[Section, str]] = []
    section: Section = "main"
    at = 0
    while lead := _LEAD.search(plain, at):
        start, stop = lead.start(), lead.end()
        if lead["absent"] is not None or lead["weak"] is not None:
            start, stop = _denied(plain, at, lead)
            found.append((section, plain[at:start]))
        else:
            found.append((section, plain[at:start]))
            section = "micro" if lead["micro"] else "may_contain" if lead["may"] else "main"
            closing = _closing(plain, lead) if lead["may"] else 0
            if closing:
                found.append((section, plain[stop:closing]))
                section, stop = "main", closing + 1
        at = stop
    return [*found, (section, plain[at:])]


def _plain(text: str) -> str:
    """One kind of every blank, dash, bracket, separator and mark; entities and tags of HTML resolved."""
    unescaped = resolve_entities(text)
    text = _TAGS.sub(" ", _BREAKS.sub("\t", unescaped)) if "<" in text else unescaped
    text = _CIRCLED.sub("\t", _FOOTNOTES.sub("*", _OWNED.sub("", text))).replace("。", "\t\t")
    text = unicodedata.normalize("NFKC", text).translate(_SHAPES).replace("\r", "\n")
    text = _PICTURES.sub("\t", text)
    text = _INDICES.sub(_one_by_one, _AND.sub("\t", _BLANKS.sub(" ", text)))
    return without_numbering(text)


def _one_by_one(found: re.Match[str]) -> str:
    """CI 77491, 77492: each number is a colour of the same index."""
    return "\t".join(f"CI {number}" for number in re.findall(r"\d{5}", found[0]))


def _closing(text: str, lead: re.Match[str]) -> int:
    """Place of the bracket that closes the one a heading begins with; 0 if it has none."""
    bracket = {"(": ")", "[": "]"}.get(lead[0][:1])
    return max(text.find(bracket, lead.end()), 0) if bracket else 0


def _denied(text: str, at: int, lead: re.Match[str]) -> tuple[int, int]:
    """From where to where something is said to be absent: a sentence, a bracket, or one entry."""
    start, opener = _subject(text, at, lead)
    following = text[lead.end() : lead.end() + 3].lstrip(" ")[:1]
    if (
        lead["absent"] is not None
        and _ADDS.fullmatch(lead[0])
        and following in ("", "\t", ",", ";", ".", "\n", ")")
    ):
        return _denied_before(text, at, lead), lead.end()  # 香精0添加
    if lead["weak"] is not None and not _begins_sentence(text, start):
        entry = _ENTRY_END.search(text, lead.end())
        return start, entry.start() if entry else len(text)
    if opener and following != opener:
        end = text.find(opener, lead.end())
        return start, end if end >= 0 else len(text)
    ended = (_LIST_END if following == ":" else _SENTENCE_END).search(text, lead.end())
    end = ended.end() if ended else len(text)
    return start, min(end, _next_list(text, lead.end(), end))


def _next_list(text: str, at: int, end: int) -> int:
    """Where the list begins that follows a denial without a full stop: a heading, or water; `end` if none."""
    begins = [found.start() for kind in (_NEXT_HEAD, _WATER) if (found := kind.search(text, at, end))]
    semicolon = text.find(";", at, end)
    if semicolon >= 0 and _PARTED.search(text, at, semicolon):  # a, b; c: what parts more than commas do
        begins.append(semicolon)
    return min(begins, default=end)


def _subject(text: str, at: int, lead: re.Match[str]) -> tuple[int, str]:
    """Where the clause begins ("This product is free from"), and what closes the bracket that opens it."""
    first = max(at, lead.start() - _LONGEST_SUBJECT)
    cuts = [found.end() for found in _CLAUSE_START.finditer(text, first, lead.start())]
    start = cuts[-1] if cuts else first
    if (not cuts and first > at) or find_substance(text[start : lead.start()]):
        start = lead.start()
    return start, {"(": ")", "[": "]", "{": "}"}.get(text[start - 1 : start], "") if start else ""


def _denied_before(text: str, at: int, lead: re.Match[str]) -> int:
    """Start of what a closing 0添加 denies: its sentence if another came before, else its own entry."""
    sentence = max(text.rfind(mark, at, lead.start()) for mark in ("\t\t", ". ", "!", "\n"))
    if sentence >= 0:
        return sentence + 1
    return max(*(text.rfind(mark, at, lead.start()) for mark in "\t,;"), at - 1) + 1


def _begins_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 3) : start].rstrip(" ")
    return not before or before.endswith(("\t\t", ".", "!", "\n", ";"))
