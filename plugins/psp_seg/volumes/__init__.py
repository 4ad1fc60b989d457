"""Results of volumes: what is kept of them, and volumes that are longer than a block."""
