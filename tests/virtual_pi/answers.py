"""Every shipped model's raw answers to given model inputs; runs here and on the virtual Pi.

``python answers.py INPUTS.npz ANSWERS.npz tflite-runtime|LiteRT``, with Inkling and numpy, and the
runtime, where Python finds them. It imports nothing else.
"""

import sys

import numpy as np

OTHER = {"tflite-runtime": "ai_edge_litert", "LiteRT": "tflite_runtime"}


def main(inputs: str, answers: str, wanted: str) -> None:
    # The product takes LiteRT where there is one.
    sys.modules[OTHER[wanted]] = None  # type: ignore[assignment]
    from device.library import Library
    from device.tflite import runtime

    assert runtime()[0] == wanted, runtime()[0]
    library = Library()
    with np.load(inputs) as given:
        found = {}
        for name in library.names:
            network = library.open(name)
            rows = network.run_raw(given[library.entry(name).pipeline])
            for info, steps in zip(network.outputs, rows, strict=True):
                found[f"{name}/{info.role}"] = steps
    np.savez_compressed(answers, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
