"""Scenes into pyvista actors; no Qt here."""
