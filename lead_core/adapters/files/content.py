"""The bytes of a file, and the text in them. A file of another kind is refused with a sentence that says which."""

import re
from pathlib import Path
from typing import Final

from lead_core.errors import UnreadableFileError, UnreadableLeadError
from lead_core.marketplace.charset import Text, decode_text, find_charset

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""More than a hundred thousand leads. All of them are read into memory."""

_SAVE_AS_CSV: Final = 'Open it, save it as "CSV UTF-8", and give that file.'
_KINDS: Final = (
    (b"%PDF-", "a PDF. Export the leads as CSV, and give that file."),
    (b"PK\x03\x04", f"an Excel workbook or a ZIP archive. {_SAVE_AS_CSV}"),
    (b"\xd0\xcf\x11\xe0", f"an old Excel workbook. {_SAVE_AS_CSV}"),
    (b"\x1f\x8b", "packed with gzip. Unpack it first."),
    (b"{\\rtf", f"a formatted text (RTF). {_SAVE_AS_CSV}"),
    (b"\x89PNG", "a picture. Export the leads as CSV, and give that file."),
    (b"\xff\xd8\xff", "a picture. Export the leads as CSV, and give that file."),
)
"""How files of other kinds begin, and what to do."""
_WEB_PAGE = re.compile(r"\s*<(!doctype|html|\?xml|head|body)", re.IGNORECASE)


def read_bytes(path: Path) -> bytes:
    """Return what stands in a file. Raises: UnreadableFileError if it can't be opened or is too large."""
    try:
        if path.is_dir():
            raise UnreadableFileError(f"{path} is a folder. Give a file in it.")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise UnreadableFileError(
                f"{path.name} has {size // 1024**2:,} MB, and a file of leads may have {MAX_FILE_BYTES // 1024**2}. "
                "Cut it into several, each with the line that names the columns."
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFileError(f"There is no file {path}. Check the name and the folder.") from None
    except OSError as error:
        raise UnreadableFileError(f"{path} can't be opened: {error.strerror or type(error).__name__}.") from None


def read_text(content: bytes, charset: str = "") -> Text:
    """Return a file's text without its byte order mark. *charset* is what the person says it is.

    Raises: UnreadableFileError for a file of another kind, and for an empty one.
    """
    if not content.strip(b" \t\r\n\0"):
        raise UnreadableFileError("The file is empty. Export the leads again.")
    for start, kind in _KINDS:
        if content.startswith(start):
            raise UnreadableFileError(f"The file is {kind}")
    try:
        read = _decode(content, charset)
    except UnreadableLeadError:
        raise UnreadableFileError(
            "The file is no text: it has signs that no text has. Give the CSV or JSON file that was exported."
        ) from None
    if _WEB_PAGE.match(read.text):
        raise UnreadableFileError(
            "The file is a web page, most likely one that asks to sign in. Export the leads again in the browser."
        )
    if not read.text.strip("\ufeff \t\r\n"):
        raise UnreadableFileError("The file is empty. Export the leads again.")
    return Text(read.text.removeprefix("\ufeff"), read.charset, read.is_guessed)


def _decode(content: bytes, charset: str) -> Text:
    if not charset:
        return decode_text(content)
    known = "utf-8" if re.fullmatch("utf-?8", charset, re.IGNORECASE) else find_charset(charset)
    if not known:
        raise UnreadableFileError(f"{charset} is no character set that is known here. Say utf-8, windows-1252, gbk…")
    try:
        return Text(content.decode(known), known)
    except UnicodeError as error:
        raise UnreadableFileError(
            f"The file is not in {charset}: its byte {getattr(error, 'start', 0)} does not fit. "
            "Leave --charset out, or name another."
        ) from None
