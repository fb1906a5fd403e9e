"""Words before the ``@`` that name no person, in the languages of the customers. Written without marks and blanks."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DEAD = _words(
    """
    bounce bounces donotcontact donotemail donothave donotreply donotsend dontemail donthave dontreply fakeemail
    fakemail mailerdaemon neverreply noaddress noanswer noemail noemailaddress nomail nomailaddress none
    nonegiven noneprovided noreply noresponse nospam notapplicable notavailable notgiven nothanks notprovided
    notreply keineadresse keineangabe keineantwort keineemail keinemail nichtantworten nichtverfugbar noaplica
    noresponda noresponder notengo notengocorreo notiene sincorreo sinemail nepasrepondre nerepondezpas
    pasdadresse pasdemail pasdemel sansemail sansmail nonho nonrispondere senzaemail senzamail naoresponda
    naoresponder naotem naotenho sememail semmail geenemail geenmail nietbeantwoorden brakadresu brakemaila
    brakmaila nieodpowiadaj ingenepost ingenemail ingenmail svarainte
    donotcall dontcontact getlost goaway naotenhoemail someoneexample someonesomewhere unavailable
    """
)
"""Nobody reads these, at any domain."""

DEAD_STARTS = ("noreply", "donotreply", "noemail", "nepasrepondre", "noresponder")

MEANINGLESS = _words(
    """
    abc abcd address adress anon anonymous any anybody anyone asd asdf bar baz blah blank bogus company customer
    demo domain dummy email emailaddress empty example fake first firstname firstlast foo foobar guest hidden
    invalid janedoe johndoe junk last lastname lorem mail me missing mycompany mydomain myemail mymail myname na
    name nil no nobody noname non noone not nothing nowhere null ok pass password person placeholder private qwe
    random sample secret something spam temp test tester testing testmail testuser tmp trash
    undefined unknown unnamed user username void website whatever wrong xxx xyz you yourcompany yourdomain
    youremail yourmail yourname zzz anonym beispiel egal fehlt firma geheim irgendwas irgendwer kein keine
    keiner keins leer maxmustermann muster musterfirma mustermann nachname nein nichts niemand privat testen
    unbekannt vorname anonimo correo desconocido ejemplo empresa falso minombre nada nadie ninguna ninguno
    nombre prueba pruebas usuario vacio adresse anonyme aucun aucune entreprise essai exemple faux inconnu neant
    nom personne prenom rien utilisateur azienda esempio falsa nessuna nessuno niente nome prova sconosciuto
    utente vuoto desconhecido exemplo ninguem nenhum nenhuma teste testes vazio gebruiker geen leeg niets
    onbekend proef voorbeeld brak nieznany nikt przyklad testowy ingen okand exempel ukjent ukendt tuntematon
    esimerkki testi bilinmiyor deneme isimsiz ornek yok zadny neznamy priklad nincs ismeretlen pelda minta
    аноним нет неизвестно никто пример тест почта なし テスト 无 没有 測試 测试 없음 테스트
    bla confidential here nix niet nope somewhere tba tbd sdf
    """
)
"""Placeholders: a desk at a company's domain, and nobody at a free or made-up one."""

