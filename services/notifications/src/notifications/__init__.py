"""Tells people what happens to their servers: e-mail, webhooks, activity."""
