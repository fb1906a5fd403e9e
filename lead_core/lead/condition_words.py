"""Words in a rule of ``OWNERS`` that can be read two ways: a country, region, action or source, or an offer's id.

Intake reads the settings too, so this knows countries without the package that has all their names.
"""

import re
from collections.abc import Iterator, Sequence

from lead_core.lead.actions import ActionCode

_ISO_3166 = """
ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB BDBGD
BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN
CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU
DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB
GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG
HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM JOJOR JPJPN
KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU
LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR
MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL
OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB
RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP
SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN
TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM XKXKX YEYEM YTMYT
ZAZAF ZMZMB ZWZWE
"""
COUNTRY_CODES = frozenset(both[:2] for both in _ISO_3166.split())
"""ISO 3166, and ``XK`` for Kosovo."""

_NAMES = """
AE uae emirates united-arab-emirates; AR argentina argentinien; AT austria österreich oesterreich; AU australia
australien; BE belgium belgien belgique belgië; BG bulgaria bulgarien; BR brazil brasil brasilien; CA canada kanada;
CH switzerland schweiz suisse svizzera; CL chile; CN china; CO colombia kolumbien; CY cyprus zypern; CZ czechia
czech-republic tschechien; DE germany deutschland allemagne alemania; DK denmark dänemark danmark; EE estonia estland;
EG egypt ägypten; ES spain spanien españa espagne; FI finland finnland suomi; FR france frankreich; GB uk britain
great-britain united-kingdom england scotland wales grossbritannien großbritannien; GR greece griechenland el; HK
hong-kong hongkong; HR croatia kroatien hrvatska; HU hungary ungarn; ID indonesia indonesien; IE ireland irland; IL
israel; IN india indien; IT italy italien italia; JP japan; KR korea south-korea südkorea; LT lithuania litauen; LU
luxembourg luxemburg; LV latvia lettland; MX mexico méxico mexiko; MY malaysia; NL netherlands the-netherlands holland
niederlande nederland; NO norway norwegen norge; NZ new-zealand neuseeland; PH philippines philippinen; PK pakistan; PL
poland polen polska; PT portugal; RO romania rumänien; RS serbia serbien; RU russia russland; SA saudi-arabia; SE sweden
schweden sverige; SG singapore singapur; SI slovenia slowenien; SK slovakia slowakei; TH thailand; TR turkey türkiye
türkei; TW taiwan; UA ukraine; US america united-states united-states-of-america usa u.s. u.s.a.; VN vietnam; ZA
south-africa südafrika
"""
_REGIONS = frozenset(
    """
    africa amer americas anz apac apj asia benelux cee dach eea emea eu europa europe eastern-europe efta gcc
    international latam mea mena middle-east na namer noram nordic nordics north-america row
    south-america uki western-europe worldwide
    """.split()  # noqa: SIM905 -- words read better without quotes
)
_ACTIONS = {
    **dict.fromkeys(("contact", "contactme", "contact-me"), ActionCode.CONTACT_ME),
    **dict.fromkeys(("testdrive", "test-drive", "start-test-drive", "trial"), ActionCode.START_TEST_DRIVE),
    **dict.fromkeys(("getitnow", "get-it-now", "install", "purchase", "buy"), ActionCode.GET_IT_NOW),
}
_SOURCES = frozenset(("appsource", "azuremarketplace", "azure-marketplace", "azureportal", "marketplace"))
_COUNTRIES = {
    **{code.lower(): code for code in COUNTRY_CODES},
    **{both[2:].lower(): both[:2] for both in _ISO_3166.split()},
    **{name: code for code, *names in (line.split() for line in _NAMES.split(";")) for name in names},
}
_GLUE = frozenset("all and any but default else every everything except if not only or other others rest".split())  # noqa: SIM905 -- reads better
"""Words of a sentence. A rule has none: its conditions stand beside each other."""
_CODES_GLUED = re.compile(r"!?\[?[A-Z]{2}([-|/+&.]?[A-Z]{2})*\]?")
_OTHERS = {name for name in (*_COUNTRIES, *_REGIONS, *_ACTIONS) if "-" in name}
_OFFER = re.compile(r"([\w.|*?\[\]-]|(?<=\[)!)+")
"""What the id of an offer, or a pattern of it, can hold. See `format_key`."""


def find_doubtful_words(words: Sequence[str]) -> Iterator[str]:
    """Return what is doubtful about each of *words*, which stand for offers, as sentences of a rule.

    Only words that everybody knows are quoted: a setting may be secret.
    """
    if any(len(word) > len("DE") and _are_countries(word) for word in words):
        yield "countries stand by themselves, with a blank between two: DE AT"
    folded = [word.lower() for word in words if not _are_countries(word)]
    # A name of several words is divided at its blanks: ``United States``.
    pairs = {"-".join(folded[start : start + size]) for size in (2, 3) for start in range(len(folded) - size + 1)}
    names = sorted(pairs & _OTHERS)
    parts = {part for name in names for part in name.split("-")}
    for word in [*names, *(word for word in folded if word not in parts)]:
        if advice := _doubt(word):
            yield advice


def _are_countries(word: str) -> bool:
    """Whether *word* is nothing but codes of countries and signs: ``DE-AT``, ``!DE``."""
    return bool(_CODES_GLUED.fullmatch(word)) and set(re.findall("[A-Z]{2}", word)) <= COUNTRY_CODES


def _doubt(word: str) -> str:
    if code := _COUNTRIES.get(word) or _ACTIONS.get(word):
        return f"“{word}” can be {code} or an offer: write {code}, or the offer as *.{word}"
    if word in _REGIONS:
        return f"“{word}” is no country: write its countries, such as DE AT CH, or an offer of that name as *.{word}"
    if word in _SOURCES:
        return f"“{word}” is a source: write offers, countries and actions, or an offer of that name as *.{word}"
    if word in _GLUE:
        return (
            f"“{word}” is no condition: conditions stand beside each other, or write an offer of that name as *.{word}"
        )
    if not _OFFER.fullmatch(word):
        return "a condition has a character that no offer has: write offers such as contoso.erp or contoso.*"
    return ""
