"""Commands that measure: bench and fuzz."""
