"""Scenes reconstructed: back-projection, levels, tiles."""
