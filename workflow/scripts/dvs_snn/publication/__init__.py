"""A finished study as others find, check and cite it: an RO-Crate."""
