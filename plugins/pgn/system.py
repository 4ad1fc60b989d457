"""The system `pgn`: what it is, what it opens and which jobs it offers."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.experiments import Experiment
from prune3d_gui.core.jobs import Job, Option
from prune3d_gui.core.model import Model, ModelRef
from prune3d_gui.core.system import System, Taken

from .bundled import WEIGHTS

PICTURE = "pictures/pgn.png"


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
        there = files("prune3d_gui.resources").joinpath(WEIGHTS).is_file()
        return (ModelRef(self.id, "AtlasNet sphere, procedural data"),) if there else ()

    def picture(self) -> bytes:
        """An airliner as the bundled network makes it from one picture."""
        return files("prune3d_gui.resources").joinpath(PICTURE).read_bytes()

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

        data = Option("data", "data/pgn", "Folder of the set, in AtlasNet's layout.")
        seed = Option("seed", 0, "Seed of everything drawn.")
        device = Option("device", "auto", "auto, cpu, cuda or mps.")
        return (
            Job(
                "data",
                "Make the procedural set: 13 categories, 24 views and 30,000 points per object.",
                (
                    Option("out", "data/pgn", "Folder to write, in AtlasNet's layout."),
                    Option("objects", 24, "Objects per design."),
                    seed,
                    Option("workers", 2, "Processes to use."),
                ),
                jobs.make_data,
            ),
            Job(
                "train",
                "Train the network; run again to resume.",
                (
                    data,
                    Option("out", "runs/pgn", "Folder for checkpoints and the trained network."),
                    Option("minutes", 60.0, "Training time, earlier runs counted in."),
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
                    Option("out", "runs/pgn_finetune", "Folder for the rounds and both networks."),
                    Option("weights", "", "Network to start from; the bundled one if empty."),
                    Option("scope", "encoder", "What is pruned: encoder, decoder, all, or units."),
                    Option("step", 5.0, "How much the rate rises each round, in percent."),
                    Option(
                        "threshold",
                        0.0,
                        "Chamfer × 1000 to stay below; 0 for 1.33 times the full model's own.",
                    ),
                    Option("epochs", 1.0, "Passes over the training split after each pruning."),
                    Option("most", 95.0, "Rate at which to end in any case, in percent."),
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
                    Option("weights", "", "Network to score; the bundled one if empty."),
                    device,
                ),
                jobs.evaluate_network,
            ),
            Job(
                "bench",
                "Measure a slider tick against the bare pass and against the common way.",
                (
                    Option("weights", "", "Network to measure; the bundled one if empty."),
                    Option("rounds", 15, "Measured rounds; medians are given."),
                    Option("studies", False, "Measure a sensitivity study instead."),
                    device,
                ),
                jobs.bench,
            ),
        )
