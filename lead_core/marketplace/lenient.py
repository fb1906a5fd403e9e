"""Read text that is nearly JSON, to show a person what it seems to say. Never store what this returns as a lead.

It takes comments, trailing and missing commas, single and typographic quotes, and names without quotes. Its time grows
with the length of the text alone: packages that repair JSON took minutes for 40 KiB of hostile text.
"""

import json
import re
from typing import Final, TypeAlias

Lenient: TypeAlias = "str | list[Lenient] | dict[str, Lenient]"

_MAX_DEPTH: Final = 20
_TOKEN = re.compile(
    r"""
      (?P<gap>\s+|//[^\n]*|\#[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?)
    | (?P<sign>[{}\[\]:,])
    | "(?P<double>(?:[^"\\]|\\.?)*)(?:"|\Z)
    | [\u201c\u201d\u201e](?P<curly>[^\u201c\u201d]*)(?:[\u201c\u201d]|\Z)
    | [\u2018\u2019](?P<curly_single>[^\u2018\u2019]*)(?:[\u2018\u2019]|\Z)
    | '(?P<single>(?:[^'\\]|\\.?|'(?!\s*(?:[,:}\]'"]|\Z)))*)(?:'|\Z)  # O'Brien is one text.
    | (?P<word>[^\s{}\[\]:,"\u201c\u201d\u201e\u2018\u2019'](?:[^{}\[\]:,"\n/]|/(?![/*]))*)
    """,
    re.VERBOSE | re.DOTALL,
)
_NOTHING: Final = {"null", "none", "undefined", "nan"}


def read_leniently(text: str) -> Lenient:
    """Return what *text* seems to hold, from its first bracket on. ``""`` if there is none."""
    start = re.search(r"[{\[]", text)
    return _Reader(text[start.start() :]).value() if start else ""


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = [(found.lastgroup or "", found[found.lastgroup or 0]) for found in _TOKEN.finditer(text)]
        self._tokens = [token for token in self._tokens if token[0] != "gap"]
        self._at = 0

    def value(self, depth: int = 0) -> Lenient:
        kind, text = self._take()
        if kind != "sign":
            return _read_scalar(kind, text)
        if depth < _MAX_DEPTH and text == "{":
            return self._members(depth + 1)
        return self._elements(depth + 1) if depth < _MAX_DEPTH and text == "[" else ""

    def _members(self, depth: int) -> dict[str, Lenient]:
        members: dict[str, Lenient] = {}
        while (token := self._take()) not in {("", ""), ("sign", "}")}:
            if token[0] != "sign" and self._peek() == ("sign", ":"):
                self._take()
                members.setdefault(_read_scalar(*token), self._value_or_gap(depth))
        return members

    def _elements(self, depth: int) -> list[Lenient]:
        elements: list[Lenient] = []
        while (token := self._peek()) not in {("", ""), ("sign", "]"), ("sign", "}")}:
            if token in {("sign", ","), ("sign", ":")}:
                self._take()
            else:
                elements.append(self.value(depth))
        self._take()
        return elements

    def _value_or_gap(self, depth: int) -> Lenient:
        return "" if self._peek() in {("sign", ","), ("sign", "}")} else self.value(depth)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token


def _read_scalar(kind: str, text: str) -> str:
    if kind == "word":
        text = text.strip()
        return "" if text.lower() in _NOTHING else text
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except json.JSONDecodeError:
        return re.sub(r"\\(.)", r"\1", text)
