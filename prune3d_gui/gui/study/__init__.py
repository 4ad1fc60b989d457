"""Studies in the window: the form, the list, the charts and tables of each."""
