"""Timer triggers: NCRONTAB schedules in UTC. A timer never has two runs at once."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from datetime import UTC, datetime

from azure.functions.timer import TimerRequest
from croniter import CroniterError, croniter

from local.functions_host.functions import Function, StartUpError, parse_time_span
from local.functions_host.invocation import Invoker

Schedule = Callable[[datetime], datetime]

# How often to look at the clock: it may be set, and the machine may sleep.
LONGEST_SLEEP_SECONDS = 60

_FIELD = r"(\*|\d+|[A-Za-z]{3})(-(\d+|[A-Za-z]{3}))?(/\d+)?"


def parse_schedule(text: str) -> Schedule:
    """Read NCRONTAB (``0 */5 * * * *``, or five fields from the minute on) or a TimeSpan (``00:00:30``).

    The result returns the first due time after another time. Day of month *and* weekday (0 to 6) must match.

    Raises:
        ValueError: it is neither, or never matches.
    """
    span = parse_time_span(text)
    if span:
        return lambda after: after + span
    fields = text.split()
    is_known = all(re.fullmatch(f"{_FIELD}(,{_FIELD})*", field) for field in fields)
    if len(fields) not in (5, 6) or not is_known or re.search(r"(?<!\d)7", fields[-1]):
        raise ValueError(text)
    expression = " ".join(fields if len(fields) == 6 else ["0", *fields])  # noqa: PLR2004 -- NCRONTAB's fields

    def next_after(time: datetime) -> datetime:
        due: datetime = croniter(expression, time, datetime, day_or=False, second_at_beginning=True).get_next()
        return due

    try:
        next_after(datetime.now(UTC))
    except CroniterError as error:
        raise ValueError(text) from error
    return next_after


class TimerListener:
    """Runs one function by its schedule. Missed runs are left out."""

    def __init__(self, function: Function, invoker: Invoker) -> None:
        self.function = function
        self.schedule_text = str(function.binding["schedule"])
        try:
            self._schedule = parse_schedule(self.schedule_text)
        except ValueError as error:
            raise StartUpError(f"{function.name}: {error} is no NCRONTAB schedule, such as 0 */5 * * * *.") from None
        self._invoker = invoker
        self._one_run = asyncio.Lock()
        self._stopping = asyncio.Event()

    async def listen(self) -> None:
        """Run the function when it is due, until `stop`."""
        if self.function.binding.get("runOnStartup"):
            await self.run_now()
        due = self._schedule(datetime.now(UTC))
        while await self._sleep_until(due):
            await self.run_now()
            # The sleep may end early. The next time is still after the one that was just due.
            due = self._schedule(max(due, datetime.now(UTC)))

    def stop(self) -> None:
        """Start no more runs."""
        self._stopping.set()

    async def run_now(self, _text: str = "") -> None:
        """Run the function, as soon as a run in progress has ended."""
        async with self._one_run:
            with contextlib.suppress(Exception):  # the invoker logged it, and the next run tries again
                await self._invoker.invoke(self.function, TimerRequest(past_due=False))

    async def _sleep_until(self, due: datetime) -> bool:
        """Return True at *due*, False if `stop` came first."""
        while not self._stopping.is_set() and (left := (due - datetime.now(UTC)).total_seconds()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), min(left, LONGEST_SLEEP_SECONDS))
        return not self._stopping.is_set()
