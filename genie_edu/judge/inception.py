"""The field's own features, where their weights can be fetched."""

from __future__ import annotations

from torch import Tensor, nn

from genie_edu.datasets.images import to_bytes


class Inception(nn.Module):
    """Inception's pooled 2,048 features, which the field's FID is computed on, by torch-fidelity.

    Takes what `Classifier` takes, with three channels; it has no logits to return. The weights are
    fetched on first use. Raises ImportError, naming the command, without torch-fidelity.
    """

    def __init__(self) -> None:
        super().__init__()
        try:
            from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
        except ImportError as error:
            raise ImportError(
                "Inception needs torch-fidelity: pip install torch-fidelity"
            ) from error
        self.network = FeatureExtractorInceptionV3("inception-v3-compat", ["2048"]).eval()

    def forward(self, x: Tensor, features: bool = True) -> tuple[None, Tensor]:
        """(None, features (B, 2048)) of images x (B, 3, H, W) in [-1, 1]."""
        return None, self.network(to_bytes(x))[0]
