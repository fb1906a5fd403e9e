"""What people call a status, here and in other CRMs, in several languages.

A word that is not known is no status: its writer is asked. Letters that look alike are no meaning, so `parse_status`
forgives typing errors within a known word alone, and never where a *not*, *un-* or *to be* may have come or gone.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum
from math import inf

from lead_core.lead.values import Status


class Word(StrEnum):
    """What a word in the status cell says: a status, or more than that."""

    NEW = "New"
    TRIED = "Tried"
    CONTACTED = "Contacted"
    QUALIFIED = "Qualified"
    DISQUALIFIED = "Disqualified"
    SPAM = "Spam"
    DO_NOT_CONTACT = "DoNotContact"

    @property
    def status(self) -> Status:
        """The status that it means."""
        return _MORE_THAN_A_STATUS.get(self) or Status(self)


_MORE_THAN_A_STATUS = {Word.TRIED: Status.NEW, Word.SPAM: Status.DISQUALIFIED}

WORDS = {
    # The customer still waits: not contacted yet, or to be contacted.
    Word.NEW: """
        new, open, reopen, reopened, re-opened, unread, unanswered, untouched, uncontacted, unworked, waiting, pending
        assigned, unassigned, accepted, active, active/accepted, received, to do, todo, backlog, not started
        new lead, open lead, open - new, new - open, open - not contacted, new - not contacted, not contacted
        not contacted yet, not yet contacted, never contacted, to contact, to be contacted, contact later, contact soon
        contact in future, contact in the future, call later, call back, callback, to call, to be called, needs contact
        attempting contact, attempting to contact, not called, not answered, not answered yet
        neu, offen, wartet, wartend, unbearbeitet, nicht bearbeitet, noch nicht bearbeitet, nicht kontaktiert
        noch nicht kontaktiert, unkontaktiert, zu kontaktieren, kontaktieren, später kontaktieren, anrufen, zurückrufen
        rückruf
        nouveau, nouvelle, ouvert, en attente, à contacter, à rappeler, rappeler, non contacté, pas contacté
        pas encore contacté, non traité, contacter plus tard
        nuevo, nueva, abierto, abierta, pendiente, por contactar, para contactar, contactar, contactar más tarde
        no contactado, no contactada, sin contactar, llamar, llamar más tarde
        nuovo, nuova, aperto, in attesa, da contattare, contattare, non contattato, non contattata
        non ancora contattato, da richiamare, richiamare
        novo, nova, aberto, pendente, por contatar, a contatar, contatar, por contactar, a contactar, não contatado
        não contactado, ainda não contatado, ainda não contactado
        nieuw, openstaand, te contacteren, contacteren, benaderen, te benaderen, niet gecontacteerd, niet benaderd
        nog niet gecontacteerd, nog niet benaderd, terugbellen
        nowy, nowa, nowe, otwarty, otwarte, oczekuje, do kontaktu, nieskontaktowano, nie skontaktowano
        brak kontaktu
        ny, nytt, öppen, åben, åpen, att kontakta, ej kontaktad, inte kontaktad, ikke kontaktet
        ikke kontaktet ennå, venter, väntar, ring tillbaka
        uusi, avoin, nový, nová, új, yeni, açık, nou, νέο, новый, новая, открыт, не обработан
        新規, 未対応, 未連絡, 未着手, 新, 新建, 新的, 待联系, 未联系, 待聯絡, 未聯絡, 待处理, 신규, 미연락, 대기
    """,
    # The customer still waits, and a person tried to reach them.
    Word.TRIED: """
        attempted contact, attempted to contact, attempted, tried, contact attempted, tried to contact, tried no answer
        tried to call, tried calling, no answer, no response, no reply, no pickup, left message, left a message
        voicemail, left voicemail, left a voicemail, not reached, could not reach
        nicht erreicht, keine antwort, kontaktversuch, nachricht hinterlassen, versucht, mailbox
        pas de réponse, sans réponse, message laissé, essayé, tentative de contact, pas joint
        sin respuesta, intento de contacto, intentado, no contesta, mensaje dejado
        nessuna risposta, non risponde, tentato, messaggio lasciato
        sem resposta, não atende, tentado, tentativa de contato, tentativa de contacto
        geen antwoord, geen reactie, geprobeerd, niet bereikt, brak odpowiedzi, próbowano, nie odbiera
        inget svar, intet svar, ikke svar, försökt, forsøgt, forsøkt, prøvd, ei vastausta, cevap yok
        нет ответа, не отвечает, 不在, 留守, 未接, 无人接听, 無人接聽, 부재중
    """,
    Word.CONTACTED: """
        contacted, connected, reached, answered, replied, responded, called, emailed, e-mailed, phoned, met, spoken to
        spoke, spoken, contact made, was contacted, has been contacted
        in contact, in touch, working, working - contacted, open - contacted, in progress, nurturing, nurture
        nurtured, engaged, in conversation, in discussion, bad timing, contacted with a follow-up, meeting scheduled
        contacted by phone, contacted by e-mail, contacted by mail, contacted lead
        meeting booked, demo scheduled, demo booked, proposal sent, quote sent, offer sent, already contacted
        kontaktiert, angerufen, telefoniert, angeschrieben, beantwortet, geantwortet, erreicht, gesprochen, in kontakt
        kontakt aufgenommen, in bearbeitung, in arbeit, bereits kontaktiert, termin vereinbart, angebot gesendet
        angebot verschickt
        contacté, contactée, appelé, appelée, joint, répondu, en contact, en cours, en discussion, rendez-vous pris
        contactado, contactada, llamado, respondido, contestado, en contacto, en curso, en progreso, en proceso
        contattato, contattata, chiamato, risposto, in contatto, in corso, in lavorazione, contatado, contatada
        respondida, em contato, em contacto, em andamento, em curso
        gecontacteerd, benaderd, gebeld, beantwoord, gesproken, in behandeling, skontaktowano, skontaktowany
        skontaktowano się, odpowiedziano, w kontakcie, w toku, w trakcie
        kontaktad, kontaktet, kontaktat, ringt, besvarad, besvaret, besvart, i kontakt, pågår, under behandling, i gang
        kontaktoitu, kontaktován, kontaktováno, iletişime geçildi, arandı, görüşüldü, связались, контакт установлен
        в работе, 連絡済み, 連絡済, 対応中, 対応済み, 対応済, 商談中, 已联系, 已聯絡, 已聯繫, 跟进中, 跟進中
        연락함, 연락완료, 진행중
    """,
    Word.QUALIFIED: """
        qualified, won, closed - won, closed won, deal won, converted, closed - converted, customer, opportunity, deal
        open deal, won deal, qualified lead, sql, sales qualified
        sales qualified lead, sold
        qualifiziert, gewonnen, abschluss, konvertiert, verkauft, kunde, verkaufschance
        qualifié, qualifiée, gagné, gagnée, converti, convertie, vendu, client, opportunité
        calificado, calificada, cualificado, cualificada, ganado, ganada, convertido, convertida, vendido, cliente
        oportunidad, qualificato, qualificata, vinto, vinta, convertito, venduto, opportunità
        qualificado, qualificada, ganho, ganha, oportunidade, gekwalificeerd, geconverteerd, verkocht, klant
        zakwalifikowany, zakwalifikowana, wygrany, wygrana, wygrane, sprzedane, klient
        kvalificerad, kvalificeret, kvalifisert, vunnen, vunnet, vundet, konverterad, konverteret, konvertert, såld
        kund, kvalifioitu, voitettu, kvalifikovaný, nitelikli, kazanıldı, квалифицирован, выигран, продано
        受注, 成約, 成交, 已成交, 赢单, 贏單, 合格, 적격, 수주
    """,
    Word.DISQUALIFIED: """
        disqualified, unqualified, not qualified, non-qualified, disqualified (not a fit), not a fit, no fit, bad fit
        not a good fit, lost, closed - lost, closed lost, closed - not converted, not converted, lost lead, deal lost
        lost deal, unqualified lead, invalid, duplicate
        declined, rejected, expired, canceled, cancelled
        not interested, no interest, no longer interested, uninterested, no budget, out of business
        disqualifiziert, unqualifiziert, nicht qualifiziert, verloren, ungültig, dublette, duplikat, abgelehnt
        kein interesse, nicht interessiert, storniert, unpassend, nicht passend, kein budget, abgesagt
        disqualifié, disqualifiée, non qualifié, non qualifiée, pas qualifié, perdu, perdue, refusé, rejeté, annulé
        doublon, invalide, pas intéressé, pas intéressée, non intéressé, non intéressée, plus intéressé, pas de budget
        descalificado, descalificada, no calificado, no calificada, no cualificado, perdido, perdida, rechazado
        cancelado, duplicado, no interesado, no interesada, no le interesa, sin interés, inválido
        squalificato, non qualificato, non qualificata, perso, persa, rifiutato, annullato, duplicato, non interessato
        non interessata, desqualificado, não qualificado, não qualificada, recusado, rejeitado, sem interesse
        não interessado, não interessada, gediskwalificeerd, niet gekwalificeerd, ongekwalificeerd
        afgewezen, geannuleerd, niet geïnteresseerd, geen interesse, dubbel
        zdyskwalifikowany, niezakwalifikowany, niekwalifikowany, przegrany, przegrana, utracony, odrzucony, anulowany
        niezainteresowany, brak zainteresowania
        diskvalificerad, diskvalificeret, diskvalifisert, ej kvalificerad, inte kvalificerad, ikke kvalificeret
        ikke kvalifisert, förlorad, tabt, tapt, avböjd, afvist, avvist, ej intresserad, inte intresserad
        ointresserad, ikke interesseret, ikke interessert
        hylätty, hävitty, ztraceno, elveszett, niteliksiz, kaybedildi, ilgilenmiyor, проигран, не интересно
        失注, 対象外, 输单, 輸單, 丢单, 不合格, 无效, 無效, 무관심, 실주, 부적격
    """,
    # Disqualified as well, and counted apart: nobody ever asked.
    Word.SPAM: """
        spam, spam lead, junk, junk lead, fake, fake lead, bogus, scam, bot, robot, rubbish, garbage
        müll, fälschung, gefälscht, unsinn, faux, fausse demande, indésirable, pourriel, arnaque
        basura, falso, falsa, correo basura, spazzatura, lixo, ongewenst, nep, śmieci, fałszywy, fałszywe
        skräp, søppel, skrald, falsk, roskaposti, sahte, спам, фейк
        スパム, 迷惑メール, 偽物, 垃圾, 垃圾邮件, 垃圾郵件, 虚假, 스팸
    """,
    # It covers every offer of the person. So only what can mean nothing else.
    Word.DO_NOT_CONTACT: """
        do not contact, don't contact, do not contact again, don't contact again, do not call, don't call, dnc, opt-out
        please do not contact, please do not call
        opted out, unsubscribe, unsubscribed, asked not to be contacted, must not be contacted
        does not want to be contacted
        nicht kontaktieren, bitte nicht kontaktieren, nicht mehr kontaktieren, kontaktverbot, kontaktsperre
        ne pas contacter, ne plus contacter, désinscrit, désabonné, no contactar, no volver a contactar
        non contattare, não contactar, não contatar, niet contacteren, niet benaderen, niet meer benaderen
        nie kontaktować, nie kontaktować się, kontakta ej, kontakta inte, får ej kontaktas, kontakt ikke
        må ikke kontaktes, älä ota yhteyttä, nekontaktovat, не связываться
        連絡不可, 連絡禁止, 連絡拒否, 请勿联系, 勿联系, 不要联系, 請勿聯絡, 勿聯絡, 연락 금지
    """,
}
"""Phrases of each meaning. They end with a comma or the line."""

_MAX_PHRASE_CHARACTERS = 60
_MIN_WORD, _LONG_WORD, _MOST_ERRORS = 5, 10, 2
"""A word of five letters may have one error, a word of ten two. A shorter one may have none."""
_EXACT_WORDS = frozenset("again ainda ancora encore keine later longer never nicht".split())  # noqa: SIM905 -- reads better
"""Longer words that say *not* or *later*. They are never guessed."""
_OTHER_WORDS = frozenset("contactando contatando contattando contract contracted enraged".split())  # noqa: SIM905 -- reads better
"""Words of their own, though they look like a typing error."""
_PREFIXES = ("un", "in", "dis", "de", "des", "non", "no", "not", "nie", "ne", "re", "pre", "mis", "on", "o", "u")
_UNSEEN = "Cf"
"""The Unicode category of zero-width characters."""
_HARMLESS = re.compile(r"[\s\-_.,;:/&()\[\]'\"`´‘’“”„«»✓✔✅☑\ufe0f]")
_TURNS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LATIN = re.compile("[a-z]+")
_SPELLED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})


def parse_status(text: str) -> Status | None:
    """Read a status: ``Do-not-contact``, ``contactd``, ``Closed - Lost``, ``Kontaktiert ✓``. A blank is *New* again.

    None for a word that is not known, and for one that may mean two statuses.
    """
    word = parse_word(text)
    return word.status if word else None


def parse_word(text: str) -> Word | None:
    """Read what a word in the status cell says: ``No answer`` is an attempt, and ``Junk`` is spam.

    None as for `parse_status`.
    """
    if not text.strip():
        return Word.NEW
    words = _split(text)
    if word := _BY_LETTERS.get("".join(words)):
        return word
    similar = _BY_INITIALS.get("".join(word[0] for word in words), [])
    misspelt = [known for word, known in similar if _is_misspelt(words, known, word)]
    if not misspelt:
        return None
    errors = min(_count_all_errors(words, known) for known in misspelt)
    meant = {word for word, known in _PHRASES if _count_all_errors(words, known) <= errors}
    if len(meant) == 1:
        return meant.pop()
    statuses = {word.status for word in meant}
    return Word(statuses.pop()) if len(statuses) == 1 else None  # Otherwise, another status is as near.


def _split(text: str) -> list[str]:
    """Return the words of *text* in small letters without accents. None of them if a sign may change their meaning.

    ``Do-Not-Contact!`` is ``do not contact``, and so is ``DoNotContact``. ``Contacted?`` is in doubt, so it has none.
    """
    if len(text) > _MAX_PHRASE_CHARACTERS:
        return []
    text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != _UNSEEN)
    text = re.sub(r"(?<=\w)['´`‘’](?=\w)", "", text.strip().rstrip("! "))
    text = unicodedata.normalize("NFD", _TURNS.sub(" ", text).casefold()).translate(_SPELLED)
    text = unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", text))
    words = _HARMLESS.sub(" ", text)
    return words.split() if re.fullmatch(r"[^\W\d]*", words.replace(" ", "")) else []


def _phrases() -> Iterator[tuple[Word, list[str]]]:
    for word, lines in WORDS.items():
        for phrase in re.split(r"[,\n]", lines):
            if words := _split(phrase):
                yield word, words


_PHRASES = tuple(_phrases())
_KNOWN_WORDS = frozenset(part for _, words in _PHRASES for part in words)
"""A known word is no typing error of another one."""
_BY_LETTERS = {"".join(words): word for word, words in _PHRASES}
_BY_INITIALS: defaultdict[str, list[tuple[Word, list[str]]]] = defaultdict(list)
for _word, _words in _PHRASES:
    _BY_INITIALS["".join(part[0] for part in _words)].append((_word, _words))


def _is_misspelt(words: list[str], known: list[str], meaning: Word) -> bool:
    """Whether *words* are *known* with typing errors in the longer words."""
    most_errors = 1 if meaning is Word.DO_NOT_CONTACT else _MOST_ERRORS
    return all(
        word == right or _is_misspelt_word(word, right, most_errors) for word, right in zip(words, known, strict=True)
    )


def _is_misspelt_word(word: str, known: str, most_errors: int) -> bool:
    """Whether *word* is *known* with a typing error in it.

    The first letter must be right, because *un-* stands there. So must the last: *kontaktieren* is no *kontaktiert*.
    A word with two errors must begin with three right letters, and end with two.
    """
    is_word = word in _KNOWN_WORDS or word in _OTHER_WORDS or known in _EXACT_WORDS
    if is_word or len(known) < _MIN_WORD or not (_LATIN.fullmatch(word) and _LATIN.fullmatch(known)):
        return False
    has_prefix = any(one == prefix + other for prefix in _PREFIXES for one, other in ((word, known), (known, word)))
    if has_prefix or (word[0], word[-1]) != (known[0], known[-1]):
        return False
    errors = _count_errors(word, known)
    may_have_two = len(known) >= _LONG_WORD and most_errors > 1 and (word[:3], word[-2:]) == (known[:3], known[-2:])
    return errors <= (_MOST_ERRORS if may_have_two else 1)


def _count_all_errors(words: list[str], known: list[str]) -> float:
    same_number = len(words) == len(known)
    return sum(map(_count_errors, words, known)) if same_number else inf


def _count_errors(one: str, other: str) -> int:
    """Return how many letters were left out, added, changed, or swapped with the next (Damerau and Levenshtein).

    More than a few are not counted to the end.
    """
    if abs(len(one) - len(other)) > _MOST_ERRORS:
        return _MOST_ERRORS + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > _MOST_ERRORS:
            break
    return max(row[-1], min(row))
