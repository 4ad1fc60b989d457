"""How much each Gaussian matters, and the orders in which they go."""
