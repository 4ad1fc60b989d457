"""Training: crops, losses, both phases."""
