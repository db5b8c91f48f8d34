"""One page on recordings before anything runs: what the check tells, and what a network sees."""
