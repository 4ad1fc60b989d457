"""Rays through rooms: solids, what is met, its texture, its light, and what a camera makes of it."""
