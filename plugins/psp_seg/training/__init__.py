"""Training: losses, batches, the runs, and the progressive method."""
