"""The column beside the canvas: who is speaking, the answer, ten probabilities, the buttons."""

from __future__ import annotations

import pygame

from device.reading import DIGITS, Reading, Verdict
from device.screen import shapes, theme, widgets
from device.screen.layout import Area, Layout


def header(
    surface: pygame.Surface,
    layout: Layout,
    status: tuple[str, ...],
    lights: dict[str, bool],
    notice: str | None,
) -> None:
    """Name, what reads and how fast, the lights; a notice takes the place of the second line."""
    pygame.draw.rect(surface, theme.GROUND, layout.header)
    title = layout.title
    widgets.words(surface, title, "Inkling", layout.type.title, theme.TEXT, theme.GROUND, bold=True)
    area, size = layout.status, layout.type.small
    colour = theme.MUTED if notice is None else theme.SEVERAL
    forms = (" · ".join(status), " ".join(status))
    text = notice or widgets.first_fitting(forms, area.width, size)
    widgets.words(surface, area, text, size, colour, theme.GROUND)
    for (name, verdict), area in zip(theme.LIGHTS, layout.lights, strict=True):
        widgets.light(surface, area, verdict, lights.get(name, False))


def answer(surface: pygame.Surface, layout: Layout, reading: Reading, threshold: float) -> None:
    """Verdict, digit, whether it is one, and what the model saw; empty while nothing is drawn."""
    widgets.card(surface, layout.answer, layout.radius)
    if reading.verdict is Verdict.BLANK or reading.digit is None:
        _nothing_yet(surface, layout)
        return
    widgets.verdict_band(
        surface,
        layout.verdict,
        layout.answer,
        reading.verdict,
        layout.type.verdict,
        layout.radius,
    )
    counts = reading.verdict is Verdict.ACCEPTED
    colour = theme.TEXT if counts else theme.MUTED
    widgets.big_digit(surface, layout.digit, reading.digit, colour, theme.CARD)
    _gate(surface, layout, reading, threshold)
    widgets.model_input(surface, layout.input, reading.model_input)
    _input_label(surface, layout)


def _nothing_yet(surface: pygame.Surface, layout: Layout) -> None:
    card = layout.answer
    size = layout.type.label
    area = Area(card.x, card.y, card.width, card.height).inset(layout.radius)
    text = "nothing drawn yet"
    widgets.words(surface, area, text, size, theme.MUTED, theme.CARD, align="centre")


def _gate(surface: pygame.Surface, layout: Layout, reading: Reading, threshold: float) -> None:
    area, size = layout.gate_label, layout.type.label
    percent = f"{round(reading.gate * 100)} %"
    widgets.words(surface, area, percent, size, theme.TEXT, theme.CARD, bold=True, align="right")
    # The words keep their size whatever the number.
    width = theme.font(size, True).size("100 %")[0] + 6
    rest = Area(area.x, area.y, area.width - width, area.height)
    text = widgets.first_fitting(("is it a digit?", "a digit?", "digit?", ""), rest.width, size)
    widgets.words(surface, rest, text, size, theme.MUTED, theme.CARD)
    accent = theme.ACCENTS[reading.verdict]
    widgets.level(surface, layout.gate_bar, reading.gate, accent, upright=False)
    if 0.0 < threshold < 1.0:
        widgets.notch(surface, layout.gate_bar, threshold)


def _input_label(surface: pygame.Surface, layout: Layout) -> None:
    area, size = layout.input_label, layout.type.small
    text = "the model sees"
    if area.height == 0:
        return
    if area.y >= layout.input.bottom:
        text = widgets.first_fitting((text, "model sees", "input"), area.width, size)
        widgets.words(surface, area, text, size, theme.MUTED, theme.CARD, align="centre")
        return
    if shapes.fitting("model", area.width, size, False)[0] != "model":
        return
    pitch = round(size * 1.35)
    for number, word in enumerate(text.split()):
        # The last line stands on the picture's lower edge.
        y = area.bottom - (3 - number) * pitch
        line = Area(area.x, y, area.width, pitch)
        widgets.words(surface, line, word, size, theme.MUTED, theme.CARD)


def chart(surface: pygame.Surface, layout: Layout, reading: Reading) -> None:
    """Ten bars with their numbers, percent; only the digits while nothing is drawn."""
    widgets.card(surface, layout.chart, layout.radius)
    blank = reading.verdict is Verdict.BLANK
    label_size = _fitting(layout.labels[0], layout.type.title)
    for digit in range(DIGITS):
        share = 0.0 if blank else reading.probabilities[digit]
        best = digit == reading.digit
        if not blank:
            colour = theme.ACCENTS[reading.verdict] if best else theme.BAR
            widgets.level(surface, layout.bars[digit], share, colour, upright=True)
            _value(surface, layout, digit, share, best)
        widgets.words(
            surface,
            layout.labels[digit],
            str(digit),
            label_size,
            theme.TEXT if best else theme.MUTED,
            theme.CARD,
            bold=best,
            align="centre",
        )


def _value(surface: pygame.Surface, layout: Layout, digit: int, share: float, best: bool) -> None:
    percent = round(share * 100)
    if percent < 1:
        return
    area = layout.values[digit]
    # 100 is wider than its column; whatever stands beside it rounds to nothing.
    wide = Area(area.x - area.width // 2, area.y, area.width * 2, area.height)
    size = _fitting(area, layout.type.small)
    colour = theme.TEXT if best else theme.MUTED
    widgets.words(
        surface,
        wide,
        str(percent),
        size,
        colour,
        theme.CARD,
        bold=best,
        align="centre",
    )


def _fitting(area: Area, nominal: int) -> int:
    """A size of type whose capitals fit into the area's height."""
    size = nominal
    while size > theme.SMALLEST and shapes.cap_height(size, True) > area.height:
        size -= 1
    return size


def buttons(surface: pygame.Surface, layout: Layout, inked: bool, pressed: str | None) -> None:
    """Predict and Clear; quiet while there is nothing to predict or to clear."""
    size, radius = layout.type.button, layout.radius
    for name, area, look in (
        ("predict", layout.predict, "primary"),
        ("clear", layout.clear, "plain"),
    ):
        widgets.button(
            surface,
            area,
            name.capitalize(),
            size,
            radius,
            look if inked else "off",  # type: ignore[arg-type]
            pressed == name,
        )
