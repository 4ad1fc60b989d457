"""Trained weights, samples and icons."""
