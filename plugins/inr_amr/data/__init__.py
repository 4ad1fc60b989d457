"""What fields are fitted to."""
