"""The engines, one module or folder each; `engines/spiking.py` says what an engine has."""
