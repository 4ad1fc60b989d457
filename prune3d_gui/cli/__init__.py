"""The same things without a window."""
