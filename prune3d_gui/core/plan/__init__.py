"""What is asked of a network: units, knobs, plans, axes, artifacts."""
