"""No text that a stranger sends may take time by its square. Growth is measured, because clocks differ."""

import ast
import importlib
import itertools
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from lead_core.adapters.tables.formulas import defuse
from lead_core.lead.addresses import canonical_email, find_mistake, is_plausible_address
from lead_core.lead.countries import format_country
from lead_core.lead.mailboxes import judge_mailbox
from lead_core.lead.person import format_phone
from lead_core.lead.values import clean_line, clean_text, fold_text, format_key
from lead_core.marketplace.notification import parse_lead_source, parse_offer_id

pytestmark = pytest.mark.measures_time
ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "lead_core").rglob("*.py"))
METHODS = {"search", "match", "fullmatch", "sub", "split", "findall", "finditer"}
COMMON_CHARACTERS = "a0 @.<\n"
MOST_CHARACTERS = 14

SHORT, LONG = 500, 4_000
MOST_GROWTH = 3 * LONG / SHORT
"""Linear growth and some noise. By the square it would be 64."""
TOO_SHORT_TO_MEASURE = 0.002


def seconds(run: Callable[[str], object], text: str) -> float:
    before = time.process_time()
    run(text)
    return time.process_time() - before


def grows_too_fast(run: Callable[[str], object], make: Callable[[int], str]) -> bool:
    if seconds(run, make(LONG)) < TOO_SHORT_TO_MEASURE:
        return False
    short, long = (min(seconds(run, make(size)) for _ in range(5)) for size in (SHORT, LONG))
    return long > TOO_SHORT_TO_MEASURE and long > MOST_GROWTH * short


def repeat(piece: str, end: str, size: int) -> str:
    return piece * (size // len(piece)) + end


def hostile_texts(characters: str) -> Iterator[Callable[[int], str]]:
    """Yield makers of texts that almost match: each character and each pair again and again, and an odd end."""
    pieces = [*characters, *map("".join, itertools.permutations(characters, 2))]
    return (partial(repeat, piece, end) for piece in pieces for end in ("\0", "\0@"))


def written_patterns(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each pattern that is written where it is used, with the method that uses it."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("re"), attr=method), args=[pattern, *_]) if (
                method in METHODS
            ):
                match pattern:
                    case ast.Constant(str(text)):
                        yield text, method
                    case ast.JoinedStr(values=parts):
                        yield (
                            "".join(str(part.value) if isinstance(part, ast.Constant) else "x@y" for part in parts),
                            method,
                        )


def compiled_patterns(path: Path, source: str) -> Iterator[tuple[str, re.Pattern[str], str]]:
    """Yield each pattern that a module has a name for, with each method that is used there."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for own_name, pattern in vars(importlib.import_module(name)).items():
        if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
            used = set(re.findall(rf"\b{own_name}\.(\w+)\(", source)) & METHODS
            yield from ((f"{name}.{own_name}", pattern, method) for method in used or {"search"})


def each_pattern() -> Iterator[object]:
    for path in MODULES:
        source = path.read_text(encoding="utf-8")
        for name, pattern, method in compiled_patterns(path, source):
            yield pytest.param(pattern, method, id=f"{name}.{method}")
        for number, (text, method) in enumerate(written_patterns(ast.parse(source))):
            yield pytest.param(re.compile(text), method, id=f"{path.stem}-{number}-{method}")


def use(pattern: re.Pattern[str], method: str, text: str) -> None:
    if method == "sub":
        pattern.sub("", text)
    elif method == "finditer":
        list(pattern.finditer(text))
    else:
        getattr(pattern, method)(text)


@pytest.mark.parametrize(("pattern", "method"), list(each_pattern()))
def test_no_pattern_takes_time_by_the_square_of_a_text(pattern: re.Pattern[str], method: str) -> None:
    own = dict.fromkeys(c for c in pattern.pattern if c.isprintable() and not c.isalnum())
    characters = "".join(dict.fromkeys(COMMON_CHARACTERS + "".join(own)))[:MOST_CHARACTERS]
    for make in hostile_texts(characters):
        assert not grows_too_fast(partial(use, pattern, method), make), make(20)


READERS: list[Callable[[str], object]] = [
    canonical_email,
    is_plausible_address,
    find_mistake,
    lambda text: judge_mailbox(canonical_email(f"{text}@x.example") or "a@b.example"),
    format_country,
    lambda text: format_phone(text, "US"),
    fold_text,
    format_key,
    clean_text,
    clean_line,
    defuse,
    parse_lead_source,
    parse_offer_id,
]
HOSTILE_PIECES = [
    "a",
    "@",
    ".",
    "a@",
    "a.",
    "@a.",
    "a@b.c,",
    "<",
    "<a",
    "\u0301\u0323",
    "xn--a.",
    "1",
    "(",
    "+1",
    "a b ",
    "|",
    "-",
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("piece", HOSTILE_PIECES)
def test_no_reader_takes_time_by_the_square_of_a_text(read: Callable[[str], object], piece: str) -> None:
    def read_or_refuse(text: str) -> None:
        read(f"a@b.{text}")
        read(text)

    read_or_refuse("warm")
    assert not grows_too_fast(read_or_refuse, partial(repeat, piece, "!"))


@pytest.mark.parametrize("pattern", [r"a+b", r"\s*@\s*!"])
def test_a_pattern_that_takes_time_by_the_square_is_found(pattern: str) -> None:
    compiled = re.compile(pattern)
    assert any(grows_too_fast(compiled.search, make) for make in hostile_texts("a @"))
