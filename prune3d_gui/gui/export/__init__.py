"""What the window writes."""
