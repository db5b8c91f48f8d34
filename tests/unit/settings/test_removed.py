"""Keys and presets that earlier versions knew end in one sentence."""

import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.settings.removed import REMOVED, refuse_removed


def nested(name: str) -> dict:
    first, _, rest = name.replace("*", "plain").partition(".")
    return {first: nested(rest) if rest else None}


@pytest.mark.parametrize("name", REMOVED)
def test_each_removed_key_names_its_remedy(name):
    with pytest.raises(StudyError, match=r"was removed in 2\.0\.0; instead \w+"):
        refuse_removed(nested(name))


def test_a_preset_is_named_by_its_file(monkeypatch):
    monkeypatch.setitem(REMOVED, "removed.old", "name new.yaml")
    with pytest.raises(StudyError, match=r"^preset old\.yaml was removed in 2\.0\.0; instead name"):
        refuse_removed({"removed": {"old": None}})
