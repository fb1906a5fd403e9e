"""What can go wrong with a lead, grouped by what to do about it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class RejectCode(StrEnum):
    """Why a notification is not a lead. HTTP answers, logs and the column ``Reason`` show the code."""

    EMPTY = "empty-body"
    CHUNKED = "chunked-body"
    TOO_LARGE = "too-large"
    NOT_UTF8 = "not-utf-8"
    NOT_JSON = "not-json"
    NOT_AN_OBJECT = "not-an-object"
    TOO_COMPLEX = "too-complex"
    TOO_MANY_LEADS = "too-many-leads"
    UNKNOWN_ENCODING = "unknown-encoding"
    BROKEN_ENCODING = "broken-encoding"
    NO_LEAD = "no-lead"
    NO_ENVELOPE = "no-envelope"
    DAMAGED_ROW = "damaged-row"
    GAVE_UP = "gave-up"
    ROW_REFUSED = "row-refused"


class LeadError(Exception):
    """Any expected trouble. Its ``code`` is stable and holds no personal data."""

    def __init__(self, code: str, explanation: str) -> None:
        super().__init__(code)  # Not the explanation: it may quote a customer, and logs show this.
        self.code = code
        self.explanation = explanation
        """Sentences for people: what is wrong, where, and what to do."""


class UnreadableLeadError(LeadError):
    """Never again: a retry cannot help. Keep it where people see it."""

    def __init__(self, code: RejectCode, explanation: str) -> None:
        super().__init__(code, explanation)


class RowRefusedError(UnreadableLeadError):
    """Never again: storage refuses this one row each time. Other rows are not concerned."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            RejectCode.ROW_REFUSED,
            f"The storage account cannot store this row ({detail}). Most likely it is too large: shorten the texts in "
            "its Body, or the cells that people added to the lead's row in Leads. Then set Retry to true.",
        )
        self.detail = detail
        """The status and the service's word: ``400 EntityTooLarge``."""


class SomeoneWasFirstError(LeadError):
    """The row changed since it was read. Read it again."""

    def __init__(self) -> None:
        super().__init__("someone-was-first", "Someone else changed the lead at the same time.")


class StorageUnavailableError(LeadError):
    """Later: storage did not answer. The sender or the host tries again."""

    def __init__(self, detail: str) -> None:
        super().__init__("storage-unavailable", f"The storage account does not answer ({detail}). Try again later.")
        self.args = (f"{self.code} ({detail})",)  # Safe for the host's log: statuses and names of errors.


class StorageRefusedError(StorageUnavailableError):
    """Later, once a person has acted: storage answered, and refuses this app altogether."""

    def __init__(self, detail: str, advice: str) -> None:
        super().__init__(detail)
        self.detail = detail
        """The status and the service's word, such as ``403 AuthorizationPermissionMismatch``. Or ``no token``."""
        self.code = "storage-refused"
        self.args = (f"{self.code} ({detail})",)
        self.explanation = f"The storage account refuses this app ({detail}). {advice}"


class MailNotSentError(LeadError):
    """Later: the mail certainly did not go out. Its leads stay due."""

    _CODE = "mail-not-sent"
    _SAYS = "The mail provider did not take the mail ({}). It is tried again."

    def __init__(self, detail: str, *, was_read: bool = False, is_final: bool = False) -> None:
        super().__init__(self._CODE, self._SAYS.format(detail))
        self.detail = detail
        """Codes and names of errors. It never quotes the provider, whose words may quote the mail."""
        self.was_read = was_read
        """Whether the provider had the whole mail. Then what the mail says may be the reason."""
        self.is_final = is_final
        """Whether the provider says so of every try under the mail's id, and would say it again."""


class ContentRefusedError(MailNotSentError):
    """Never again in this form: the provider had the whole mail and refused it for good."""

    _CODE = "content-refused"
    _SAYS = "The mail provider refused what the mail says ({}). It is sent with less in it."


class ProviderRefusesError(MailNotSentError):
    """Later, once a person has acted: the provider takes no mail from this app."""

    _CODE = "provider-refuses"
    _SAYS = "The mail provider refuses this app's mails ({}). Check MAIL_FROM and MAIL_URL."


class EveryFormRefusedError(ProviderRefusesError):
    """Never again: the provider refused every form of a mail for what it says."""

    def __init__(self) -> None:
        super().__init__("every form of a mail", is_final=True)


class MailUncertainError(LeadError):
    """It is unknown whether the mail went out. It is sent again under the same id after its claim runs out."""

    def __init__(self, detail: str) -> None:
        super().__init__("mail-uncertain", f"The mail provider gave no answer ({detail}). It is sent again later.")


