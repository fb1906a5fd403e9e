"""The settings of an app that wants nothing but its storage."""

GOOD_SETTINGS = {
    "OWNERS": "sales@contoso.example",
    "MAIL_FROM": "leads@contoso.example",
    "MAIL_URL": "smtp://127.0.0.1:1025",
    "LINK_KEY": "0b6f7c1e94d25a83c7e1f04a9d3b6285",
}
