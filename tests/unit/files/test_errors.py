"""What a library says of damaged bytes, fit for one sentence."""

from dvs_snn.files.errors import reason_of


def test_what_damaged_bytes_make_a_library_say_is_fit_for_a_line():
    assert reason_of(ValueError("a\n\x1b[31mb\u2028 \udcff")) == "a ?[31mb ?"
    assert reason_of(KeyError()) == "KeyError"
    assert reason_of(OSError(28, "No space left on device")) == "No space left on device"
    assert len(reason_of(ValueError("x" * 10**6))) == 200
