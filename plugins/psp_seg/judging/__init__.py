"""Judging orders and criteria over many patients: walks, ranks, charts."""
