"""Gaussian splats: LP-3DGS, a learned mask that finds how many of them a scene needs."""
