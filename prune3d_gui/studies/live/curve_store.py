"""The curves of comparisons on disk, found again by the hash of all they depend on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from ...core.model import Model, ModelRef
from ...core.plan.plans import Query
from ...core.score.scores import Curve
from ...core.system import System
from ...files.atomic import writing
from ..ask.keys import cache_folder, key_of
from ..ask.sources import sources_hash
from ..ask.versions import versions


class CurveStore:
    """Curves of one model, a small file for each sample and query beside the studies' cache.

    A file that cannot be read or written makes no difference but that curves are worked out
    again.

    Parameters
    ----------
    model : Model
    ref : ModelRef
        What it was opened from.
    system : System
        What opened it.
    """

    def __init__(self, model: Model, ref: ModelRef, system: System) -> None:
        self._model, self._ref, self._system = model, ref, system

    def read(self, sample: str, query: Query) -> tuple[Curve, ...]:
        """Curves that were kept; none where they are not known, or the file is damaged."""
        try:
            told = json.loads(self._file(sample, query).read_text("utf-8"))
            return tuple(_curve(one) for one in told)
        except (OSError, ValueError, TypeError, KeyError):
            return ()

    def keep(self, sample: str, query: Query, curves: tuple[Curve, ...]) -> None:
        """Keep curves, if they can be kept."""
        told = [{"id": c.id, "title": c.title, "points": c.points} for c in curves]
        file = self._file(sample, query)
        with suppress(OSError, BadInput):
            file.parent.mkdir(parents=True, exist_ok=True)
            with writing(file) as temporary:
                temporary.write_text(json.dumps(told, separators=(",", ":")), "utf-8")

    def _file(self, sample: str, query: Query) -> Path:
        model, here = self._model, versions()
        data = model.pack(sample)
        key = key_of(
            self._ref.system,
            model.weights_hash,
            model.device.partition(":")[0],
            repr(model.comparison),
            here["prune3d"],
            here["torch"],
            sources_hash(self._system),
            key_of("pack", data) if data else key_of("id", sample),
            repr(query.bare(model.knobs)),
            *self._artifacts(),
        )
        return cache_folder() / "curves" / f"{key.hex()}.json"

    def _artifacts(self) -> tuple[str, ...]:
        """Hashes of the artifacts that knobs of the model can take: curves may be of them."""
        from ...files.artifacts import ArtifactStore

        kinds = {knob.takes for knob in self._model.knobs if knob.kind == "artifact"}
        made = ArtifactStore().made_from(self._model.weights_hash) if kinds else ()
        return tuple(sorted(one.hash for one in made if one.kind in kinds))


def _curve(told: Mapping[str, Any]) -> Curve:
    points = tuple((float(x), float(y)) for x, y in told["points"])
    return Curve(str(told["id"]), str(told["title"]), points)
