"""A development SMTP server that keeps every e-mail in a folder and shows it on a page."""
