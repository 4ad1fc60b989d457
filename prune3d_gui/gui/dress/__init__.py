"""How the window looks and speaks: theme, icons, numbers, notices, small widgets."""
