"""Migrations of the submissions database."""
