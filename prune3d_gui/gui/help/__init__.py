"""Help: a short page for each panel, and what a click asks about."""
