"""What lies over a view, or stands at its edge."""
