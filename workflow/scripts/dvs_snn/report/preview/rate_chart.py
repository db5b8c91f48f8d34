"""The chart of events per second over time."""

from matplotlib.figure import Figure

from dvs_snn.report import style
from dvs_snn.report.figures.recording.events import OFF_COLOUR, ON_COLOUR, PLAIN_COLOUR
from dvs_snn.report.preview.rates import Rate


@style.styled()
def plot(rate: Rate) -> Figure:
    """Events per second over time, ON and OFF apart where a recording tells polarity."""
    figure = style.new_figure(style.WIDTH_IN, 2.8)
    axis = figure.add_subplot()
    curves = [(rate.on, ON_COLOUR, "ON"), (rate.off, OFF_COLOUR, "OFF")]
    if not rate.has_polarity:
        curves = [(rate.on, PLAIN_COLOUR, "all events")]
    for values, colour, name in curves:
        axis.stairs(values / 1e3, rate.edges_s, color=colour, label=name, linewidth=1.4)
    axis.set_xlim(0, rate.edges_s[-1])
    axis.set(xlabel="time since the first event (s)", ylabel="thousand events per second")
    style.faint_grid(axis, "y")
    # Room above the highest rate, for the legend.
    axis.set_ylim(0, max(1.25 * axis.dataLim.ymax, 1e-3))
    axis.legend(loc="upper right", ncols=2)
    return figure
