"""How the network is pruned: knobs, channels, the trail of steps."""
