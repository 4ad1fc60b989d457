"""Cameras and photographs in files: COLMAP, ``transforms.json``, ``cameras.json``."""
