"""Adaptive meshes: the tree, rules of refinement, interpolants."""
