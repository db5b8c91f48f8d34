"""Keys, presets and results of earlier versions end in one sentence."""

import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.settings.mistakes import REMOVED, refuse_earlier_results, refuse_removed


def nested(name: str) -> dict:
    first, _, rest = name.replace("*", "plain").partition(".")
    return {first: nested(rest) if rest else None}


@pytest.mark.parametrize("name", REMOVED)
def test_each_removed_key_names_its_remedy(name):
    key, preset = name.replace("*", "plain"), name.removeprefix("removed.")
    what = f"config key {key}" if preset == name else f"preset {preset}.yaml"
    with pytest.raises(StudyError, match=rf"^{what} was removed in 2\.0\.0; instead \w+"):
        refuse_removed(nested(name))


def test_results_of_an_earlier_version_are_refused(tmp_path):
    record = tmp_path / "provenance.json"
    refuse_earlier_results(tmp_path)
    for passing in ('{"version": "2.0.0"}', '{"version": "10.1.0"}', "{", "[]"):
        record.write_text(passing)
        refuse_earlier_results(tmp_path)
    for early, version in (('{"version": "1.0.0"}', "version 1.0.0"), ("{}", "version 0")):
        record.write_text(early)
        with pytest.raises(StudyError) as refused:
            refuse_earlier_results(tmp_path)
        for words in (str(tmp_path), version, "move the folder away", "config key study"):
            assert words in str(refused.value)
