"""Gaussian splats in files: one module for each format."""
