"""Results of studies as charts and documents."""
