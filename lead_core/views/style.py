"""The style of all pages, and the header that lets it in and nothing else."""

import base64
import hashlib
from typing import Final

from lead_core.views.rendering import TEMPLATES

STYLE: Final = (TEMPLATES / "page.css.j2").read_text(encoding="utf-8")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The header that goes with each page. https://www.w3.org/TR/CSP3/"""
