"""Where everything is: rectangles, and nothing but, for any screen from 480x320 up.

Beside the canvas (see :mod:`device.screen.places`) stands one column: who is speaking, the answer,
the ten probabilities, the buttons; where the column is wide and low, answer and probabilities
stand side by side. Nothing here knows pygame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from device.screen import places
from device.screen.area import NOWHERE, Area


@dataclass(frozen=True)
class Type:
    """Sizes of type in pixels, scaled with the panel."""

    digit: int
    verdict: int
    button: int
    title: int
    label: int
    small: int


@dataclass(frozen=True)
class Layout:
    """Every rectangle of the main screen; ``paper`` is the square that is one canvas unit wide.

    ``cell`` is the side of a button that a finger finds; ``tools`` are empty where they have no
    room beside the canvas: then ``more`` brings them into the ``drawer``. What a kind of layout
    does not have is :data:`~device.screen.area.NOWHERE`.
    """

    size: tuple[int, int]
    scale: float
    radius: int
    thickness: int
    type: Type
    kind: str
    cell: int
    tools: dict[str, Area]
    canvas: Area
    paper: Area
    header: Area
    title: Area
    status: Area
    lights: tuple[Area, ...]
    answer: Area
    verdict: Area
    digit: Area
    gate_label: Area
    gate_bar: Area
    input: Area
    input_label: Area
    chart: Area
    values: tuple[Area, ...]
    bars: tuple[Area, ...]
    labels: tuple[Area, ...]
    predict: Area
    clear: Area
    more: Area
    drawer: Area

    @property
    def blocks(self) -> tuple[Area, ...]:
        """The outermost rectangles: none of them overlap."""
        parts = (self.canvas, self.header, self.answer, self.chart, self.predict, self.clear)
        return tuple(part for part in (*parts, self.more, *self.tools.values()) if part != NOWHERE)


def arrange(width: int, height: int, inches: float = 0.0, kind: str = "lab") -> Layout:
    """The layout for a screen of ``width`` x ``height`` pixels.

    Args:
        inches: the panel's diagonal; 0 when nobody knows.
        kind: ``"lab"`` has everything; ``"kid"`` canvas, answer and Clear.
    """
    cell = places.finger(width, height, inches)
    if kind == "lab":
        roomy = (places.portrait if height >= places.UPRIGHT * width else places.landscape)(
            width, height, cell
        )
        if roomy is not None:
            canvas, panel, tools = roomy
            return _filled((width, height), canvas, panel, kind, cell, tools)
    # Three buttons stand side by side in the lab's column: Predict, Clear and the tools.
    least = 3 * cell + 12 if kind == "lab" else 0
    canvas, panel = places.two_parts(width, height, least)
    return _filled((width, height), canvas, panel, kind, cell, {})


def _filled(
    size: tuple[int, int],
    canvas: Area,
    panel: Area,
    kind: str,
    cell: int,
    tools: dict[str, Area],
) -> Layout:
    beside = panel.width > 1.15 * panel.height
    nominal = (456, 300) if beside else (304, 448)
    scale = min(panel.width / nominal[0], panel.height / nominal[1])
    narrow = not beside and panel.width < 0.6 * panel.height
    gap = max(6, round(12 * scale))
    thickness = max(2, round(3 * canvas.width / 448))

    header_height = max(34, round(42 * scale))
    button_height = max(
        40, min(cell, round(0.2 * panel.height)), round((58 if beside else 60) * scale)
    )
    header = Area(panel.x, panel.y, panel.width, header_height)
    buttons_top = panel.bottom - button_height
    buttons = Area(panel.x, buttons_top, panel.width, button_height)
    half = (panel.width - gap) // 2
    top, room = header.bottom + gap, buttons_top - gap - (header.bottom + gap)
    everything = Area(panel.x, top, panel.width, room)
    if kind == "kid":
        answer, chart = everything, NOWHERE
    elif beside:
        answer = Area(panel.x, top, half, room)
        chart = Area(panel.right - half, top, half, room)
    else:
        chart_height = round((room - gap) * (0.30 if narrow else 0.35))
        answer = Area(panel.x, top, panel.width, room - gap - chart_height)
        chart = Area(panel.x, answer.bottom + gap, panel.width, chart_height)
    return Layout(
        size=size,
        scale=scale,
        radius=max(8, round(14 * min(size) / 480)),
        thickness=thickness,
        kind=kind,
        cell=cell,
        tools=tools,
        canvas=canvas,
        paper=canvas.inset(thickness),
        header=header,
        answer=answer,
        chart=chart,
        drawer=Area(panel.x, top, panel.width, panel.bottom - top),
        **_buttons(buttons, kind, bool(tools), gap),
        **_header(header, gap, narrow),
        **_answer(answer, scale, answer.width >= 1.2 * answer.height, kind == "kid"),
        **_chart(chart, scale),
        type=_type(scale, answer, button_height),
    )


def _buttons(row: Area, kind: str, roomy: bool, gap: int) -> dict[str, Any]:
    """Predict, Clear, and where the tools are elsewhere the button that brings them."""
    if kind == "kid":
        return {"predict": NOWHERE, "clear": row, "more": NOWHERE}
    if roomy:
        half = (row.width - gap) // 2
        return {
            "predict": row._replace(width=half),
            "clear": Area(row.right - half, row.y, half, row.height),
            "more": NOWHERE,
        }
    gap = min(gap, 6)
    third = (row.width - 2 * gap) // 3
    return {
        "predict": row._replace(width=row.width - 2 * third - 2 * gap),
        "clear": Area(row.right - 2 * third - gap, row.y, third, row.height),
        "more": Area(row.right - third, row.y, third, row.height),
    }


def _type(scale: float, answer: Area, button_height: int) -> Type:
    return Type(
        digit=round(answer.height),
        verdict=max(12, round(24 * scale)),
        button=max(14, round(button_height * 0.36)),
        title=max(14, round(22 * scale)),
        label=max(11, round(15 * scale)),
        small=max(10, round(13 * scale)),
    )


def _header(header: Area, gap: int, narrow: bool) -> dict[str, Any]:
    upper = round(header.height * 0.55)
    status = Area(header.x, header.y + upper, header.width, header.height - upper)
    # The lights stand beside both lines; in a narrow column, beside the first one only.
    height = upper if narrow else header.height
    lamp = min(round(height * 0.86), max(18, header.width // 9), round(header.height * 0.8))
    step = lamp + max(2, lamp // 6)
    left = header.right - lamp - 2 * step
    top = header.y + (height - lamp) // 2
    width = left - gap - header.x
    return {
        "lights": tuple(Area(left + i * step, top, lamp, lamp) for i in range(3)),
        "title": Area(header.x, header.y, width, upper),
        "status": status if narrow else status._replace(width=width),
    }


def _answer(card: Area, scale: float, wide: bool, simple: bool) -> dict[str, Any]:
    pad = max(6, round((14 if wide else 12) * scale))
    band = max(24, round(min(card.height * 0.24, 46 * scale)))
    verdict = Area(card.x, card.y, card.width, band)
    body = Area(card.x, verdict.bottom, card.width, card.height - band).inset(pad)
    label_height = max(13, round(18 * scale))
    bar_height = max(6, round(10 * scale))
    small_gap = max(3, round(6 * scale))
    gate_height = label_height + small_gap + bar_height
    if simple or body.height < gate_height + small_gap + _ONCE:
        hidden = dict.fromkeys(("gate_label", "gate_bar", "input", "input_label"), NOWHERE)
        return {"verdict": verdict, "digit": body, **hidden}
    if wide:
        column = round(body.width * 0.48)
        gate = Area(body.right - column, body.y, column, gate_height)
        digit = Area(body.x, body.y, body.width - column - pad, body.height)
        room = body.height - gate_height - small_gap
    else:
        gate = Area(body.x, body.bottom - gate_height, body.width, gate_height)
        room = body.height - gate_height - pad
        digit = Area(body.x, body.y, round(body.width * 0.52), room)
    caption = max(12, round(15 * scale))
    if wide:
        side = _whole(min(room, round(gate.width * 0.66)))
        seen = Area(body.right - side, body.bottom - side, side, side)
        label = Area(gate.x, seen.y, gate.width - side - small_gap, side)
    else:
        column = body.width - digit.width - small_gap
        side = _whole(min(room - caption - small_gap, column))
        if side < min(_whole(min(room, column)), _TWICE):
            # Where only one of them has room, the picture is worth more than its caption.
            caption = -small_gap
            side = _whole(min(room, column))
        left = digit.right + small_gap + (column - side) // 2
        above = body.y + (room - side - caption - small_gap) // 2
        seen = Area(left, above, side, side)
        line = Area(digit.right + small_gap, seen.bottom + small_gap, column, caption)
        label = line if caption > 0 else Area(line.x, seen.bottom, column, 0)
    return {
        "verdict": verdict,
        "digit": digit,
        "gate_label": Area(gate.x, gate.y, gate.width, label_height),
        "gate_bar": Area(gate.x, gate.bottom - bar_height, gate.width, bar_height),
        "input": seen,
        "input_label": label,
    }


_ONCE = 28 + 2
"""The model input at its own size, with its line."""

_TWICE = 2 * 28 + 2
"""The model input at twice its size, with its line: the least that one can make out."""


def _whole(side: int) -> int:
    """The model input is shown with whole pixels, and a line around it."""
    return max(1, (side - 2) // 28) * 28 + 2


def _chart(card: Area, scale: float) -> dict[str, Any]:
    if card == NOWHERE:
        return {"values": (), "bars": (), "labels": ()}
    inner = card.inset(max(6, round(12 * scale)))
    value = max(10, round(min(inner.height * 0.16, 16 * scale)))
    label = max(13, round(min(inner.height * 0.20, 22 * scale)))
    air = max(3, round(5 * scale))
    pitch = inner.width / 10
    width = max(6, min(round(pitch * 0.72), round(inner.height * 0.40)))
    values, bars, labels = [], [], []
    for i in range(10):
        left, right = round(inner.x + i * pitch), round(inner.x + (i + 1) * pitch)
        values.append(Area(left, inner.y, right - left, value))
        middle = round(inner.x + (i + 0.5) * pitch - width / 2)
        top = inner.y + value + air
        bars.append(Area(middle, top, width, inner.bottom - label - air - top))
        labels.append(Area(left, inner.bottom - label, right - left, label))
    return {"values": tuple(values), "bars": tuple(bars), "labels": tuple(labels)}
