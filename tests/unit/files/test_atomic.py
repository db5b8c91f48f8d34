"""Files appear whole or not at all."""

import os
import stat

import pytest

from dvs_snn.files.atomic import replacing, scratch_folder


def test_the_file_appears_only_when_the_block_ends(tmp_path):
    path = tmp_path / "new" / "table.csv"
    with replacing(path) as temporary:
        # Writers go by the suffix.
        assert (temporary.parent, temporary.suffix) == (path.parent, ".csv")
        temporary.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("before", [None, "old"])
def test_a_failure_leaves_what_was_there(tmp_path, before):
    path = tmp_path / "table.csv"
    if before:
        path.write_text(before)
    with pytest.raises(KeyboardInterrupt), replacing(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert [p.name for p in tmp_path.iterdir()] == (["table.csv"] if before else [])
    assert not before or path.read_text() == before


def test_results_may_be_read_as_any_other_file(tmp_path):
    (tmp_path / "plain").write_text("")
    with replacing(tmp_path / "ours") as temporary:
        temporary.write_text("")
    modes = [stat.S_IMODE(os.stat(tmp_path / name).st_mode) for name in ("plain", "ours")]
    assert modes[0] == modes[1]


def test_scratch_is_gone_afterwards_and_so_is_what_killed_runs_left(tmp_path):
    path = tmp_path / "table.csv"
    (tmp_path / ".part-table.csv").write_text("half a table that is longer")
    left = tmp_path / ".part-table.csv.scratch"
    left.mkdir()
    (left / "frame.png").write_text("half")
    with scratch_folder(path) as folder:
        assert list(folder.iterdir()) == []
        (folder / "frame.png").write_text("whole")
    with replacing(path) as temporary:
        temporary.write_text("whole")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "whole"
