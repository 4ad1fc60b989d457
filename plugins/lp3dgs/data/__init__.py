"""A scene of our own: objects on a table, photographed by a ray tracer from all around."""
