"""Fitting a field."""
