"""Walks through rooms with a camera in the hand, and what it records."""
