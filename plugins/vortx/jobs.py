"""The jobs of `vortx`; what each needs is imported when it runs."""

from __future__ import annotations

from .data.jobs import JOB as DATA
from .training.finetuning import JOB as FINETUNE
from .training.run import JOB as TRAIN

JOBS = (DATA, TRAIN, FINETUNE)
