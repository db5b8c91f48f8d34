"""Losses that training can minimise, one module each; the setting `training.loss` names one."""
