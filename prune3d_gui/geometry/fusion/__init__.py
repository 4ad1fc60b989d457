"""Depth maps: fused into volumes and surfaces, and rendered of surfaces."""
