"""Running a network on volumes: at once or in blocks, and what is kept of the results."""
