"""Pictures of Gaussians: projected, sorted, blended, and differentiated."""
