"""Domains at which anybody can have an address. Such a domain does not show who is a colleague."""

import re

_OPEN_TO_ALL = frozenset(
    """
    126.com 163.com aol.com fastmail.com free.fr gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com
    hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it hotmail.nl icloud.com laposte.net libero.it
    live.com live.nl mac.com mail.com mail.ru me.com msn.com naver.com onmicrosoft.com orange.fr outlook.com outlook.de
    outlook.fr pm.me posteo.de proton.me protonmail.com qq.com rocketmail.com seznam.cz t-online.de tutanota.com
    wanadoo.fr web.de wp.pl yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru
    ymail.com zoho.com
    """.split()  # noqa: SIM905 -- words read better without quotes
)
_SUFFIX = re.compile(r"(ac|co|com|edu|gov|ne|net|nhs|or|org)\.[a-z]{2}")
"""Under which a whole country registers: ``co.uk``."""


def is_open_to_all(domain: str) -> bool:
    """Whether *domain* belongs to no company: a provider of mailboxes, or what many companies' domains end with."""
    return domain in _OPEN_TO_ALL or _SUFFIX.fullmatch(domain) is not None
