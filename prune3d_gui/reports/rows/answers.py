"""The answer of a search in a few sentences: what was found, how much more, at what error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.score.scores import Metric
from ...studies.ask.answers import RowFound
from .values import shown, value_of


@dataclass(frozen=True, eq=False)
class Found:
    """What a search ended with.

    Parameters
    ----------
    best, uniform : RowFound
        The best plan and the largest uniform one; the same where none is better.
    held : RowFound or None
        The best plan on samples that the search has not seen.
    """

    best: RowFound
    uniform: RowFound
    held: RowFound | None = None

    @property
    def better(self) -> bool:
        """Whether a plan takes more than the uniform one."""
        more = value_of(self.best.row, "objective") > value_of(self.uniform.row, "objective")
        return self.best is not self.uniform and more


def found_by(found: Sequence[RowFound]) -> Found | None:
    """What the rows of a search ended with; None before it came to an end."""
    by_role = {str(one.row.get("role", "")): one for one in found}
    uniform = by_role.get("uniform")
    best = by_role.get("best", uniform)
    if best is None or uniform is None or best.case is None:
        return None
    unseen = (one for one in found if one.row.get("role") == "held-out" and one.case is not None)
    held = next((one for one in unseen if one.case.plan == best.case.plan), None)
    return Found(best, uniform, held)


def told(found: Found, metric: Metric, words: str, unseen: str = "") -> tuple[str, ...]:
    """The answer: what goes, how much more than uniformly, at what error, and on unseen samples.

    Parameters
    ----------
    metric : Metric
        The one that had to pass.
    words, unseen : str
        How the samples of the search, and those held out, were named.
    """
    best, uniform = found.best.row, found.uniform.row
    amount, percent = value_of(best, "objective"), value_of(best, "objective_percent")
    parts = [f"{percent:.1f} % can go: {amount:,.0f} {best.get('objective_of', '')}".strip() + "."]
    if found.better:
        base = value_of(uniform, "objective")
        share = f"{100 * (amount - base) / base:.1f} % more" if base else f"{amount:,.0f} more"
        than = f"{uniform.get('plan')}, {value_of(uniform, 'objective_percent'):.1f} %"
        parts.append(f"That is {share} than the largest uniform plan takes ({than}).")
    elif found.best is not found.uniform:
        parts.append("No plan that was tried takes more than the largest uniform one.")
    limit = f"the limit is {shown(best.get('threshold'))}"
    parts.append(f"{_error(found.best, metric)} over {words}; {limit}.")
    if found.held is not None:
        verdict = "passes" if found.held.row.get("passes") else "does not pass"
        parts.append(
            f"On samples that the search has not seen ({unseen}): {_error(found.held, metric)}, "
            f"which {verdict} there."
        )
    return tuple(parts)


def _error(found: RowFound, metric: Metric) -> str:
    row, unit = found.row, f" {metric.unit}" if metric.unit else ""
    text = f"{metric.title} {shown(row.get(metric.id))}{unit}"
    low, high = value_of(row, f"{metric.id}_low"), value_of(row, f"{metric.id}_high")
    return f"{text} (95 %: {shown(low)} to {shown(high)})" if high > low else text