DESKS = _words(
    """
    abuse accounting accounts admin administration administrator advertising advisory assistance billing
    bookings booking bookkeeping business campaign campaigns careers cloud cloudadmin communications compliance
    concierge connect consulting contact contactus contracts controlling corporate customercare customerservice
    customersuccess customersupport dataprotection desk development devops digital dispatch dpo editor editorial
    education engineering enquiries enquiry estimating events everyone facilities feedback finance frontdesk
    general hello help helpdesk hiring hostmaster hotline human humanresources info information infrastructure
    infosec inquiries inquiry invest investors invoice invoices invoicing itadmin itdesk jobs lead leads legal
    licences licenses licensing logistics mailbox management market marketing marketplace media members
    membership microsoft netadmin network newsletter office officemanager online operations operator order
    orders partner partners partnership partnerships payable payables payments payroll postmaster pr presales
    press procurement product production products projects purchase purchasing quality quotes reception
    recruiting recruitment renewals reply requests reservations resources returns sales salesteam secretariat
    secretary security servicedesk service services shared shipping shop solutions staff store subscriptions
    success supplier suppliers supply support sysadmin system systems talent team tech technical technology
    tender tenders tickets trade training treasury vendor vendors warehouse web webadmin webmail webmaster
    welcome abrechnung anfrage anfragen angebot angebote auftrag bestellung bestellungen beratung beschaffung
    bewerbung buchhaltung buero buro datenschutz disposition edv einkauf empfang entwicklung fibu finanzen
    geschaftsfuhrung geschaeftsfuehrung hallo informationen karriere kanzlei kasse kontakt kundenbetreuung
    kundendienst kundenservice lager leitung lizenzen logistik mahnung marktplatz personal personalabteilung
    praxis presse produktion projekte rechnung rechnungen rechnungswesen redaktion sekretariat technik verkauf
    vertrieb versand vertrag verwaltung werbung werkstatt zentrale administracion almacen asesoria asistencia
    atencion atencioncliente atencionalcliente ayuda clientes comercial compras comunicacion consultas
    contabilidad contacto cotizaciones direccion facturacion facturas finanzas gerencia hola informacion
    informatica licitaciones logistica mercadeo mercadotecnia oficina pagos pedidos proveedores recepcion
    recursoshumanos reservas rrhh secretaria servicioalcliente servicios sistemas soporte tecnologia tesoreria
    tienda ventas accueil achat achats administratif bonjour boutique bureau clientele commande commandes
    communication compta comptabilite devis direction expedition facturation factures formation gestion
    informatique juridique magasin marches recrutement rh serviceclient technique ventes vente acquisti
    amministrazione assistenza commerciale commerciali contabilita contatti contatto direzione fatturazione
    fatture fornitori informazioni magazzino negozio ordini personale preventivi risorseumane segreteria servizi
    servizioclienti tecnico ufficio ufficioacquisti vendita vendite atendimento cobranca contabilidade contato
    contatos diretoria faturamento financeiro licitacao loja orcamento orcamentos sac suporte vendas aanvraag
    administratie afdeling bestellingen boekhouding directie facturen facturatie inkoop klanten klantenservice
    kantoor ondersteuning personeel receptie verkoop administracja biuro bok dostawy faktury handel handlowy
    kadry ksiegowosc obsluga obslugaklienta oferty sprzedaz zakup zakupy zamowienia bokforing ekonomi faktura
    forsaljning indkob indkop inkop innkjop kundeservice kundservice kundtjanst ordre post regnskap salg
    bogholderi kontor lonn myynti asiakaspalvelu hankinta ostot laskutus talous toimisto bilgi destek finans
    iletisim insankaynaklari muhasebe pazarlama satinalma satis siparis dotazy fakturace nakup objednavky obchod
    podpora prodej ucetni uctarna beszerzes ertekesites iroda penzugy szamlazas titkarsag ugyfelszolgalat
    achizitii birou comenzi contabilitate facturi vanzari nabava prodaja racunovodstvo kontakti zakupki sbyt
    prodazhi buhgalteria поддержка продажи закупки бухгалтерия снабжение инфо офис 销售 采购 客服 営業 購買
    総務 영업 구매
    ceo cfo cio ciso coo cto president founder founders owner director directeur direktor boss chairman vorstand
    geschaeftsleitung geschaftsleitung inhaber gerente amministratore root sysop superuser superadmin devs
    developer developers alert alerts alarm alarms monitoring notification notifications notify automation api
    apiuser app apps bot exchange sharepoint dynamics powerbi tenantadmin globaladmin sysadmins backoffice
    frontoffice abteilung data analytics research lab labs innovation innovations strategy sustainability social
    socialmedia community event privacy gdpr rgpd lgpd cert csirt secops alliance alliances channel channels
    reseller resellers distribution distributor partnerportal partnercenter buyer buyers buying question
    questions query queries suggestions complaints warranty contactme getintouch people school university
    library studio hotel transport planning planung konstruktion labor veranstaltung kommunikation vergabe
    vergabestelle ausschreibung reklamation retouren garantie fuhrpark spedition auftragsannahme
    rechnungseingang kreditoren debitoren creditors debtors bewerbungen innendienst aussendienst rechenzentrum
    apotheke rezeption beheer systeembeheer applicatiebeheer servicepunt klantcontact dienst recepcao financas
    tesouraria licencias contactez contacteznous hey uffici ufficiostampa informace obchodni sklep poczta
    urzad kancelaria
    """
)
"""Mailboxes that several people read, or that pass from one person to the next."""

SHORT_DESKS = _words("ap ar cs crm dev edi erp hi hr ict it itsm noc ops pmo po qa rd sap scm soc ti")
"""Desks only among themselves and qualifiers, because they may be initials: *it.smith* is a person."""

QUALIFIERS = _words(
    """
    africa all america americas apac apj asia asiapac asiapacific aus australia austria azure benelux brasil
    brazil canada central chile china client clients corp cust customer customers dach deutschland dept
    department east emea eu europe external france germany global gmbh group gruppe hq india int international
    internal italia italy japan kunden latam local main mena mexico middleeast national nordic nordics north our
    polska schweiz singapore south spain suisse switzerland team uk und us usa west world your the
    """
)

FREE_SITES = _words(
    """
    126 139 163 aim alice aol att bigpond bk bluewin bol btinternet centrum charter comcast cox daum email
    fastmail free freemail freenet gawab gmail gmx googlemail hanmail hey hotmail icloud inbox laposte libero
    list live mac mail me msn naver o2 onet online op orange outlook post proton protonmail pm qq rambler
    rediffmail rocketmail sbcglobal seznam sfr sina sky sohu telenet terra tiscali tonline tuta tutanota ukr uol
    verizon virgilio virgin wanadoo web wp yahoo yandex ya yeah ymail zoho
    """
)
"""Providers at which anybody may have an address, so that a placeholder there is everybody's."""
