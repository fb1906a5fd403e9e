"""A mail, ready to be sent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, in plain text and HTML. No text in it holds a line break where a header can't."""

    id: str
    """A UUID in hexadecimal. The same mail sent again has the same id: it is the Message-ID and the operation id."""
    sender: str
    to: str
    subject: str
    text: str
    html: str
