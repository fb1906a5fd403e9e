"""Read the body of a notification as one JSON object."""

import json
from typing import NoReturn

from lead_core.errors import RejectCode, UnreadableLeadError


class Members(list[tuple[str, object]]):
    """The members of a JSON object in their order, including repeated names."""


def parse_object(body: bytes) -> Members:
    """Read *body* as one JSON object.

    Raises: UnreadableLeadError (``not-utf-8``, ``not-json``, ``not-an-object``, ``too-complex``).
    """
    try:
        parsed = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=Members, parse_float=str, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise UnreadableLeadError(
            RejectCode.NOT_UTF8, f"The body is not UTF-8 text: byte {error.start} does not fit. Send it as UTF-8."
        ) from error
    except json.JSONDecodeError as error:
        raise UnreadableLeadError(
            RejectCode.NOT_JSON,
            f"The body is not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}.",
        ) from error
    except (RecursionError, ValueError) as error:  # Python reads numbers up to 4,300 digits.
        raise UnreadableLeadError(
            RejectCode.TOO_COMPLEX, "The body is JSON, but a number in it is too long or it is nested too deeply."
        ) from error
    if not isinstance(parsed, Members):
        raise UnreadableLeadError(
            RejectCode.NOT_AN_OBJECT, "The body is JSON, but not one object: a lead is one {…} with its members."
        )
    return parsed


def _refuse_constant(constant: str) -> NoReturn:
    raise json.JSONDecodeError(f"{constant} is no JSON number", constant, 0)
