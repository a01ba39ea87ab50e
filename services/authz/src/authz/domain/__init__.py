"""The rules of access, in plain Python."""
