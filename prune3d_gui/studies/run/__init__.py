"""How studies are run: the evaluator, its cache, and workers here and elsewhere."""
