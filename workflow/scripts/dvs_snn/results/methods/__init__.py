"""The methods beside each other: budgets, the front, and how much cheaper each is than rescaling."""
