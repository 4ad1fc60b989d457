"""What is measured: metrics, scores by part, thresholds."""
