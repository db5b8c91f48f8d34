"""One page on recordings before anything runs: what they hold, and what a network sees of them."""
