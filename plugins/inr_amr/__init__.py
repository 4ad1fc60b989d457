"""Neural fields pruned by interpolative decomposition and meshed where they are complex."""
