"""Listings, their revisions and icons."""
