"""What the columns of a file are called, in several languages, and what each is taken for.

How Partner Center names the columns of its CSV is documented nowhere that we found. So every usual name is read, and
the person sees what each column was taken for. Letter case, accents, blanks and signs do not count.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from lead_core.marketplace import members
from lead_core.marketplace.members import PERSON_FIELDS


class Field(StrEnum):
    """What a column may say. Those of a lead have the names that the marketplace posts."""

    FIRST_NAME = "FirstName"
    LAST_NAME = "LastName"
    FULL_NAME = "FullName"
    EMAIL = "Email"
    PHONE = "Phone"
    COUNTRY = "Country"
    COMPANY = "Company"
    TITLE = "Title"
    CUSTOMER_INFO = "CustomerInfo"
    OFFER = "Offer"
    OFFER_TITLE = "OfferTitle"
    OFFER_ID = "OfferId"
    PUBLISHER_ID = "PublisherId"
    PRODUCT_ID = "ProductId"
    LEAD_SOURCE = "LeadSource"
    ACTION_CODE = "ActionCode"
    DESCRIPTION = "Description"
    STATUS = "Status"
    CREATED = "Created"
    STORED = "Timestamp"
    """When a row was last written. It counts if nothing says when the lead was created."""


PERSON: Final = (
    Field.FIRST_NAME, Field.LAST_NAME, Field.FULL_NAME, Field.EMAIL, Field.PHONE, Field.COUNTRY, Field.COMPANY,
    Field.TITLE,
)  # fmt: skip
SAYS_WHO: Final = frozenset(
    {Field.FIRST_NAME, Field.LAST_NAME, Field.FULL_NAME, Field.EMAIL, Field.PHONE, Field.CUSTOMER_INFO}
)

_OTHERS: Final[Mapping[Field, str]] = {
    Field.FIRST_NAME: """
        customer first name, lead first name, vorname, prénom, nombre, nome di battesimo, primeiro nome, voornaam, imię,
        förnamn, fornavn, fornavn, 名, 名字
    """,
    Field.LAST_NAME: """
        customer last name, lead last name, nachname, familienname, nom de famille, apellido, apellidos, cognome,
        sobrenome, apelido, achternaam, nazwisko, efternamn, etternavn, efternavn, 姓, 姓氏
    """,
    Field.FULL_NAME: """
        contact full name, contact person, customer contact, customer contact name, lead name, ansprechpartner,
        kontaktname, nom complet, nom du contact, nombre completo, nombre del contacto, nome completo, nome contatto,
        volledige naam, contactpersoon, imię i nazwisko, 氏名, 姓名, 联系人
    """,
    Field.EMAIL: """
        e-mail id, email id, mail address, contact email address, customer email address, lead email, e-mail-adresse,
        mailadresse, adresse e-mail, adresse mail, courriel, adresse de messagerie, correo, correo electrónico,
        dirección de correo electrónico, posta elettronica, indirizzo e-mail, endereço de e-mail, correio eletrónico,
        correio eletrônico, e-mailadres, adres e-mail, e-postadress, e-post, メール, メールアドレス, 电子邮件, 邮箱
    """,
    Field.PHONE: """
        phone no, contact phone number, customer phone number, lead phone, telefon, telefonnummer, handy, mobil,
        mobiltelefon, rufnummer, téléphone, numéro de téléphone, mobile phone number, portable, teléfono,
        número de teléfono, móvil, telefono, numero di telefono, cellulare, telefone, celular, telemóvel, telefoon,
        telefoonnummer, numer telefonu, 電話, 電話番号, 电话, 手机
    """,
    Field.COUNTRY: """
        customer country, country / region, country or region name, land, land/region, pays, pays/région, país,
        país o región, paese, nazione, kraj, 国, 国/地域, 国家, 国家/地区
    """,
    Field.COMPANY: """
        customer, customer name, customer company, company or account, account name, account, lead company, firma,
        unternehmen, firmenname, kunde, société, entreprise, empresa, compañía, azienda, società, bedrijf,
        bedrijfsnaam, företag, firmanavn, 会社, 会社名, 公司, 公司名称
    """,
    Field.TITLE: """
        position, role, customer title, stelle, funktion, fonction, poste, cargo, puesto, ruolo, functie, stanowisko,
        役職, 职位
    """,
    Field.OFFER: """
        offer, product, solution, listing, marketplace offer, angebot, produkt, lösung, offre, produit, oferta,
        producto, offerta, prodotto, produto, aanbieding, 製品, オファー, 产品
    """,
    Field.OFFER_TITLE: """
        product name, product title, product display name, solution name, listing name, listing title, asset name,
        angebotsname, produktname, nom de l'offre, nom du produit, nombre de la oferta, nombre del producto,
        nome dell'offerta, nome do produto
    """,
    Field.LEAD_SOURCE: "source, source of lead, origin, lead origin, channel, quelle, herkunft, origine, origen, bron",
    Field.ACTION_CODE: "action, customer action, lead action, lead action code, aktion, acción, azione, ação, actie",
    Field.DESCRIPTION: """
        note, customer note, customer notes, customer comments, customer message, details, lead description,
        beschreibung, nachricht, bemerkung, anmerkung, message du client, descripción, mensaje, descrizione,
        messaggio, descrição, mensagem, omschrijving, bericht, 説明, 备注
    """,
    Field.STATUS: """
        imported as, lead status, status of lead, stage, lead stage, statut, estado, stato, stav, 状態, ステータス, 状态
    """,
    Field.CREATED: """
        created time, created, created on, created at, created date, creation date, creation time, date created,
        time created, created date time, created (utc), created date (utc), created time (utc), created on (utc),
        lead date, lead created date, lead created on, lead created time, lead creation date, received, received at,
        received on, received date, date received, submitted, submitted at, submitted on, submitted date,
        submission date, first seen at, date, date time, datum, erstellt, erstellt am, erstellungsdatum, angelegt am,
        eingegangen am, eingangsdatum, empfangen am, date de création, créé le, fecha, fecha de creación, creado,
        creado el, data, data di creazione, creato il, data de criação, criado em, aanmaakdatum, gemaakt op,
        aangemaakt op, data utworzenia, skapad, oprettet, opprettet, 作成日, 作成日時, 日付, 受信日時,
        创建时间, 创建日期
    """,
    Field.STORED: "timestamp, last seen at, modified, modified on, modified time, last modified, last updated",
}
"""More names, divided by commas. ``customer`` is a company there, because a person has columns of their own."""


def _fold(name: str) -> str:
    marked = unicodedata.normalize("NFD", members.fold_name(name))
    return re.sub("[\u0300-\u036f]", "", marked)


def _list_names() -> Iterable[tuple[str, Field]]:
    for field in PERSON_FIELDS:
        yield from ((name, Field[field.upper()]) for name in PERSON_FIELDS[field])
    yield from ((name, Field.FULL_NAME) for name in members.FULL_NAMES)
    named = {
        Field.OFFER_TITLE: members.OFFER_TITLE,
        Field.OFFER_ID: members.OFFER_ID,
        Field.PUBLISHER_ID: members.PUBLISHER_ID,
        Field.PRODUCT_ID: members.PRODUCT_ID,
        Field.LEAD_SOURCE: members.LEAD_SOURCE,
        Field.ACTION_CODE: members.ACTION_CODE,
        Field.DESCRIPTION: members.DESCRIPTION,
        Field.CUSTOMER_INFO: ("userdetails", "customerinfo"),
        Field.STATUS: ("status",),
    }
    yield from ((name, field) for field, names in named.items() for name in names)
    yield from ((name, field) for field, names in _OTHERS.items() for name in names.split(","))


_BY_NAME: Final = {_fold(name): field for name, field in reversed([*_list_names()])}


def find_field(name: str) -> Field | None:
    """Return what a column of that name is taken for: ``First Name``, ``E-Mail-Adresse``. None if it is not known."""
    return None if _is_type(name) else _BY_NAME.get(_fold(name))


def count_known(columns: Iterable[str]) -> int:
    """Return how many of the names are known."""
    return sum(find_field(name) is not None for name in columns)


def list_ignored(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that say nothing of a lead. Those of Azure's tables that say a type are no columns."""
    return tuple(name for name in columns if name and find_field(name) is None and not _is_type(name))


def _is_type(name: str) -> bool:
    return name.endswith(("@type", "@odata.type"))
