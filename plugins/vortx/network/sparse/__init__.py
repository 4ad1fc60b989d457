"""Sparse convolutions: gather, multiply, scatter, on maps that are made once."""
