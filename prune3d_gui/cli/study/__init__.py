"""Commands of studies: sweep, sensitivity, budget, report, reproduce."""
