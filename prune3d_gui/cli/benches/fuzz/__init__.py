"""Damaged files, and what comes of opening them."""
