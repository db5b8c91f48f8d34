"""What a job hands to the functions that it calls."""

import io

from dvs_snn.files.job import Progress


def quiet() -> Progress:
    """Return the progress of a job that no one watches."""
    return Progress(io.StringIO())
