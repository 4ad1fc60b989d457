"""Panels beside the viewport: knobs, units, numbers, samples."""
