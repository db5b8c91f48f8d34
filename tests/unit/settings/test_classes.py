"""The setting `data.classes`, and the one place that decides the words for classes."""

import pandas as pd
import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.settings.data import DIGITS, TEN_DIGITS, Classes
from dvs_snn.settings.study_settings import read_study

SHAPES = ["circle", "square", "cross"]


def with_classes(classes: list, **data: object) -> dict:
    data = {"source": "folder", "folder": "mine", "classes": classes, **data}
    return {"study": "own", "data": data}


def test_the_default_is_the_ten_digits_and_others_keep_their_order():
    assert read_study({"study": "own"}).data.classes == DIGITS
    many = [*SHAPES, *(f"c{k}" for k in range(97))]
    assert read_study(with_classes(many)).data.classes == tuple(many)


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ([f"c{k}" for k in range(101)], "expected at most 100 items"),
        (["car", "car"], "is ['car', 'car'], expected no entry twice"),
        (["a", "../b"], "data.classes.1 is '../b', expected letters, digits"),
    ],
)
def test_mistakes_in_classes_are_told_in_one_sentence(classes, expected):
    with pytest.raises(StudyError) as error:
        read_study(with_classes(classes))
    assert str(error.value).startswith("config key data.classes")
    assert expected in str(error.value)


def test_words_are_of_digits_for_the_ten_digits_alone():
    assert (TEN_DIGITS.word, TEN_DIGITS.words, TEN_DIGITS.thing) == ("digit", "digits", "digit")
    for names in (SHAPES, DIGITS[:9], DIGITS[::-1]):
        classes = Classes(names)
        assert (classes.word, classes.words, classes.thing) == ("class", "classes", "object")
    text = "Digits of ten neurons: the digit shown, of all digits."
    assert TEN_DIGITS.worded(text) == text
    assert Classes(SHAPES).worded(text) == "Classes of neurons: the class shown, of all classes."


def test_classes_are_named_listed_and_put_in_order():
    classes = Classes(SHAPES)
    assert classes.listed([1]) == "the class square"
    assert classes.listed([0, 1, 2]) == "the classes circle, square and cross"
    assert TEN_DIGITS.listed([3, 6]) == "the digits 3 and 6"
    assert classes.in_order(["cross", "circle", "cross"]) == ["circle", "cross"]


@pytest.mark.parametrize("kind", ["float64", "Int64"])
def test_labels_become_names_and_a_missing_one_nothing(kind):
    named = Classes(["NA", "007"]).named(pd.Series([1, 0, None], dtype=kind))
    assert named.tolist() == ["007", "NA", ""]
