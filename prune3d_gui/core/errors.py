"""The one family of errors a person can meet."""

from __future__ import annotations


class Prune3DError(Exception):
    """Something a person can act on.

    The message is one sentence that quotes what was given and says what to do
    next; it is shown as it stands, in the window and on the command line.
    """


class BadInput(Prune3DError):
    """A value, a name or a file that was given cannot be used."""


class Cancelled(Prune3DError):
    """Work was stopped on request; nothing went wrong."""
