"""What the network sees of Hounsfield units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Window:
    """Hounsfield units that are told apart: from `low`, seen as -1, to `high`, seen as 1."""

    low: float = -160.0
    high: float = 240.0

    def seen(self, values: np.ndarray | Tensor) -> Tensor:
        """Give values as the network sees them: clipped, then -1 to 1, float32."""
        units = torch.as_tensor(values).to(torch.float32).clamp(self.low, self.high)
        return (units - self.low) / (self.high - self.low) * 2 - 1
