"""What lies over a view."""
