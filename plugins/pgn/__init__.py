"""Point generation from one image: AtlasNet with a sphere template."""
