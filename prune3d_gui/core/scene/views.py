"""Views: which panes a model wants its scenes to be shown in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from ..errors import BadInput
from .scenes import Scene

Kind = Literal["space", "picture", "slice"]
Role = Literal["reference", "full", "pruned"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class View:
    """One way of looking at a scene; it has a pane for each of its roles.

    A layer of a scene names the view it is shown in, or a kind, which stands for every view
    of that kind.

    Parameters
    ----------
    id, title : str
        The title is left out of the panes' headings where it is empty.
    kind : {"space", "picture", "slice"}
        ``space`` is seen by a camera that turns. ``picture`` shows images flat, at their own
        aspect. ``slice`` cuts volumes and label maps by a plane across an axis.
    roles : tuple of {"reference", "full", "pruned"}
        Whose scenes it shows, in their order on screen.
    axis : {0, 1, 2}
        Of a slice: what it is cut across at first, x, y or z.

    Raises
    ------
    BadInput
        When the id is empty, or the kind, a role or the axis is not one of these.
    """

    id: str
    title: str = ""
    kind: Kind = "space"
    roles: tuple[Role, ...] = ROLES
    axis: int = 2

    def __post_init__(self) -> None:
        if not self.id or not isinstance(self.id, str):
            raise BadInput(f"A view has the id {self.id!r}; give it a name.")
        if self.kind not in KINDS:
            raise BadInput(
                f"View '{self.id}' is of the kind {self.kind!r}; take one of {', '.join(KINDS)}."
            )
        roles = self.roles if isinstance(self.roles, tuple) else ()
        if not roles or set(roles) - set(ROLES) or len(set(roles)) < len(roles):
            raise BadInput(
                f"View '{self.id}' has the roles {self.roles!r}; take some of {', '.join(ROLES)}, "
                "none of them twice."
            )
        if self.axis not in (0, 1, 2):
            raise BadInput(f"View '{self.id}' cuts across axis {self.axis!r}; take 0, 1 or 2.")

    def shows(self, named: str) -> bool:
        """Whether a layer that names the view or kind `named` is shown in this one."""
        return named in (self.id, self.kind)


def shown_in(scene: Scene, view: View) -> Scene | None:
    """The part of `scene` that `view` shows; None where nothing of it is."""
    layers = tuple(layer for layer in scene.layers if view.shows(layer.view))
    if len(layers) == len(scene.layers):
        return scene
    return replace(scene, layers=layers) if layers else None


SPACE = (View("space"),)
"""What most models want: the reference, the full and the pruned result in space."""


def agreed(views: Iterable[View]) -> tuple[View, ...]:
    """Return `views` as they can be shown together.

    Raises
    ------
    BadInput
        When there are none, when something else is among them, or when two have one id.
    """
    if not isinstance(views, Iterable):
        raise BadInput(f"{views!r} are not views; give a tuple of them.")
    views = tuple(views)
    stranger = next((view for view in views if not isinstance(view, View)), None)
    if stranger is not None:
        raise BadInput(f"{stranger!r} is not a view; give a View.")
    if not views:
        raise BadInput("There is no view to show anything in; give at least one.")
    ids = [view.id for view in views]
    twice = next((name for name in ids if ids.count(name) > 1), None)
    if twice is not None:
        raise BadInput(f"Two views have the id '{twice}'; give each its own.")
    return views


def views_of(model: Any) -> tuple[tuple[View, ...], tuple[str, ...]]:
    """Return the views of a model; where they are of no use the usual one, and a sentence why."""
    try:
        return agreed(model.views), ()
    except Exception as error:
        told = str(error) or type(error).__name__
        said = f"The views of '{model.title}' cannot be had, so the usual are shown: {told}"
        return SPACE, (said,)


def foremost(scene: Scene, views: Iterable[View]) -> Scene:
    """The part of `scene` that one picture of it shows: in space, else flat, else all of it."""
    parts = {view.kind: part for view in reversed((*views,)) if (part := shown_in(scene, view))}
    return next((parts[kind] for kind in KINDS if kind in parts), scene)
