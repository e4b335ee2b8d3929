"""The recogniser as a Flask server with Keras: run by the environment of its own, as a program.

``server.py make NETWORK.npz MODEL.keras`` builds the network with its weights;
``server.py serve MODEL.keras PORT`` answers POST /predict, the body a PNG of the canvas (white on
black), with ``{"digit": 3, "probabilities": [...]}``.
"""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np

SIDE, MARGIN = 28, 4


def make(weights: str, model: str) -> None:
    """Save the network as Keras does."""
    from tensorflow import keras

    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    stored = np.load(weights)
    network.set_weights([stored[name] for name in stored.files])
    network.save(model)


def model_input(picture: Any) -> np.ndarray[Any, Any]:
    """The drawing's box, its proportions kept, centred with a margin: float32 (1, 28, 28, 1)."""
    from PIL import Image

    box = picture.crop(picture.getbbox())
    scale = (SIDE - 2 * MARGIN) / max(box.size)
    width, height = (max(1, round(side * scale)) for side in box.size)
    small = box.resize((width, height), Image.Resampling.BILINEAR)
    seen = Image.new("L", (SIDE, SIDE))
    seen.paste(small, ((SIDE - width) // 2, (SIDE - height) // 2))
    return np.asarray(seen, np.float32).reshape(1, SIDE, SIDE, 1) / 255


def serve(path: str, port: int) -> None:
    """Answer until the process is told to end."""
    from flask import Flask, request
    from PIL import Image
    from tensorflow import keras

    network = keras.models.load_model(path)
    app = Flask(__name__)

    @app.post("/predict")  # type: ignore[untyped-decorator]
    def predict() -> dict[str, Any]:
        picture = Image.open(io.BytesIO(request.data)).convert("L")
        # Called directly: for one picture that takes a fraction of what predict() takes.
        probabilities = network(model_input(picture), training=False).numpy()[0]
        return {"digit": int(probabilities.argmax()), "probabilities": probabilities.tolist()}

    app.run(port=port)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:])
    else:
        serve(sys.argv[2], int(sys.argv[3]))
