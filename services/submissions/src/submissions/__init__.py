"""Submissions, their lifecycle and the review desk."""
