"""The one exception that a user's mistake raises."""


class StudyError(Exception):
    """A mistake in the user's files or settings, told in one sentence.

    The message names the file, key or line, what was found, what was expected and what to do.
    Scripts print it without a stack trace (see :mod:`dvs_snn.job`).
    """
