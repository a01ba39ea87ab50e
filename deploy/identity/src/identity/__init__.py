"""A development identity provider: OpenID Connect with a sign-in page and a few ready people."""
