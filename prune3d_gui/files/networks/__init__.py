"""Networks in files: checkpoints of any kind, sparse files, what stands beside them."""
