"""The one kind of error a person is shown: a sentence that says what to do."""


class EmbeddedError(Exception):
    """Something a person can act on; the text is the whole message."""
