"""What people call countries besides the names that ISO and Unicode list."""

OTHER_CODES = {"UK": "GB", "EL": "GR", "XK": "XK", "XKX": "XK"}
"""Codes in wide use that ISO gave to no country. ``XK`` is Kosovo, in the rules of `OWNERS` as well."""

AMBIGUOUS_NAMES = (
    "Congo | Kongo | Конго | Kongó | Κονγκό | كونغو | קונגו | 刚果 | 剛果 | コンゴ | 콩고 "
    "| Virgin Islands | Saint Martin"
)
"""Names that two countries share. *Korea*, *Guinea* and *Georgia* are not among them: there, one country is meant."""

OTHER_NAMES = {
    "AE": "UAE | Emirates | VAE | EAU | Émirats | Emiratos | Emirati Arabi | BAE | ZEA | Эмираты | الإمارات "
    "| الإمارات العربية | دولة الإمارات | دولة الإمارات العربية المتحدة",
    "AG": "Antigua",
    "AT": "Oesterreich",
    "BA": "Bosnien | Bosnie",
    "BD": "Bangla Desh",
    "BF": "Burkina",
    "BY": "Belorus | White Russia | Belorussia | Byelorussia | Белоруссия",
    "CD": "DRC | D.R. Congo | RDC | Zaire | ДРК",
    "CF": "C.A.R. | RCA",
    "CH": "Helvetia | Confoederatio Helvetica",
    "CI": "Cote Divoire",
    "CN": "PRC | P.R. China | Mainland China | Zhongguo | VR China | 中国大陆 | 中國大陸 | КНР",  # noqa: RUF001 -- Russian
    "CZ": "Czech | ČR",
    "DE": "BR Deutschland | BRD | FRG | Bundesrepublik | RFA | ФРГ",
    "DO": "Rep. Dominicana",
    "FK": "Falklands | Malvinas",
    "FO": "Faroes",
    "GB": "U.K. | G.B. | R.U. | Great Britain | Britain | England | Scotland | Wales | Northern Ireland "
    "| England and Wales | United Kingdom of Great Britain | Großbritannien | Schottland | Nordirland "
    "| Grande-Bretagne | Angleterre | Écosse | Pays de Galles | Irlande du Nord | Gran Bretaña | Inglaterra | Escocia "
    "| Irlanda del Norte | Gran Bretagna | Inghilterra | Scozia | Grã-Bretanha | Groot-Brittannië | Engeland "
    "| Schotland | Anglia | İngiltere | İskoçya "
    "| Büyük Britanya | Англия | Шотландия | Αγγλία | Μεγάλη Βρετανία | بريطانيا | إنجلترا | 英格兰 | 英格蘭 "
    "| 苏格兰 | 大不列颠 | イングランド | 잉글랜드",
    "GR": "Ellada | Ελλάς",
    "HK": "HKSAR | H.K. | Hong Kong, China",
    "IE": "Republic of Ireland | Irish Republic | Southern Ireland",
    "IN": "Hindustan | भारत गणराज्य",
    "IR": "Persia",
    "JP": "日本国 | Nippon",
    "KG": "Kirghizia | Kirgizia",
    "KH": "Kampuchea",
    "KN": "St Kitts",
    "KP": "DPRK | DPR Korea",
    "KR": "Korea | ROK | Korea ROK | Corée | Corea | Coreia | Корея | كوريا | 남한 | 韓國",
    "LA": "Lao PDR | LPDR",
    "LK": "Ceylon",
    "MK": "Macedonia | FYROM | FYR Macedonia | Republic of Macedonia | The former Yugoslav Republic of Macedonia "
    "| Mazedonien | Macédoine | Makedonien | Македония",
    "MM": "Burma | Бирма",
    "MO": "Macau SAR",
    "MX": "Méjico",
    "NL": "Holland | Hollande | Голландия | The Netherland",
    "NZ": "N.Z.",
    "PG": "P.N.G.",
    "PS": "Palestinian Territory | Palestinian Authority | West Bank | Gaza",
    "RU": "Russian Fed. | РФ",
    "SA": "KSA | المملكة السعودية",
    "ST": "Sao Tome",
    "TH": "Siam",
    "TT": "Trinidad",
    "TW": "R.O.C. | Taiwan ROC | Republic of China | Chinese Taipei | 中华民国",
    "US": "U.S. | U.S.A. | United State | The States | America | Amerika | EE.UU. | Америка | أمريكا "
    "| الولايات المتحدة الأمريكية",
    "VA": "Holy See",
    "VC": "St Vincent",
    "VG": "BVI",
    "VI": "USVI",
    "XK": "Kosovo | Republic of Kosovo | Kosova | Kosovë | Republika e Kosovës | Republik Kosovo | Косово | Κόσοβο "
    "| Kosowo | Koszovó | Kosova Cumhuriyeti | كوسوفو | קוסובו | 科索沃 | コソボ | 코소보",
    "ZA": "RSA | ЮАР",
}
"""Abbreviations, former names and everyday names by code, divided by ``|``. `normalise` reads other spellings."""
