"""Systems, one folder each."""
