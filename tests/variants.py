"""Variants of the toy that several folders of tests put beneath it."""

BLIND = """
Plugin.id = "blind"
ToyModel.reference = lambda self, *asked: None
def score(self, applied, sample, query, stage, full, *rest):
    if full is None:
        return None
    worst = np.abs(stage.scene.main.values - full.main.values).max()
    return Scores({"l2": float(worst), "peak": float("nan")}, against="full")
ToyModel.score = score
"""
# Own rates are percents of a band, and the high band costs next to nothing.
RATED = """
Plugin.id = "rated"
COSTS = {"low": 1000, "mid": 100000, "high": 10}
ToyModel.units = tuple(replace(u, macs=u.count * COSTS[u.id]) for u in ToyModel.units)
plain_apply = ToyModel.apply
def limit(self, band, rate):
    weights = np.sort(self.weights[self.bands == band])
    count = round(rate / 100 * len(weights))
    return 2.0 if count == len(weights) else float(weights[count])
def apply(self, plan, *rest):
    own = tuple((band, limit(self, band, rate)) for band, rate in plan.rates)
    return replace(plain_apply(self, replace(plan, rates=own), *rest), plan=plan)
ToyModel.apply = apply
"""
