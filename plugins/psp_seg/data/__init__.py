"""Patients: procedural ones, and where they lie on disk."""
