"""What the host's log says, as news for a person. Whatever goes as it always goes is no news.

The log names functions, codes and ids (``lead_core/log_fields.py``). Here they become sentences. What is not known here
is shown as it stands in the log, so a developer sees what they print.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from local.console import be, join

_RUN = re.compile(r"(?P<clock>\d\d:\d\d:\d\d)  (?P<function>\w+) +(?P<outcome>\w+) +\d+ ms(?:  (?P<note>.*))?")
_RECORD = re.compile(
    r"(?P<clock>\d\d:\d\d:\d\d)    (?:(?:WARNING|ERROR|CRITICAL) )?(?P<function>[\w.]+): (?P<message>.*)"
)
_OTHER = re.compile(r"(?P<clock>\d\d:\d\d:\d\d)  (?P<text>.*)")
_NO_FUNCTION = re.compile(r"\((?P<method>[A-Z]+): no function\) +404")
_SILENT = re.compile(r"(?P<function>\w+) queue \S+ (?:does not answer .*|(?P<over>answers again))")
_ERROR = re.compile(r"(?:\w+\.)*(?P<error>\w+(?:: .*)?)")
_HOST_IS_READY = "host ready on "
_HOST_STARTS_ANEW = "so the host starts anew"
_ID_CHARACTERS = 8


class Item(NamedTuple):
    """One piece of news."""

    clock: str
    text: str
    function: str = ""
    is_trouble: bool = False
    """Whether it lasts until a person corrects it."""


@dataclass(slots=True)
class News:
    """Reads the log, part by part. What goes wrong again and again is said once, and again when it is over."""

    list_mails: Callable[[], list[str]] = list
    """Returns in words what went out since it was last asked. The log names no recipient."""

    _rest: str = ""
    """A line that is still being written."""
    _is_ready: bool = False
    _failed: tuple[str, str] | None = None
    """When which function failed. The lines of its traceback follow."""
    _error: str = ""
    _found: dict[str, str] = field(default_factory=dict)
    """What the log said in the run of a function that is still going on."""
    _standing: dict[str, str] = field(default_factory=dict)
    """What was wrong in the last run of each function."""
    _silent: frozenset[str] = frozenset()
    """The functions whose queue does not answer."""

    def read(self, text: str) -> Iterator[Item]:
        """Yield the news in the next part of the log."""
        *lines, self._rest = f"{self._rest}{text}".split("\n")
        for line in lines:
            if not _OTHER.match(line):
                yield from self._read_text(line.rstrip())
                continue
            yield from self._tell_failure()
            yield from self._read_entry(line.rstrip())
        if self._error:  # else the traceback may go on
            yield from self._tell_failure()

    def read_start(self, text: str) -> Iterator[Item]:
        """Yield of the next part of the log what is no trouble. Troubles that last are told when they come again."""
        items = [*self.read(text)]
        self._standing, self._silent = {}, frozenset()
        return (item for item in items if not item.is_trouble)

    def _read_text(self, line: str) -> Iterator[Item]:
        """Read what is no entry of the log: a line of a traceback, of the host's start, or of a developer's print."""
        if line.startswith(_HOST_IS_READY):
            self._is_ready = True
        elif self._failed:
            found = _ERROR.fullmatch(line)
            self._error = found["error"] if found else self._error
        elif self._is_ready and line:
            yield Item("", line)

    def _read_entry(self, line: str) -> Iterator[Item]:
        if run := _RUN.fullmatch(line):
            yield from self._end_run(run["clock"], run["function"], run["outcome"])
        elif record := _RECORD.fullmatch(line):
            yield from self._read_record(record["clock"], record["function"], record["message"])
        elif other := _OTHER.fullmatch(line):
            text = " ".join(other["text"].split())
            if silent := _SILENT.fullmatch(text):
                yield from self._read_silence(other["clock"], text, **silent.groupdict())
                return
            if no_function := _NO_FUNCTION.fullmatch(text):
                text = f"a {no_function['method']} of an address where no function is: 404"
            self._is_ready = self._is_ready and _HOST_STARTS_ANEW not in text
            yield Item(other["clock"], text)

    def _read_record(self, clock: str, function: str, message: str) -> Iterator[Item]:
        said, values = split_record(message)
        if wrong := _tell_wrong(function, said, values):
            if wrong not in (self._standing.get(function), self._found.get(function)):
                yield Item(clock, wrong, function, is_trouble=True)
            self._found[function] = wrong
        elif said == "reminders":
            yield from (Item(clock, text, function) for text in self._tell_mails(values))
        elif said in _TOLD:
            yield from (Item(clock, text, function) for text in _TOLD[said](values) if text)
        else:
            yield Item(clock, f"{function}: {message}", function)

    def _read_silence(self, clock: str, text: str, function: str, over: str | None) -> Iterator[Item]:
        if not over or function in self._silent:  # else it ended before anybody heard of it
            yield Item(clock, text, function, is_trouble=True)
        self._silent = self._silent - {function} if over else self._silent | {function}

    def _end_run(self, clock: str, function: str, outcome: str) -> Iterator[Item]:
        if outcome == "failed":
            self._failed = clock, function
            return
        wrong = self._found.pop(function, "")
        if self._standing.pop(function, "") and not wrong:
            yield Item(clock, f"{function} works again", function)
        if wrong:
            self._standing[function] = wrong

    def _tell_failure(self) -> Iterator[Item]:
        if not self._failed:
            return
        (clock, function), error = self._failed, self._error or "the log says why"
        self._failed, self._error, wrong = None, "", f"{function} failed: {error}"
        if self._standing.get(function) != wrong:
            yield Item(clock, wrong, function, is_trouble=True)
        self._standing[function] = wrong
        self._found.pop(function, None)

    def _tell_mails(self, values: Mapping[str, Any]) -> Iterator[str]:
        known = self.list_mails() if values.get("sent") else []
        yield from known
        if (others := values.get("sent", 0) - len(known)) > 0:
            yield f"{_count(others, 'other mail' if known else 'mail')} sent"
        if values.get("test-leads-confirmed"):
            yield "mail to the default owner: test leads confirmed"
        if renewed := values.get("link-renewed"):
            yield f"{_count(renewed, 'mail')} with a new link sent"
        if retried := values.get("retried"):
            yield f"{_count(retried, 'rejected lead')} put into the queue again"


def split_record(message: str) -> tuple[str, Mapping[str, Any]]:
    """Return a record's words and its fields, which stand as JSON at its end."""
    for brace in re.finditer(r"\{", message):
        try:
            values = json.loads(message[brace.start() :])
        except ValueError:
            continue
        if isinstance(values, dict):
            return message[: brace.start()].strip(), values
    return message.strip(), {}


