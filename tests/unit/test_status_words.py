import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.status_words import WORDS, Word, parse_status, parse_word
from lead_core.lead.values import Status

PHRASES = [
    (phrase.strip(), word.status)
    for word, lines in WORDS.items()
    for phrase in re.split(r"[,\n]", lines)
    if phrase.strip()
]
NEGATIONS = [
    *("not", "no", "non", "never", "un", "in", "dis", "de", "re", "pre", "to be", "to", "don't", "can't", "cannot"),
    *("nicht", "kein", "nie", "noch nicht", "zu", "pas", "ne pas", "sin", "da", "por", "não", "niet", "nog niet", "ej"),
    *("ikke", "inte", "ne", "almost", "maybe", "?", "!", "un-", "non-", "ain't", "nearly", "please", "if", "2"),
]
ADDITIONS = ["not", "yet", "later", "soon", "tomorrow", "?", "nicht", "pas", "no", "n't", "2", "or lost", "by mistake"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
KNOWN = {re.sub(r"[\W_]", "", phrase).casefold(): status for phrase, status in PHRASES}


def letters_of(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        # our own, as people write them
        ("New", Status.NEW),
        ("", Status.NEW),
        (" \u00a0", Status.NEW),
        (" contacted ", Status.CONTACTED),
        ("CONTACTED.", Status.CONTACTED),
        ("✅ Contacted", Status.CONTACTED),
        ("'Contacted", Status.CONTACTED),
        ("Ｃｏｎｔａｃｔｅｄ", Status.CONTACTED),
        ("Con\u200btacted\ufeff", Status.CONTACTED),
        ("Do-Not-Contact!", Status.DO_NOT_CONTACT),
        ("do not contact", Status.DO_NOT_CONTACT),
        ("do_not_contact", Status.DO_NOT_CONTACT),
        ("Don’t contact", Status.DO_NOT_CONTACT),
        ("Disqualified (not a fit)", Status.DISQUALIFIED),
        # Salesforce
        ("Open - Not Contacted", Status.NEW),
        ("Working - Contacted", Status.CONTACTED),
        ("Closed - Converted", Status.QUALIFIED),
        ("Closed - Not Converted", Status.DISQUALIFIED),
        # Dynamics 365
        ("Lost", Status.DISQUALIFIED),
        ("No Longer Interested", Status.DISQUALIFIED),
        ("Canceled", Status.DISQUALIFIED),
        # HubSpot
        ("Open deal", Status.QUALIFIED),
        ("Unqualified", Status.DISQUALIFIED),
        ("ATTEMPTED_TO_CONTACT", Status.NEW),
        ("IN_PROGRESS", Status.CONTACTED),
        ("CONNECTED", Status.CONTACTED),
        # Zoho, Pipedrive
        ("Contact in Future", Status.NEW),
        ("Junk Lead", Status.DISQUALIFIED),
        ("Not Qualified", Status.DISQUALIFIED),
        # Partner Center
        ("Active/Accepted", Status.NEW),
        ("Won", Status.QUALIFIED),
        ("Declined", Status.DISQUALIFIED),
        # the usual ones
        ("New - Not Contacted", Status.NEW),
        ("To be contacted", Status.NEW),
        ("Contact later", Status.NEW),
        ("Spam", Status.DISQUALIFIED),
        ("DNC", Status.DO_NOT_CONTACT),
        ("Please do not contact", Status.DO_NOT_CONTACT),
        ("Was contacted", Status.CONTACTED),
        ("Kontakt aufgenommen", Status.CONTACTED),
        ("Contact not made", None),
        ("würde kontaktiert", None),
        ("Do not call", Status.DO_NOT_CONTACT),
        ("Opt-out", Status.DO_NOT_CONTACT),
        # other languages
        ("Kontaktiert", Status.CONTACTED),
        ("Noch nicht kontaktiert", Status.NEW),
        ("Nicht kontaktieren", Status.DO_NOT_CONTACT),
        ("Contacté", Status.CONTACTED),
        ("à contacter", Status.NEW),
        ("Perdu", Status.DISQUALIFIED),
        ("no contactar", Status.DO_NOT_CONTACT),
        ("Gewonnen", Status.QUALIFIED),
        ("Öppen", Status.NEW),
        ("連絡済み", Status.CONTACTED),
        ("已联系", Status.CONTACTED),
        ("Новый", Status.NEW),
        # typing errors
        ("Contactd", Status.CONTACTED),
        ("Contcated", Status.CONTACTED),
        ("disqualifed", Status.DISQUALIFIED),
        ("disxxalified", Status.DISQUALIFIED),
        ("gesqqochen", Status.CONTACTED),
        ("Do not contcat", Status.DO_NOT_CONTACT),
        ("DoNotContct", Status.DO_NOT_CONTACT),
        ("Kontakteirt", Status.CONTACTED),
        ("not intrested", Status.DISQUALIFIED),
    ],
)
def test_a_word_means_what_a_salesperson_means_by_it(text: str, status: Status) -> None:
    assert parse_status(text) is status


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Tried", Word.TRIED),
        ("tried, no answer", Word.TRIED),
        ("ATTEMPTED_TO_CONTACT", Word.TRIED),
        ("Left voicemail", Word.TRIED),
        ("no anwser", Word.TRIED),
        ("Nicht erreicht", Word.TRIED),
        ("Pas de réponse", Word.TRIED),
        ("Sin respuesta", Word.TRIED),
        ("Geen antwoord", Word.TRIED),
        ("不在", Word.TRIED),
        ("Not contacted", Word.NEW),
        ("Attempting to contact", Word.NEW),
        ("Spam", Word.SPAM),
        ("Junk Lead", Word.SPAM),
        ("fake", Word.SPAM),
        ("Müll", Word.SPAM),
        ("Pourriel", Word.SPAM),
        ("correo basura", Word.SPAM),
        ("спам", Word.SPAM),
        ("迷惑メール", Word.SPAM),
        ("No spam", None),
        ("Not a fit", Word.DISQUALIFIED),
        ("Won", Word.QUALIFIED),
        ("Lost", Word.DISQUALIFIED),
    ],
)
def test_an_attempt_and_spam_are_more_than_a_status(text: str, word: Word | None) -> None:
    assert parse_word(text) is word


