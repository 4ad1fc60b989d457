"""Scenes of 3D Gaussians: LP-3DGS, splats that learn how many of them they need."""
