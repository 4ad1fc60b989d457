"""The viewport: panes, cameras, slices and picks."""
