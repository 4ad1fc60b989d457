"""The network: its layers, files, units and template."""
