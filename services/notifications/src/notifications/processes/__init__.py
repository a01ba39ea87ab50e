"""What goes out: mails and webhook messages."""
