"""Formats of values on a regular grid, one module each, and what they share."""
