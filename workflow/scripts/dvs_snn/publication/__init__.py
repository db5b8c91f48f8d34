"""A finished study as others find, check and cite it: RO-Crate, Croissant, model cards."""
