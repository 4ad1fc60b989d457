"""Rays through rooms: solids, what rays meet, its texture, and the light on it."""
