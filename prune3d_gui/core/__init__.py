"""What everything speaks: units, knobs, plans, scenes, scores, frames and the contract."""
