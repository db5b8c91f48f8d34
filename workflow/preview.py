"""Says what replaced this command."""

raise SystemExit(
    "Error: workflow/preview.py was removed in 2.0.0; instead run workflow/check.py, which writes "
    "the page too."
)
