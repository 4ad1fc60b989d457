"""Posed photographs of a room: read from folders, with what their files leave open measured."""
