"""Prune3D: drag a pruning slider and watch a 3D reconstruction degrade."""

__version__ = "0.1.0"
