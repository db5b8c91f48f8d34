"""The points of all methods, the choice among them, and what a budget buys."""
