"""Claims that follow from points and energies: budgets, equal accuracy, verdict, comparison."""