def test_each_phrase_says_what_it_stands_under() -> None:
    said = {phrase: word for word, lines in WORDS.items() for phrase in re.split(r"[,\n]", lines) if phrase.strip()}
    assert {phrase: parse_word(phrase) for phrase in said} == said


@pytest.mark.parametrize(
    "text",
    [
        "asdf",
        "?",
        "...",
        "Contacted?",
        "! contacted",
        "Can't contact",  # tried in vain, given up, or not allowed: only its writer knows
        "Cannot be reached",
        "Contact",
        "Contacting",
        "Contracted",
        "Do not contract",
        "Do now contact",
        "Do not contact yet",
        "Do not contact until Monday",
        "No contact",
        "Never contact",
        "Pre-qualified",
        "Not won",
        "Won't",
        "Kontaktiere",
        "Closed",
        "Contacted / Lost",
        "Done",
        "完了",
        "x" * 5_000,
        "Contacted 2",
    ],
)
def test_a_word_that_is_not_known_or_may_mean_two_things_is_no_status(text: str) -> None:
    assert parse_status(text) is None


@given(st.text())
def test_any_text_is_a_status_or_none(text: str) -> None:
    parse_status(text)


def test_no_phrase_stands_under_two_statuses() -> None:
    seen: dict[str, Status] = {}
    for phrase, status in PHRASES:
        assert seen.setdefault(letters_of(phrase), status) is status, phrase
        assert parse_status(phrase) is status, phrase


@pytest.mark.parametrize(
    "write", [str.upper, str.title, lambda text: f" “{text}”. ", lambda text: text.replace(" ", "-")]
)
def test_case_and_punctuation_do_not_matter(write: object) -> None:
    assert callable(write)
    for phrase, status in PHRASES:
        assert parse_status(write(phrase)) is status, phrase


def keeps_meaning(text: str, status: Status) -> bool:
    """Whether *text* means the same as without its negation, or *do not contact*, though nobody listed it so."""
    meant = parse_status(text)
    return meant in {status, Status.DO_NOT_CONTACT} and letters_of(text) not in KNOWN


@given(st.sampled_from(PHRASES), st.sampled_from(NEGATIONS), st.sampled_from(["", " ", "-"]))
def test_a_negation_before_a_word_leaves_nothing_of_its_meaning(
    known: tuple[str, Status], negation: str, between: str
) -> None:
    assert not keeps_meaning(f"{negation}{between}{known[0]}", known[1])


@given(st.sampled_from(PHRASES), st.sampled_from(ADDITIONS), st.sampled_from(["", " ", " - "]))
def test_an_addition_after_a_word_leaves_nothing_of_its_meaning(
    known: tuple[str, Status], addition: str, between: str
) -> None:
    assert not keeps_meaning(f"{known[0]}{between}{addition}", known[1])


@given(st.sampled_from(PHRASES), st.sampled_from(NEGATIONS), st.randoms(use_true_random=False))
def test_a_negation_counts_however_it_is_misspelt(
    known: tuple[str, Status], negation: str, chance: random.Random
) -> None:
    phrase, status = known
    is_error_itself = len(negation) == 1 or phrase.startswith(negation)
    if not is_error_itself and letters_of(negation + phrase) not in KNOWN:
        assert not keeps_meaning(misspell(f"{negation}{phrase}", chance), status)


@pytest.mark.parametrize("known", [each for each in KNOWN.items() if each[1] is not Status.DO_NOT_CONTACT][::4])
def test_nothing_known_without_a_not_becomes_do_not_contact(known: tuple[str, Status]) -> None:
    for negation in ("not ", "no ", "dont", "can't ", "never "):
        assert parse_status(f"{negation}{known[0]}") is not Status.DO_NOT_CONTACT


@given(st.sampled_from(PHRASES), st.randoms(use_true_random=False))
def test_a_typing_error_gives_the_same_status_or_none(known: tuple[str, Status], chance: random.Random) -> None:
    phrase, status = known
    words = phrase.split()
    place = max(range(len(words)), key=lambda index: len(words[index]))
    if len(words[place]) >= 5:
        words[place] = misspell(words[place], chance)
        typed = " ".join(words)  # *squalificato* without its first letter is another word, and no typing error.
        assert letters_of(typed) in KNOWN or parse_status(typed) in {None, status}


def misspell(word: str, chance: random.Random) -> str:
    """Leave out, double, change, add or swap a letter."""
    at = chance.randrange(len(word))
    match chance.randrange(5):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[: at + 1] + word[at:]
        case 2:
            return word[:at] + chance.choice(LETTERS) + word[at + 1 :]
        case 3:
            return word[:at] + chance.choice(LETTERS) + word[at:]
        case _:
            return word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]


def test_most_errors_within_a_long_word_are_forgiven() -> None:
    for word, status in [
        ("contacted", Status.CONTACTED),
        ("qualified", Status.QUALIFIED),
        ("disqualified", Status.DISQUALIFIED),
    ]:
        inner = [word[:at] + word[at + 1 :] for at in range(1, len(word) - 1)]
        inner += [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 2)]
        inner += [word[: at + 1] + word[at:] for at in range(1, len(word) - 1)]
        assert [typed for typed in inner if parse_status(typed) is not status] == []
