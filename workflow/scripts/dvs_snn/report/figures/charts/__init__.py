"""Charts that the page draws alive: each module makes one Vega-Lite specification."""
