"""How long Inkling's readings take, in a process of their own: ``readings.py MODEL COUNT``.

Prints ``{"seconds": [...], "digits": [...]}`` for the bundled digits, in turn.
"""

from __future__ import annotations

import json
import sys
import time

from device.library import Library
from device.recognizer import Recognizer
from device.session import digits


def main(model: str, count: int) -> None:
    """Read the digits until there are so many readings, after each was read once."""
    recognizer = Recognizer(Library(), model)
    drawings = [drawing.ink for drawing in digits()]
    seconds, answers = [], []
    for turn in range(-len(drawings), count):
        started = time.perf_counter()
        reading = recognizer.read(drawings[turn % len(drawings)])
        if turn >= 0:
            seconds.append(time.perf_counter() - started)
            answers.append(reading.digit)
    print(json.dumps({"seconds": seconds, "digits": answers}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
