"""Make data/cifar10 again: the first 512 test images of CIFAR-10 as a lossless mosaic, and labels.

python tools/cifar10_sample.py [FOLDER]; FOLDER holds CIFAR-10 where it is not to be fetched. Every
step is exact, so the pixels are always the same; the file's own bytes depend on libwebp.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import sys
from pathlib import Path

from PIL import Image, features

from genie_edu.datasets import cifar10
from genie_edu.nets.checkpoints import write_atomically

OUT = Path(__file__).resolve().parent.parent / "data" / "cifar10"
ROWS, ACROSS = 16, 32


def write(test: cifar10.Cifar10, folder: Path) -> None:
    """Write sample.webp and sample.json, from the test split or its beginning, into `folder`."""
    images, labels = (part[: ROWS * ACROSS] for part in test)
    mosaic = images.reshape(ROWS, ACROSS, 32, 32, 3).swapaxes(1, 2)
    content = io.BytesIO()
    Image.fromarray(mosaic.reshape(ROWS * 32, ACROSS * 32, 3)).save(
        content, "WEBP", lossless=True, quality=75, method=4
    )
    card = {
        "images": f"the first {len(images)} of the test split, {ROWS} rows of {ACROSS}",
        "labels": "".join(map(str, labels)),  # one digit an image
        "classes": cifar10.CLASSES,
        "record": {
            "command": "python tools/cifar10_sample.py",
            "date": datetime.date.today().isoformat(),
            "source": "CIFAR-10: Krizhevsky 2009, Learning multiple layers of features from tiny "
            "images",
            "pixels": f"uint8 {images.shape}, row-major",
            "sha256": hashlib.sha256(images.tobytes()).hexdigest(),
            "sha256_of_the_whole_split": cifar10.PIXELS["test"],
            "libwebp": features.version("webp"),
        },
    }
    write_atomically(folder / "sample.webp", content.getvalue())
    write_atomically(folder / "sample.json", (json.dumps(card, indent=1) + "\n").encode())


if __name__ == "__main__":
    write(cifar10.load("test", folder=sys.argv[1] if len(sys.argv) > 1 else None), OUT)
