"""Searches for a plan: the budget, the uniform one beside it, trials and the verdict."""
