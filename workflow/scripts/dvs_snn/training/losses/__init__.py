"""Losses that training minimises, one module each; the setting `training.loss` names one."""
