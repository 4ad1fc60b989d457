"""The live session of an open model, and what it tells."""
