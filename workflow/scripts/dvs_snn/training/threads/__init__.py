"""How a training uses threads and memory: batches cut into shards, freed memory that stays."""
