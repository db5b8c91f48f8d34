"""The figures, one module each; `report/drawing.py` says what a module holds."""
