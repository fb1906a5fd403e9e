"""Read the settings, and find all that is wrong: each by itself, what is missing, and what cannot go together.

No fault quotes a value: settings may be secret.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import AliasChoices, ValidationError
from pydantic_core import ErrorDetails

from lead_core.errors import Fault
from lead_core.lead.mail_domains import is_open_to_all
from lead_core.settings.link_key import find_weakness
from lead_core.settings.settings import STORAGE_SETTING, Settings
from lead_core.settings.storage import is_account_name
from lead_core.settings.web import find_host, is_reserved, is_this_machine, is_web_address

_RESERVED = "nobody has an address that ends so, as the sample's do: write addresses of your own"


FIELDS: Final = {
    str(each.validation_alias.choices[0] if isinstance(each.validation_alias, AliasChoices) else name).upper(): name
    for name, each in Settings.model_fields.items()
}
"""The field of each setting, by the setting's name in capitals."""


def find_settings(values: Mapping[str, str]) -> Settings:
    """Return the settings among *values*, which are named in any letter case. Never fails, as `load_settings`."""
    return load_settings(**{FIELDS[name.upper()]: value for name, value in values.items() if name.upper() in FIELDS})


def load_settings(**given: Any) -> Settings:
    """Read the environment. Those in *given*, by name in lower case, win. Never fails: see `Settings.mistakes`."""
    wrong: tuple[Fault, ...] = ()
    try:
        settings = Settings(**given)
    except ValidationError as error:
        parts = error.errors(include_url=False, include_input=False)
        wrong = tuple(Fault(name, advice) for name, advice in sorted(_advise(part) for part in parts))
        defaults = {name: Settings.model_fields[name].default for name in (fault.name.lower() for fault in wrong)}
        settings = Settings(**{**given, **defaults})
    named = {fault.name for fault in wrong}
    others = (*_find_missing(settings), *_find_contradictions(settings))
    return settings.naming((*wrong, *(fault for fault in others if fault.name not in named)))


def _advise(error: ErrorDetails) -> tuple[str, str]:
    name, ours = str(error["loc"][0]).upper(), error.get("ctx", {}).get("error")
    # The words of pydantic are for choices alone: ``Input should be 'on' or 'off'``.
    return name, str(ours) if ours else error["msg"].replace("Input should be", "write").replace("'", "")


def _find_missing(settings: Settings) -> Iterator[Fault]:
    if not settings.connection_string:
        yield from _find_keyless_faults(settings)
    if len({name.lower() for name in settings.table_names}) < len(settings.table_names):
        yield Fault("LEADS_TABLE", "two tables have the same name; letter case does not count")
    needed = {
        "OWNERS": (settings.owners.default, "is missing: write the address of the person who answers leads"),
        "MAIL_FROM": (settings.mail_from, "is missing: write the sender's address"),
        "MAIL_URL": (settings.mail_url, "is missing: no mail can be sent without it"),
        "PUBLIC_URL": (settings.links_url, "is missing: write the app's address, which the links in mails lead to"),
        "LINK_KEY": (settings.link_key.get_secret_value(), "is missing: a random text that signs the links in mails"),
    }
    yield from (Fault(name, advice) for name, (value, advice) in needed.items() if not value)


def _find_keyless_faults(settings: Settings) -> Iterator[Fault]:
    uris, account = (settings.table_uri, settings.queue_uri), settings.leads_storage_account_name
    if not all(uris):
        yield Fault(STORAGE_SETTING, "is missing: paste the storage account's connection string")
    elif not all(is_web_address(uri, ("https",)) for uri in uris):
        yield Fault(
            STORAGE_SETTING, "without a key needs its tableServiceUri and queueServiceUri to begin with https://"
        )
    elif account and not is_account_name(account):
        yield Fault(
            STORAGE_SETTING, "write into accountName the account's name alone: 3 to 24 small letters and digits"
        )


def _find_contradictions(settings: Settings) -> Iterator[Fault]:
    """Find values that are right by themselves and cannot work beside the others."""
    is_hosted = bool(settings.website_hostname) and not is_this_machine(settings.website_hostname)
    leads_here = not settings.public_url or is_this_machine(find_host(settings.public_url))
    if (weakness := find_weakness(settings.link_keys)) and (is_hosted or not leads_here):
        yield Fault("LINK_KEY", weakness)  # On one's own machine, nobody else can use it.
    if is_hosted and settings.public_url and leads_here:
        yield Fault("PUBLIC_URL", "links would lead to the reader's own machine: write the app's address, or nothing")
    elif is_hosted and is_reserved(find_host(settings.public_url)):
        yield Fault("PUBLIC_URL", "nobody has a host that ends so: write the app's address, or nothing")
    elif is_hosted and settings.public_url.startswith("http:"):
        yield Fault("PUBLIC_URL", "strangers could read the links on their way: begin it with https://")
    server = settings.mail_url
    if server is None or server.is_this_machine or "." not in server.host:
        return  # A mailbox for tests takes mail for any address.
    if is_reserved(server.host):
        yield Fault("MAIL_URL", "nobody has a host that ends so: write your own mail server")
    yield from _find_reserved_addresses(settings)
    if server.scheme == "acs" and is_open_to_all(settings.sender_address.lower().rpartition("@")[2]):
        yield Fault("MAIL_FROM", "Azure sends from your own domains alone: write an address of a domain linked there")


def _find_reserved_addresses(settings: Settings) -> Iterator[Fault]:
    rules = settings.owners.rules
    if numbers := [n for n, rule in enumerate(rules, start=1) if any(map(is_reserved, rule.people))]:
        place = f"rule {' and '.join(map(str, numbers))}: " if len(rules) > 1 else ""
        yield Fault("OWNERS", place + _RESERVED)
    bare = {
        "ESCALATE_TO": settings.escalate_to,
        "MAIL_FROM": settings.sender_address,
        "SUMMARY_TO": settings.summary_to,
    }
    for name, address in bare.items():
        if is_reserved(address):
            yield Fault(name, _RESERVED)
