"""The variants of a study: each has the section of its method.

The section stands in the method's module, which the key `method` names. Nothing lists methods.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Annotated, Any, Protocol

from pydantic import PlainValidator, TypeAdapter

from dvs_snn.files.errors import StudyError
from dvs_snn.files.registry import load, names
from dvs_snn.settings.method_settings import Variant

METHODS = "dvs_snn.training.methods"
"""The package of the methods of training, which settings name."""

BESIDE_WEIGHTS = {"weights", "scales", "cnn_scales", "min_v_mem"}
"""What a variant with given weights may set: it isn't trained."""

STAND_INS: dict[str, object] = {"start": "start", "cnn_scales": (1.0,)}
"""Values for keys that a method may need although no training depends on them."""


class MethodModule(Protocol):
    """What the settings need of a method's module: the section of its settings."""

    SETTINGS: type[Variant]


def methods() -> list[str]:
    """Return the names of all methods as settings write them."""
    return [name.replace("_", "-") for name in names(METHODS)]


def section_of(method: str) -> type[Variant]:
    """Return the section of a method's settings; KeyError if there is no such method."""
    module: MethodModule = load(METHODS, method, MethodModule)
    return module.SETTINGS


def keys_of(section: type[Variant]) -> list[str]:
    """Return the keys that a section has."""
    return [field.name for field in fields(section)]


def check_keys(where: str, method: str, keys: Iterable[str]) -> None:
    """Raise StudyError if one of a variant's keys belongs to other methods alone.

    `where` is the place of the variant, such as "config key variants.lean".
    """
    known = keys_of(section_of(method))
    for key in keys:
        if key in known:
            continue
        others = [other for other in methods() if key in keys_of(section_of(other))]
        if others:
            *most, last = others
            who = f"{', '.join(most)} and {last} know" if most else f"{last} knows"
            raise StudyError(
                f"{where}.{key} is not known to method {method}; {who} it: leave it out, or change "
                "the method."
            )


def trained_by(variant: Variant) -> dict[str, object]:
    """Return what of a variant its training depends on; the start itself is a file."""
    settings = TypeAdapter(type(variant)).dump_python(variant, mode="json")
    return {key: settings[key] for key in settings if key not in ("start", *BESIDE_WEIGHTS)}


def variant_of(values: Variant | Mapping[str, Any]) -> Variant:
    """Return the section of the method that `values` name, made of them.

    What `trained_by` leaves out may be left out here.
    """
    if isinstance(values, Variant):
        return values
    section = section_of(values["method"])
    needed = TypeAdapter(section).json_schema()["required"]
    lacking = {key: value for key, value in STAND_INS.items() if key in needed}
    return TypeAdapter(section).validate_python({**lacking, **values})


TrainedVariant = Annotated[Variant, PlainValidator(variant_of)]
"""The settings of a training, of whatever method: a job gets them as `trained_by` returns them."""


def check_starts(variants: Mapping[str, Variant]) -> None:
    """Raise StudyError if a variant starts from none of the others, or starts lead in a circle."""
    for name, variant in variants.items():
        if variant.start is None:
            continue
        if variant.start == name or variant.start not in variants:
            starts = ", ".join(other for other in variants if other != name) or "another variant"
            raise StudyError(
                f"config key variants.{name}.start is {variant.start!r}, expected one of {starts}; "
                "name one, or add it."
            )
    for name in variants:
        chain = [name]
        while (start := variants[chain[-1]].start) is not None:
            if start in chain:
                circle = " from ".join([*chain[chain.index(start) :], start])
                raise StudyError(
                    f"config key variants.{name}.start leads in a circle ({circle}), expected a "
                    "chain that ends at a variant without start; change one of them."
                )
            chain.append(start)
