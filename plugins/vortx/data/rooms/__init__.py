"""Furnished rooms: shell, furniture, materials, and where everything stands."""
