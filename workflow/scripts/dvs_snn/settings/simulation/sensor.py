"""The parameters of a simulated sensor."""

from typing import Annotated

from pydantic import Field

from dvs_snn.settings import base
from dvs_snn.settings.base import key, section

DARK_SHARE = 20 / 255
"""Luminance below which v2e's response is linear, not logarithmic, as a share of white. The cutoff
of the low-pass grows with luminance plus this share, so a black pixel is slow, not dead."""


@section
class PixelModel:
    """The parameters of a sensor. 0 switches a part off, except the thresholds and the knee.

    Sources: Lichtsteiner et al. 2008 (thresholds, mismatch, refractory time), Hu et al. 2021, v2e
    (cutoff, leak, shot noise, knee).
    """

    threshold_on: base.Positive = key("contrast of an ON event", unit="ln intensity")
    threshold_off: base.Positive = key("contrast of an OFF event", unit="ln intensity")
    mismatch: base.Number = key(
        "standard deviation of the pixels' thresholds, a share of their mean; 0: off",
        0.0,
        ge=0,
        le=2,
    )
    cutoff_hz: base.Unsigned = key(
        "cutoff of the low-pass at white, which falls with intensity; 0: off", 0.0, "Hz"
    )
    refractory_us: base.Unsigned = key("time after an event in which a pixel is held", 0.0, "µs")
    leak_hz: base.Unsigned = key(
        "ON events per pixel and second without any light change", 0.0, "Hz"
    )
    shot_noise_hz: base.Unsigned = key(
        "noise events per pixel and second in the dark, both polarities", 0.0, "Hz"
    )
    hot_share: base.Share = key("share of hot pixels", 0.0)
    hot_hz: base.Unsigned = key("ON events per second of a hot pixel", 0.0, "Hz")
    knee: Annotated[base.Number, Field(gt=0, le=1)] = key(
        "luminance below which the response is linear, not logarithmic, a share of white",
        DARK_SHARE,
    )
    bus_us: base.Unsigned = key("time that the bus takes for one event", 0.0, "µs")
