"""The sections of the report page, one module each: what the template shows of each."""
