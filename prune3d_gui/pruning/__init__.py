"""How things are pruned."""