def _tell_wrong(function: str, said: str, values: Mapping[str, Any]) -> str:
    """Say what is wrong until a person corrects it. ``""`` if a record says something else."""
    if said.startswith(("no reminders:", "no summary:")):
        names = re.findall(r"(?:[:.]) ([A-Z_]{4,}):", said)
        what = "nobody is mailed" if said.startswith("no reminders:") else "no weekly summary is sent"
        return f"{function} failed: {what} until {join(names)} {be(names)} right" if names else said
    if said == "unhealthy" and (faults := [*map(str, values.get("faults", ()))]):
        return f"health says what is wrong with {join(faults)}"
    return ""


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _words(values: Mapping[str, Any], name: str = "code") -> str:
    """Return a code as words: ``not-json`` is ``not json``."""
    return str(values.get(name, "")).replace("-", " ")


def _with_id(text: str) -> Callable[[Mapping[str, Any]], Iterable[str]]:
    return lambda values: [f"{text} ({str(values.get('event_id', ''))[:_ID_CHARACTERS]})"]


def _tell_refused(values: Mapping[str, Any]) -> Iterable[str]:
    return _with_id(f"lead refused: {_words(values)}, {values.get('body_bytes', 0):,} bytes")(values)


def _tell_rejected(values: Mapping[str, Any]) -> Iterable[str]:
    return _with_id(f"lead rejected: {_words(values)}. RejectedLeads says why")(values)


def _tell_unsent(values: Mapping[str, Any]) -> Iterable[str]:
    return [f"mail not sent: {_words(values)}. {values.get('detail', '')}".rstrip(". ")]


_CORRECTED = {
    "edited": "edited by people",
    "updated": "brought up to date",
    "missing-entry": "missing in the to-do list",
    "outdated-entry": "outdated in the to-do list",
    "edited-entry": "edited in the to-do list, and written anew",
    "rebuilt": "damaged and made again",
    "not-rebuilt": "damaged for good",
}


def _tell_checked(values: Mapping[str, Any]) -> Iterable[str]:
    found = Counter({name: int(values.get(name, 0)) for name in _CORRECTED})
    told = ", ".join(f"{number} {_CORRECTED[name]}" for name, number in found.items() if number)
    return [f"all leads checked: {told}"] if told else []


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], Iterable[str]]] = {
    "lead accepted": _with_id("lead accepted"),
    "lead refused": _tell_refused,
    "lead not taken": _with_id("lead not taken, and the sender told to try again: storage does not work"),
    "lead new-lead": _with_id("lead stored: a new one"),
    "lead repeat": _with_id("lead stored: a person who is known for this offer"),
    "lead already-stored": _with_id("lead delivered twice, stored once"),
    "lead erased": _with_id("lead dropped: its person was erased after it came"),
    "lead queued-again": _with_id("lead put into the queue again: the tables do not take it"),
    "lead rejected": _tell_rejected,
    "answer recorded": lambda values: [f"answer recorded: {_words(values, 'choice')}"],
    "answer refused": lambda values: [f"answer not recorded, and the page says why: {_words(values, 'choice')}"],
    "new link asked for": lambda _: ["a new link was asked for"],
    "no page": lambda values: [f"page not shown: {_words(values)}"],
    "no mail": _tell_unsent,
    "mail given up": lambda _: ["mail given up: it is unknown whether it arrived. GET /api/health says which"],
    "leads checked": _tell_checked,
    "canary": lambda values: ["the app posted a test lead to itself"] if values.get("posted") else [],
    "canary lost": lambda values: [f"the app's own test lead did not arrive: {_words(values)}"],
    "silence": lambda _: ["mail to the default owner: no leads come any more"],
    "summary": lambda values: ["the weekly summary sent"] if values.get("summary-sent") else [],
}
