"""The names that a lead's members have, here and in neighbouring formats, and the texts that stand under them.

Letter case, blanks, ``_`` and ``-`` do not count: ``first_name`` and ``First Name`` are ``firstName``.
Only names that can mean one thing are here. A first name is never guessed from ``user`` or ``from``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeGuard

from lead_core.lead.values import clean_line, clean_text
from lead_core.marketplace.body import Members, Source, open_text

PERSON_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "first_name": ("firstname", "givenname", "forename", "contactfirstname"),
    "last_name": ("lastname", "surname", "familyname", "contactlastname"),
    "email": (
        "email", "emailaddress", "mail", "workemail", "businessemail", "contactemail", "customeremail", "emailaddress1",
    ),
    "phone": (
        "phone", "phonenumber", "telephone", "telephonenumber", "telephone1", "mobile", "mobilephone", "mobilenumber",
        "businessphone", "workphone", "contactphone", "customerphone", "tel",
    ),
    "country": ("country", "countrycode", "countryregion", "countryorregion", "countryname"),
    "company": (
        "company", "companyname", "organization", "organisation", "organizationname", "organisationname",
    ),
    "title": ("title", "jobtitle"),
}  # fmt: skip
"""Each field of a `Contact`, and its names. The documented name is the first."""
FULL_NAMES: Final = ("fullname", "name", "contactname")
LEAD_SOURCE: Final = ("leadsource",)
ACTION_CODE: Final = ("actioncode",)
OFFER_TITLE: Final = ("offertitle", "offerdisplayname", "offername")
DESCRIPTION: Final = ("description", "notes", "comments", "comment", "message")
OFFER_ID: Final = ("offerid",)
PUBLISHER_ID: Final = ("publisherid",)
PRODUCT_ID: Final = ("productid",)

_DOCUMENTED_PERSON = ("userdetails", "customerinfo")
_PATH_TO_PERSON = re.compile(rf"^({'|'.join(_DOCUMENTED_PERSON)})(?=.)")
_OTHER_PERSON = (
    "contact", "contactdetails", "contactinfo", "contactperson", "customercontact", "leadcontact", "person",
    "lead", "leaddetails", "prospect", "customer", "customerdetails", "customerinformation", "buyer",
    "data", "fields", "properties", "attributes", "payload", "body",
)  # fmt: skip
"""The likeliest comes first: a customer may be a company. The last are the words of flows, which mean no one else."""
_SAYS_A_LEAD = (*LEAD_SOURCE, *ACTION_CODE, *OFFER_TITLE, *OFFER_ID, *PUBLISHER_ID, *PRODUCT_ID)
_SAYS_A_PERSON = (
    *(name for field in ("first_name", "last_name", "email", "phone") for name in PERSON_FIELDS[field]),
    "fullname",
    "contactname",
)

_NOTHING = {"--", "not specified", "campaigns:"}


def fold_name(name: str) -> str:
    """Return a member's name without what does not count: ``firstname`` for ``First_Name``.

    Flows write a whole path as one name. ``UserDetails.Email`` is ``email``.
    """
    return _PATH_TO_PERSON.sub("", re.sub(r"[\W_]+", "", name).casefold())


class Texts:
    """The texts of an object by name. If a name comes twice, the first useful text wins."""

    def __init__(self, members: Members) -> None:
        self._members = [(fold_name(name), text) for name, value in members for text in _as_text(value)]

    def line(self, *names: str, but: frozenset[str] = frozenset()) -> str:
        """Return the first useful text on one line. *but* holds placeholders, in small letters."""
        return self._first((clean_line(text) for text in self._spelled(names)), but)

    def paragraphs(self, *names: str) -> str:
        """Return the first useful text with its line breaks."""
        return self._first((clean_text(text) for text in self._spelled(names)), frozenset())

    def _spelled(self, names: tuple[str, ...]) -> Iterator[str]:
        return (text for wanted in names for name, text in self._members if name == wanted)

    @staticmethod
    def _first(texts: Iterable[str], but: frozenset[str]) -> str:
        return next((text for text in texts if text and text.lower() not in _NOTHING | but), "")


def says_lead(members: Members) -> bool:
    """Whether an object says more than a wrapper does: a person, an offer, an action or a source."""
    return bool(find_person(members)) or _says_any(_SAYS_A_LEAD, members)


def says_whole_lead(value: object) -> bool:
    """Whether *value* is an object that says who wants what."""
    return isinstance(value, Members) and bool(find_person(value)) and _says_any(_SAYS_A_LEAD, value)


def is_of_marketplace(value: object) -> bool:
    """Whether *value* is an object as only the marketplace writes it: it describes no owner, and no account."""
    return isinstance(value, Members) and (
        has_user_details(value) or (says_person(value) and _says_any((*LEAD_SOURCE, *ACTION_CODE), value))
    )


def has_user_details(members: Members) -> bool:
    """Whether an object has a ``UserDetails`` that says a person."""
    return any(map(says_person, _objects_under(_DOCUMENTED_PERSON, members)))


def says_person(members: Members) -> bool:
    """Whether an object has the person's fields themselves."""
    return _says_any(_SAYS_A_PERSON, members)


def find_person(members: Members) -> Members:
    """Return the members that describe the person: those of ``UserDetails``, else those of the lead itself.

    An object such as ``contact`` comes last. No members, if there is no person.
    """
    documented = Members(member for each in _objects_under(_DOCUMENTED_PERSON, members) for member in each)
    if says_person(documented):
        return documented
    if says_person(members):
        return Members([*documented, *members])
    others = list(_objects_under(_OTHER_PERSON, members))
    # Two persons never become one. What says nobody, such as the customer's company, belongs to the first.
    person = next(filter(says_person, others), None)
    if person is None:
        return documented
    return Members([*person, *(member for each in others if not says_person(each) for member in each)])


def _says_any(names: tuple[str, ...], members: Members) -> bool:
    return Texts(members).line(*names) != ""


def _objects_under(names: tuple[str, ...], members: Members) -> Iterator[Members]:
    """Yield every object with one of *names*, in their order. It may be JSON text, or alone in an array."""
    named = [(folded, value) for name, value in members if (folded := fold_name(name)) in names]
    for _, value in sorted(named, key=lambda each: names.index(each[0])):
        opened = open_text(Source(value, "")).value
        found = opened[0] if _is_array_of_one(opened) else opened
        if isinstance(found, Members):
            yield found


def _is_array_of_one(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list) and not isinstance(value, Members) and len(value) == 1


def _as_text(value: object) -> Iterator[str]:
    """Yield a scalar as text. A list or an object has nothing that can be shown."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, int):
        yield str(value)
