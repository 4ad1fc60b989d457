"""How neural fields stand in files: their layers, what is said of them, and where they live."""
