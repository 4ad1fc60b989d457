"""AtlasNet's folders on disk: objects, their point clouds, pictures and split.

A root holds ``ShapeNetV1PointCloud/<synset>/<id>.points.ply.npy`` and
``ShapeNetV1Renderings/<synset>/<id>/rendering/00.png`` to ``23.png``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks.sidecars import read_facts
from prune3d_gui.files.texts import read_json

SYNSETS = {
    "02691156": "airplane", "02828884": "bench", "02933112": "cabinet", "02958343": "car",
    "03001627": "chair", "03211117": "display", "03636649": "lamp", "03691459": "loudspeaker",
    "04090263": "rifle", "04256520": "sofa", "04379243": "table", "04401088": "telephone",
    "04530566": "vessel",
}  # fmt: skip
"""The thirteen ShapeNet categories AtlasNet uses."""

DEFAULT_DATA = Path("data/pgn")
"""Where the procedural set is made unless it is said otherwise."""
FRAME_SINCE = 2
"""First version of the procedural set whose objects face +x."""
LISTED = "The lists in splits.json."
_CLOUDS, _PICTURES, _SUFFIX = "ShapeNetV1PointCloud", "ShapeNetV1Renderings", ".points.ply.npy"
_PLACES = (".", "data", "dataset/data", "dataset/data/data", "data/dataset/data")


@dataclass(frozen=True)
class Object:
    """One shape of the set.

    Attributes
    ----------
    synset, id : str
        Category code and name of the shape.
    category : str
        The category in plain words.
    points_path : Path
        Its point cloud file.
    views : tuple of Path
        Its pictures that exist, by number.
    """

    synset: str
    id: str
    category: str
    points_path: Path
    views: tuple[Path, ...]

    @property
    def key(self) -> str:
        """``synset/id``, the name used in splits."""
        return f"{self.synset}/{self.id}"


@dataclass(frozen=True)
class Layout:
    """An opened set.

    Attributes
    ----------
    root : Path
        Folder that holds the point clouds and pictures.
    categories : dict
        Category in plain words by synset, for the synsets present.
    splits : dict
        Objects by split: ``train``, ``val``, and ``heldout`` where the set lists its splits.
    rule : str
        Where the split comes from, in one sentence.
    """

    root: Path
    categories: dict[str, str]
    splits: dict[str, tuple[Object, ...]]
    rule: str

    @property
    def objects(self) -> tuple[Object, ...]:
        """All objects, split after split."""
        return tuple(o for part in self.splits.values() for o in part)

    @property
    def notices(self) -> tuple[str, ...]:
        """What was assumed when the set was opened, in sentences."""
        return () if self.rule == LISTED else (f"No splits.json is in '{self.root}'. {self.rule}",)

    def of_split(self, name: str) -> tuple[Object, ...]:
        """Objects of a split that is needed.

        Raises
        ------
        BadInput
            If it is empty.
        """
        found = self.splits.get(name, ())
        if not found:
            why = (
                f"splits.json lists none that is there under '{name}'; mend it"
                if self.rule == LISTED
                else f"of {len(self.objects)} none falls into it by AtlasNet's rule; add some"
            )
            raise BadInput(f"The {name} split of '{self.root}' has no objects: {why}.")
        return found


def is_layout(folder: Path) -> bool:
    """Whether a folder, or AtlasNet's own place within it, holds clouds in AtlasNet's layout."""
    return any((folder / place / _CLOUDS).is_dir() for place in _PLACES)


def open_layout(root: str | Path) -> Layout:
    """List a set in AtlasNet's layout.

    Parameters
    ----------
    root : path
        The folder of the clouds and pictures, or one of AtlasNet's folders around it.

    Returns
    -------
    Layout

    Raises
    ------
    BadInput
        When there is no such set, or nothing complete in it, or its split cannot be read.
    """
    given = Path(root)
    if not given.is_dir():
        what = "is a file, not a folder" if given.is_file() else "is not a folder"
        raise BadInput(f"'{given}' {what}; give the folder that holds '{_CLOUDS}'.")
    found = next((given / p for p in _PLACES if (given / p / _CLOUDS).is_dir()), None)
    if found is None:
        raise BadInput(
            f"'{given}' holds no '{_CLOUDS}'; give AtlasNet's data folder, with "
            f"'{_CLOUDS}' and '{_PICTURES}' in it."
        )
    _check_frame(found)
    names = _taxonomy(found)
    objects = [
        entry
        for folder in sorted((found / _CLOUDS).iterdir())
        if folder.is_dir()
        for entry in _objects(found, folder, names.get(folder.name, folder.name))
    ]
    if not objects:
        raise BadInput(
            f"'{found}' has no object with both a point cloud ('*{_SUFFIX}') and pictures "
            f"('{_PICTURES}/<synset>/<id>/rendering/00.png'); check that both were unpacked."
        )
    splits, rule = _splits(found, objects)
    categories = {o.synset: o.category for o in objects}
    return Layout(found, categories, splits, rule)


def _check_frame(root: Path) -> None:
    """Refuse a procedural set from before its objects faced +x; see `frame`."""
    version = read_facts(root / "recipe.json").get("version", FRAME_SINCE)
    if isinstance(version, int) and version < FRAME_SINCE:
        raise BadInput(
            f"'{root}' is a procedural set of version {version}, whose objects face -z and not +x "
            "as those of ShapeNet; make it anew with 'prune3d data pgn --out FOLDER'."
        )


def _taxonomy(root: Path) -> dict[str, str]:
    names = dict(SYNSETS)
    path = root / "taxonomy.json"
    if path.is_file():
        try:
            entries = read_json(path)
            names |= {e["synsetId"]: e["name"].split(",")[0].strip() for e in entries}
        except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(
                f"'{path}' is not a taxonomy (a list of synsetId and name); "
                "restore it or delete it to use the built-in names."
            ) from error
    return names


def _objects(root: Path, folder: Path, category: str) -> list[Object]:
    found = []
    for cloud in sorted(folder.glob(f"*{_SUFFIX}")):
        name = cloud.name.removesuffix(_SUFFIX)
        views = sorted((root / _PICTURES / folder.name / name / "rendering").glob("[0-9][0-9].png"))
        if views:
            found.append(Object(folder.name, name, category, cloud, tuple(views)))
    return found


def _splits(root: Path, objects: list[Object]) -> tuple[dict[str, tuple[Object, ...]], str]:
    path = root / "splits.json"
    if not path.is_file():
        train, val = [], []
        for synset in sorted({o.synset for o in objects}):
            group = [o for o in objects if o.synset == synset]
            cut = int(0.8 * len(group))
            train += group[:cut]
            val += group[cut:]
        rule = "AtlasNet's rule: per category by name, the first 80 % train, the rest val."
        return {"train": tuple(train), "val": tuple(val)}, rule
    by_key = {o.key: o for o in objects}
    try:
        listed = read_json(path)
        splits = {
            name: tuple(by_key[k] for k in listed.get(name, ()) if k in by_key)
            for name in ("train", "val", "heldout")
        }
    except (OSError, ValueError, RecursionError, TypeError, AttributeError) as error:
        raise BadInput(
            f"'{path}' is not a split (a list of 'synset/id' for each of train, val, heldout); "
            "mend it or delete it to use AtlasNet's rule."
        ) from error
    if not any(splits.values()):
        raise BadInput(f"'{path}' names no object of '{root}'; mend it or delete it.")
    return splits, LISTED


def read_points(path: str | Path) -> np.ndarray:
    """Read a point cloud and fit it in the unit ball.

    Parameters
    ----------
    path : path
        A ``.npy`` array (N, 3 or more), the first three columns the position.

    Returns
    -------
    (N, 3) float32
        Mean at the origin, largest radius 1 (AtlasNet's UnitBall).

    Raises
    ------
    BadInput
        When the file is not such an array, or all its points coincide.
    """
    try:
        points = np.load(path, allow_pickle=False)
        points = points[:, :3].astype(np.float64)
    except (OSError, ValueError, EOFError, IndexError, TypeError) as error:
        raise BadInput(
            f"'{path}' is not a point cloud (a .npy array with 3 columns or more); export it again."
        ) from error
    if points.shape[1:] != (3,) or not len(points) or not np.isfinite(points).all():
        raise BadInput(
            f"'{path}' holds an array of shape {points.shape} or values that are not finite, "
            "not (N, 3) positions; export it again."
        )
    points -= points.mean(0)
    radius = np.sqrt((points**2).sum(1).max())
    if radius == 0:
        raise BadInput(f"'{path}' holds one point only, not a surface; export it again.")
    return (points / radius).astype(np.float32)


def object_generator(key: str, seed: int, purpose: str = "reference") -> np.random.Generator:
    """Give an object's own random generator, whatever order objects are visited in.

    Parameters
    ----------
    key : str
        The object's ``synset/id``.
    seed : int
        Seed of the run.
    purpose : str
        Separates draws that must be independent.
    """
    digest = hashlib.sha256(f"{purpose}|{seed}|{key}".encode("utf-8", "surrogatepass")).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "little"))


def reference_points(shape: Object, n: int = 2500, seed: int = 0) -> np.ndarray:
    """Draw an object's reference points, with replacement as AtlasNet does.

    Parameters
    ----------
    shape : Object
        The object.
    n : int
        Points to draw.
    seed : int
        The draw depends on this and on the object's name alone.

    Returns
    -------
    (n, 3) float32, unit ball
    """
    points = read_points(shape.points_path)
    return points[object_generator(shape.key, seed).integers(len(points), size=n)]
