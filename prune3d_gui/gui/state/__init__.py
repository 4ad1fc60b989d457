"""What the window knows: the controller, what was visited, settings, undo."""
