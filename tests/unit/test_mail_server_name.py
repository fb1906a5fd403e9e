"""`health` asks name servers for the mail server, and says what came out."""

import asyncio
import gc
import socket
from datetime import timedelta

import pytest

from lead_core.adapters.mail.server_name import MailServerProbe
from lead_core.errors import MailTroubleError
from lead_core.steps.health import ASKING_GIVES_UP_AFTER, Health


class NameServers:
    """Name servers that know a host, or not, or are silent."""

    def __init__(self, trouble: Exception | None = None, *, are_silent: bool = False) -> None:
        self.trouble, self.are_silent, self.asked = trouble, are_silent, list[str]()
        self.go_on, self.ended = asyncio.Event(), asyncio.Event()

    async def look_up(self, host: str) -> None:
        self.asked.append(host)
        if self.are_silent:
            await self.go_on.wait()
        self.ended.set()
        if self.trouble:
            raise self.trouble

    async def speak(self) -> None:
        """Answer at last, when nobody waits for it any more."""
        self.go_on.set()
        await self.ended.wait()
        await asyncio.sleep(0)  # so that the error rises


async def explain(probe: MailServerProbe) -> str:
    with pytest.raises(MailTroubleError) as trouble:
        await probe.check()
    return trouble.value.explanation


async def test_a_known_host_is_well() -> None:
    servers = NameServers()
    await MailServerProbe("mail.contoso.com", servers.look_up).check()
    assert servers.asked == ["mail.contoso.com"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
async def test_the_system_itself_knows_this_machine(host: str) -> None:
    await MailServerProbe(host).check()


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "no name server knows its host"),
        (UnicodeError("label too long"), "no name server knows its host"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "the name server cannot be asked now"),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure"), "the name server cannot be asked now"),
    ],
    ids=["unknown", "no name", "no network", "broken name server"],
)
async def test_what_fails_is_told_apart_and_no_host_is_quoted(trouble: Exception, said: str) -> None:
    explanation = await explain(MailServerProbe("mail.contoso.com", NameServers(trouble).look_up))
    assert said in explanation
    assert "contoso" not in explanation


async def test_silent_name_servers_are_told_in_time_and_asked_once_at_a_time() -> None:
    servers = NameServers(socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), are_silent=True)
    probe = MailServerProbe("mail.contoso.com", servers.look_up, patience=timedelta())
    for _ in range(3):
        assert "gave no answer" in await explain(probe)
    assert servers.asked == ["mail.contoso.com"]
    await servers.speak()
    servers.trouble, servers.are_silent = None, False
    probe.patience = ASKING_GIVES_UP_AFTER
    await probe.check()
    assert len(servers.asked) == 2


async def test_a_look_up_that_fails_after_its_caller_left_warns_of_nothing() -> None:
    loop, warnings = asyncio.get_running_loop(), list[object]()
    loop.set_exception_handler(lambda _, context: warnings.append(context))
    servers = NameServers(socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), are_silent=True)
    probe = MailServerProbe("mail.contoso.com", servers.look_up, patience=timedelta())
    await explain(probe)
    await servers.speak()
    del probe
    gc.collect()
    loop.set_exception_handler(None)
    assert warnings == []


async def test_health_says_what_the_probe_found_itself() -> None:
    servers = NameServers(are_silent=True)
    probe = MailServerProbe("mail.contoso.com", servers.look_up, patience=timedelta())
    (fault,) = await Health([], [probe]).find_faults()
    await servers.speak()
    assert fault.name == "MAIL_URL"
    assert "name server gave no answer" in fault.advice
    assert MailServerProbe("mail.contoso.com").patience < ASKING_GIVES_UP_AFTER
