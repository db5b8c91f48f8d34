"""Networks: architectures, geometry, conversion, SynOps, devices."""
