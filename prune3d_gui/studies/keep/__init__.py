"""Keeping studies: what was asked and found, on disk."""
