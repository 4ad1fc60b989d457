"""Pruning: what is zeroed, which channels go together, what is left, and what it costs."""
