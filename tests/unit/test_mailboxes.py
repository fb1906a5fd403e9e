"""Whose mailbox an address is: a person's, a desk's or nobody's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.mailboxes import Mailbox, judge_mailbox

NOBODYS = """
    none@none.com test@test.com a@a.com no@email.com noemail@x.example donotreply@contoso.com
    no-reply@contoso.com asdf@asdf.com xxx@xxx.xxx email@example.com na@na.com test@gmail.com qwerty@gmail.com
    123456@qq.com asdasd@asd.com sdfg@sdfg.com aaa@bbb.com unknown@unknown.org nobody@nowhere.com
    user@domain.com john.doe@example.com test.test@test.de test123@test.com null@null.com ninguno@ninguno.es
    test@test.ac.uk test@test.edu.au test@test.gob.mx test@test.net.au test@test.or.jp test@test.org.uk
    test@test.co.uk test@test.com.br test@test.gov.in
    keine@keine.de sinemail@hotmail.com me@gmail.com no.email@contoso.com noreply-sales@contoso.com a@gmail.com
    aucun@aucun.fr nessuno@nessuno.it brak@brak.pl aa@aa.com sdfsdf@sdf.com lkj@lkjlkj.com someone@example.com
    me@somewhere.com me@here.com john@doe.com no@thanks.com go@away.com dont@contact.me no@where.com
    sin@correo.com nao@tem.com unavailable@contoso.com
"""
DESKS = """
    info@contoso.com ventas@x.example einkauf@x.example it-support@x.example sales.emea@x.example
    info-de@x.example it.support@x.example team-azure@x.example emea-sales@x.example contoso-support@contoso.com
    salesemea@x.example itsupport@x.example kundenservice@x.example buero@x.example büro@x.example hr@x.example
    compras@x.example achats@x.example informatique@x.example beschaffung@x.example buchhaltung@x.example
    vendite@x.example inkoop@x.example zakupy@x.example accounts-payable@x.example atencion.al.cliente@x.example
    it_einkauf@x.example info123@x.example sales-us-east@x.example test@contoso.com contoso@contoso.com
    lynn@lynn.com a@b.com
    ceo@x.example founders@x.example root@x.example developers@x.example notifications@x.example
    back-office@x.example ti@x.example it-abteilung@x.example service-api@x.example
    cloud.alerts@x.example buyers.eu@x.example
    satinalma@x.example rrhh@x.example 销售@x.example
"""
PEOPLES = """
    ada@northwind.example a@northwind.example it.smith@contoso.com hr.mueller@contoso.com anna.sales@contoso.com
    jp@contoso.com o'brien@contoso.com j.support.smith@contoso.com john@example.com 93847561@qq.com me@smith.com
    jane.test@contoso.com ana.info@contoso.com bob@gmail.com nina@outlook.com maria.garcia@yahoo.es
    tester.smith@contoso.com nana@gmail.com nono@outlook.com nana.mensah@contoso.com dean@contoso.com
    ola@contoso.com robin@hood.com ti.nguyen@contoso.com
"""


@pytest.mark.parametrize("email", NOBODYS.split())
def test_a_made_up_address_is_nobodys(email: str) -> None:
    assert judge_mailbox(email) is Mailbox.NOBODY


@pytest.mark.parametrize("email", DESKS.split())
def test_a_mailbox_that_several_people_read_is_a_desks(email: str) -> None:
    assert judge_mailbox(email) is Mailbox.DESK


@pytest.mark.parametrize("email", PEOPLES.split())
def test_a_mailbox_with_a_name_is_a_persons(email: str) -> None:
    assert judge_mailbox(email) is Mailbox.PERSON


FIRST_NAMES = "ada ana anna bob erika ines jose john lee maria max nils noah olga pia tom wei yuki"
LAST_NAMES = "becker brown costa garcia ito kim lovelace meyer novak o'brien rossi silva smith tanaka"


@given(
    st.sampled_from(FIRST_NAMES.split()),
    st.sampled_from(LAST_NAMES.split()),
    st.sampled_from([".", "-", "_", ""]),
    st.sampled_from(["northwind.example", "gmail.com"]),
)
def test_first_and_last_names_are_a_person(first: str, last: str, between: str, domain: str) -> None:
    assert judge_mailbox(f"{first}{between}{last}@{domain}") is Mailbox.PERSON


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_address_is_judged(local: str, domain: str) -> None:
    assert judge_mailbox(f"{local}@{domain}.example") in Mailbox
