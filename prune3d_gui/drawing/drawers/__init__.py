"""How each type of layer is drawn: its actors, and the marks on it."""
