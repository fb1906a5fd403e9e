"""What people see: mails, the follow-up page, links. Pure: texts in, texts out."""
