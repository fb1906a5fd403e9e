"""Writes ``lead_core/lead/country_names.txt`` anew, from Unicode's CLDR.

`phonenumbers` has the names of an older CLDR. They add former names, such as *Swaziland* in Korean.
Run ``npm pack cldr-localenames-full``, unpack it, and run ``python -m local.country_names package``.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pycountry
from phonenumbers.geodata.locale import LOCALE_DATA

from lead_core.lead.countries import CLDR_NAMES, normalise

_NEARLY_ALL = 5
"""How many times as many languages must mean one country as the next."""
_PLACEHOLDER = re.compile(r"[A-Z]{2}(-variant)?|\*.*")
"""What stands where a language has no name of its own."""

_HEADER = """\
# The names of countries in all languages of Unicode's CLDR {version} and older, with short and variant names.
# Written by local/country_names.py.
# A name that languages give to different countries is left out, unless nearly all agree.
# Copyright 1991-present Unicode, Inc. Licence: Unicode-3.0, https://www.unicode.org/license.txt
"""


def list_names(package: Path) -> Iterator[tuple[str, str]]:
    """Return each name with its country's code, once for each language that has it. Main names come twice."""
    for file in sorted(package.glob("main/*/territories.json")):
        (language,) = json.loads(file.read_text(encoding="utf-8"))["main"].values()
        for key, name in language["localeDisplayNames"]["territories"].items():
            code, _, alternative = key.partition("-alt-")
            yield from [(name, code)] * (1 if alternative else 2)
    for code, by_language in LOCALE_DATA.items():
        yield from ((name, code) for name in by_language.values())


def choose_names(named: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the names of each country, each in the first of the spellings that are alike for `normalise`."""
    spelled: dict[str, str] = {}
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, code in named:
        if pycountry.countries.get(alpha_2=code) and not _PLACEHOLDER.fullmatch(name):
            folded = normalise(name)
            spelled.setdefault(folded, name)
            votes[folded][code] += 1
    names: defaultdict[str, list[str]] = defaultdict(list)
    for folded, counter in votes.items():
        ranked = counter.most_common(2)
        if len(ranked) == 1 or ranked[0][1] >= _NEARLY_ALL * ranked[1][1]:
            names[ranked[0][0]].append(spelled[folded])
    return names


def main(package: Path) -> None:
    """Write the file from the unpacked *package*."""
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    lines = ["\t".join((code, *names)) + "\n" for code, names in sorted(choose_names(list_names(package)).items())]
    CLDR_NAMES.write_text(_HEADER.format(version=version) + "".join(lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
