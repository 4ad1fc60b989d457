"""Hands: what the mouse and the keys do to what is seen, one for each kind of view."""
