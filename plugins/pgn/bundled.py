"""The network that comes with the program."""

WEIGHTS = "weights/pgn_sphere.safetensors"
"""Its file, in the resources of the program."""
