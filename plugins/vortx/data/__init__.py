"""Procedural rooms, walks through them, and the scenes that are written of both."""
