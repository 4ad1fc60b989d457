"""Training: fitting a scene to pictures, and learning which of its Gaussians it needs."""
