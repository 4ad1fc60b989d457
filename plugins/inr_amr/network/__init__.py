"""The field's network, its domain, neurons and knobs."""
