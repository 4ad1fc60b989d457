"""What the window opens: files, models, what was open last."""
