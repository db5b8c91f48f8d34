"""The engines, one module or folder each; `engines/engine.py` says what an engine has."""
