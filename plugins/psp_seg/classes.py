"""The classes that the procedural patients have."""

CLASSES = ("background", "liver", "liver tumour", "kidney", "kidney tumour")
"""Names of the numbers in a label map; also taken where a file with five classes names none."""
