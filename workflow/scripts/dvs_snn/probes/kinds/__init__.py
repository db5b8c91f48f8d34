"""The probes, one file each; what a probe is: :mod:`dvs_snn.probes.probe_modules`."""