class AddressRefusedError(LeadError):
    """Never again to these addresses: the provider refused them and sent nothing."""

    def __init__(self, addresses: frozenset[str]) -> None:
        super().__init__("address-refused", "The mail provider refused an address. Correct OWNERS or the Owner cell.")
        self.addresses = addresses


class MailTroubleError(LeadError):
    """Mails do not go out as they should. For `health`: no personal data in it."""

    def __init__(self, explanation: str) -> None:
        super().__init__("mail-trouble", explanation)


class CanaryLostError(LeadError):
    """The app's own test lead did not arrive. For `health`: no personal data and no key in it."""

    def __init__(self, explanation: str) -> None:
        super().__init__("canary-lost", explanation)


class SilenceError(LeadError):
    """Leads have not come for an unusually long time. For `health`: it names no offer."""

    def __init__(self, explanation: str) -> None:
        super().__init__("silence", explanation)


class WrongDraftsError(LeadError):
    """Some of the publisher's own drafts can't be used. For `health`: it names files."""

    def __init__(self, explanation: str) -> None:
        super().__init__("wrong-drafts", explanation)


class NoAnswerError(LeadError):
    """Nothing answers at the app's address."""

    def __init__(self, detail: str) -> None:
        super().__init__("no-answer", f"Nothing answers there ({detail}).")
        self.detail = detail
        """The name of an error. It never quotes the address, which may hold a key."""


class ForgedLinkError(LeadError):
    """A link that this app did not sign."""

    def __init__(self) -> None:
        super().__init__(
            "forged-link",
            "This link was not made by this app, or it was changed on its way. Click the link in the mail itself.",
        )


class IncompleteLinkError(LeadError):
    """A link that lost characters on its way from the mail."""

    def __init__(self) -> None:
        super().__init__(
            "incomplete-link",
            "Some characters are missing at the end of this link. Click the link in the mail itself, or copy all of "
            "it, up to its last character.",
        )


class ExpiredLinkError(LeadError):
    """A link that is too old."""

    def __init__(self) -> None:
        super().__init__(
            "expired-link",
            "This link has expired. The next mail about the lead has a new one. You can also have one mailed to the "
            "owner of the lead.",
        )


class ExpiredListLinkError(LeadError):
    """A link to a page of several leads that is too old. It names no owner to whom a new one could be mailed."""

    def __init__(self) -> None:
        super().__init__("expired-link", "This link has expired. Every newer mail of this app has one that works.")


class LeadGoneError(LeadError):
    """The lead behind a link is not there any more."""

    def __init__(self) -> None:
        super().__init__("lead-gone", "This lead is not there any more: someone deleted its row.")


class LeadErasedError(LeadError):
    """The person behind a link was erased."""

    def __init__(self, on: date) -> None:
        super().__init__(
            "lead-erased",
            f"All that was known of this customer was erased on {on.day} {on:%B %Y}. There is nothing left to do. "
            "Please delete the mails about them that you still have.",
        )


class ErasureKeyLostError(LeadError):
    """Nobody can be erased for good: what is remembered of erased persons can't be looked up."""

    ADVICE = (
        "Restore the row “key” of the table Erasures from a copy. If there is none, delete its rows under “people” and "
        "“key”, restart the app, and erase the same persons again."
    )

    def __init__(self) -> None:
        super().__init__(
            "erasure-key-lost",
            "The table Erasures has no key any more: someone deleted or emptied it. So the app does not know whom it "
            f"erased, and nobody was erased now. {self.ADVICE}",
        )


class AnswerError(LeadError):
    """An answer on the follow-up page is incomplete or not allowed. Nothing was recorded."""

    def __init__(self, explanation: str, field: str, offered: tuple[str, ...] = ()) -> None:
        super().__init__("wrong-form", explanation)
        self.field = field
        """The form field with the mistake."""
        self.offered = offered
        """The addresses from which the page lets its reader choose."""


class UnreadableFileError(LeadError):
    """A file that holds no leads, or not all of them. Nothing of it was imported."""

    def __init__(self, explanation: str) -> None:
        super().__init__("unreadable-file", explanation)


class SettingsError(LeadError):
    """A setting is missing or wrong. What needs it cannot run until it is corrected."""

    def __init__(self, explanation: str) -> None:
        super().__init__("wrong-setting", explanation)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is missing or wrong, and what to do.

    Settings may be secret. So it quotes nothing but words of ``OWNERS`` that everybody knows, such as a country.
    """

    name: str
    advice: str
