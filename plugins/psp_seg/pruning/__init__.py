"""Pruning: importance of branches by several criteria, orders, and what a plan takes away."""
