"""What this machine has: doctor, display, libraries."""
