"""The table of a network's layers."""

from jobs import quiet

from dvs_snn.files.tables import read_table
from dvs_snn.networks.description import DescribeJob, describe


def test_the_table_of_the_tutorials_network(tmp_path):
    describe(DescribeJob("tutorial", 10, tmp_path / "network.csv"), quiet())
    table = read_table(tmp_path / "network.csv", "network")
    assert table["output_shape"].tolist() == ["8x62x62", "32x29x29", "16x12x12", "32", "10"]
    assert table["fanout_nominal"].tolist() == [72, 288, 144, 32, 10]
