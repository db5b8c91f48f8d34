"""A card tells of a network what the study's tables tell."""

import pytest
from finished_study import make_study

from dvs_snn.publication.cards import write_cards


@pytest.fixture(scope="module")
def cards(tmp_path_factory) -> dict[str, str]:
    root = make_study(tmp_path_factory.mktemp("cards") / "made-up")
    networks = {(name, 1): root / f"cards/{name}/seed-1.md" for name in ("plain", "mine")}
    tables = {name: root / f"tables/{name}.csv" for name in ("evaluation", "training", "network")}
    write_cards(networks, root / "config.used.yaml", "1.2.3", tables)
    return {name: path.read_text(encoding="utf-8") for (name, _), path in networks.items()}


def test_a_card_tells_the_chosen_points_alone(cards):
    rows = [line.split(" | ") for line in cards["plain"].splitlines() if line.startswith("| `")]
    # Of the made-up scales 1 and 2 validation chose 2 in each of three sets.
    assert [row[0] for row in rows] == ["| `extra`", "| `test`", "| `validation`"]
    assert {row[2] for row in rows} == {"2.00"}
    # By the made-up table: 0.4 + 0.2 + 0.05, of which 0.15 less and 0.1 more are the interval.
    assert {row[3] for row in rows} == {"65.0 (50.0 to 75.0)"}
    assert {row[5] for row in rows} == {"3,010,000"}


def test_a_card_tells_the_training_the_size_and_the_version(cards):
    words = " ".join(cards["plain"].split())
    assert "trained for 2 epochs" in words
    assert "71.2 % of the validation frames" in words
    assert "1,072 weights, 277,768 multiply-accumulates" in words
    assert "version 1.2.3" in words
    assert "starts from random weights" in words


def test_given_weights_were_not_trained(cards):
    words = " ".join(cards["mine"].split())
    assert "its weights were given" in words
    assert "the study didn't train it" in words
