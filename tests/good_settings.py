"""The settings of an app that wants nothing but its storage."""

GOOD_SETTINGS = {
    "OWNERS": "sales@contoso.example",
    "MAIL_FROM": "leads@contoso.example",
    "MAIL_URL": "smtp://127.0.0.1:1025",
    "LINK_KEY": "k" * 32,
}
