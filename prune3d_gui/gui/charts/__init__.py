"""Live charts beside the viewport."""
