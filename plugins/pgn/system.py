"""The system `pgn`: what it is, what it opens and which jobs it offers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.experiments import Experiment
from prune3d_gui.core.jobs import Job, Option
from prune3d_gui.core.model import Model, ModelRef
from prune3d_gui.core.system import System, Taken
from prune3d_gui.resources import resource

from .bundled import WEIGHTS


class PgnSystem(System):
    """AtlasNet: points on a surface from one image, and what is left of them when pruned."""

    id = "pgn"
    title = "AtlasNet"
    summary = "Point cloud and mesh from one image"
    rank = 100
    citation = (
        "Yuniarti et al., Pruning-Based Efficient Point Generation Network for 3D Reconstruction "
        "of Single Images, 2025; network: Groueix et al., AtlasNet, CVPR 2018"
    )
    sample_files = ("*.png", "*.jpg", "*.jpeg", "*.webp", "*.bmp")
    model_files = ("*.safetensors", "*.pth", "*.pt", "*.ckpt", "*.npz", "*.zip")

    def bundled(self) -> tuple[ModelRef, ...]:
        """The sphere network trained on procedural data, where it is installed."""
        there = resource(WEIGHTS)
        return (ModelRef(self.id, "AtlasNet sphere, procedural data"),) if there else ()

    def open(self, ref: ModelRef, cancel: CancelToken = NEVER) -> Model:
        """Open the bundled network (empty path) or a checkpoint of the user's.

        Raises
        ------
        BadInput
            If the file cannot be read or is another network.
        """
        from .opening import open_model

        return open_model(ref, cancel)

    def recognise(self, path: Path) -> Taken | None:
        """A network of AtlasNet v3, a picture, or a set in AtlasNet's layout."""
        from .recognition import recognised

        return recognised(path)

    def experiments(self) -> tuple[Experiment, ...]:
        """Tables 1 to 5 and Figures 3 to 7 of Yuniarti et al. 2025."""
        from .paper.experiments import experiments

        return experiments()

    def jobs(self) -> tuple[Job, ...]:
        """Making data, training, evaluating and measuring."""
        from . import jobs

        data = Option(
            "data", "data/pgn", "Folder of the set, in AtlasNet's layout.", kind="read_folder"
        )
        seed = Option("seed", 0, "Seed of everything drawn.", minimum=0)
        devices = ("auto", "cpu", "cuda", "mps")
        device = Option("device", "auto", "Where it runs.", choices=devices, others=True)
        percent: dict[str, Any] = {"unit": "%", "minimum": 0, "maximum": 100}

        def weights(use: str) -> Option:
            text = f"Network to {use}; the bundled one if empty."
            endings = tuple(pattern.lstrip("*") for pattern in self.model_files)
            return Option("weights", "", text, kind="read_file", endings=endings)

        def out(default: str, text: str) -> Option:
            return Option("out", default, text, kind="write_folder")

        return (
            Job(
                "data",
                "Make the procedural set: 13 categories, 24 views and 30,000 points per object.",
                (
                    out("data/pgn", "Folder to write, in AtlasNet's layout."),
                    Option("objects", 24, "Objects per design.", minimum=1),
                    seed,
                    Option("workers", 2, "Processes to use.", minimum=1),
                ),
                jobs.make_data,
            ),
            Job(
                "train",
                "Train the network; run again to resume.",
                (
                    data,
                    out("runs/pgn", "Folder for checkpoints and the trained network."),
                    Option(
                        "minutes",
                        60.0,
                        "Training time, earlier runs counted in.",
                        unit="min",
                        minimum=0,
                    ),
                    seed,
                    device,
                ),
                jobs.train_network,
            ),
            Job(
                "finetune",
                "Prune and fine-tune in rounds until the Chamfer distance reaches a threshold.",
                (
                    data,
                    out("runs/pgn_finetune", "Folder for the rounds and both networks."),
                    weights("start from"),
                    Option(
                        "scope",
                        "encoder",
                        "What is pruned: encoder, decoder, all, or units.",
                        choices=("encoder", "decoder", "all"),
                        others=True,
                    ),
                    Option("step", 5.0, "How much the rate rises each round.", **percent),
                    Option(
                        "threshold",
                        0.0,
                        "Chamfer × 1000 to stay below; 0 for 1.33 times the full model's own.",
                        minimum=0,
                    ),
                    Option(
                        "epochs",
                        1.0,
                        "Passes over the training split after each pruning.",
                        unit="passes",
                        minimum=0,
                    ),
                    Option("most", 95.0, "Rate at which to end in any case.", **percent),
                    seed,
                    device,
                ),
                jobs.fine_tune,
            ),
            Job(
                "evaluate",
                "Score a network: per category, with the sampling floor and two baselines.",
                (
                    data,
                    weights("score"),
                    device,
                ),
                jobs.evaluate_network,
            ),
            Job(
                "bench",
                "Measure a slider tick against the bare pass and against the common way.",
                (
                    weights("measure"),
                    Option("rounds", 15, "Measured rounds; medians are given.", minimum=1),
                    Option("studies", False, "Measure a sensitivity study instead."),
                    device,
                ),
                jobs.bench,
            ),
        )
