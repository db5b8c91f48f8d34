"""Tables that compare methods: budgets, the front, and how much cheaper than rescaling each is."""
