"""The column beside the canvas: who is speaking, the answer, ten probabilities."""

from __future__ import annotations

import pygame

from device.language import tr
from device.reading import DIGITS, Reading, Verdict
from device.screen import shapes, theme, widgets
from device.screen.area import NOWHERE, Area
from device.screen.layout import Layout
from device.screen.paragraph import fitted, paragraph

_DASH = "–"
"""In the place of words that have no room."""


def status(reading: Reading) -> tuple[str, ...]:
    """What reads, on what, and how fast."""
    parts = [reading.model, "int8", reading.accelerator]
    if reading.milliseconds > 0:
        parts.append(f"{reading.milliseconds:.1f} ms")
    return tuple(parts)


def blank(surface: pygame.Surface, area: Area) -> None:
    """Nothing."""
    pygame.draw.rect(surface, theme.GROUND, area)


def fits(text: str, width: int, size: int) -> bool:
    """Whether a button of this width can say this in nearly its full size."""
    return shapes.width(text, round(size * 0.8), True) <= width - 12


def header(
    surface: pygame.Surface,
    layout: Layout,
    status: tuple[str, ...],
    lights: dict[str, bool],
    notice: str | None,
) -> None:
    """Name, what reads and how fast, the lights; a notice takes the place of the
    second line, or of both where it is long."""
    pygame.draw.rect(surface, theme.GROUND, layout.header)
    title, status_area, size = layout.title, layout.status, layout.type.small
    if notice is not None and shapes.fitting(notice, status_area.width, size, False)[0] != notice:
        both = title._replace(height=status_area.bottom - title.y)
        paragraph(surface, both, notice, size, theme.SEVERAL, theme.GROUND)
    else:
        name_size = layout.type.title
        widgets.words(surface, title, "Inkling", name_size, theme.TEXT, theme.GROUND, bold=True)
        colour = theme.MUTED if notice is None else theme.SEVERAL
        # Its name and how fast it is say the most.
        forms = (" · ".join(status), " · ".join((status[0], *status[3:])), status[0])
        text = notice or widgets.first_fitting(forms, status_area.width, size)
        widgets.words(surface, status_area, text, size, colour, theme.GROUND)
    for (name, verdict), area in zip(theme.LIGHTS, layout.lights, strict=True):
        widgets.light(surface, area, verdict, lights.get(name, False))


def answer(
    surface: pygame.Surface,
    layout: Layout,
    reading: Reading,
    threshold: float,
    unread: bool,
    number: str = "",
) -> None:
    """Verdict, digit, whether it is one, and what the model saw; empty while nothing is drawn, or
    while what is drawn has not been asked about (``unread``). Where several symbols read a
    ``number``, that is the answer."""
    widgets.card(surface, layout.answer, layout.radius)
    if reading.verdict is Verdict.BLANK or reading.digit is None:
        _nothing_yet(surface, layout, unread)
        return
    widgets.verdict_band(
        surface,
        layout.verdict,
        layout.answer,
        reading.verdict,
        layout.type.verdict,
        layout.radius,
    )
    if number:
        _looks_like(surface, layout, number)
    else:
        colour = theme.TEXT if reading.verdict is Verdict.ACCEPTED else theme.MUTED
        widgets.big_digit(surface, layout.digit, reading.digit, colour, theme.CARD)
    if layout.input == NOWHERE:
        return
    _gate(surface, layout, reading, threshold)
    widgets.model_input(surface, layout.input, reading.model_input)
    _input_label(surface, layout)


def _looks_like(surface: pygame.Surface, layout: Layout, number: str) -> None:
    """The number that several symbols read, in the place of the digit."""
    area, size = layout.digit, layout.type.label
    line = round(size * 1.6)
    largest = area.height - line
    width = shapes.width(number, largest, True)
    fitting = min(largest, largest * area.width // max(1, width))
    cap = shapes.cap_height(fitting, True)
    words = Area(area.x, area.y + (area.height - line - cap) // 2, area.width, line)
    text = tr("looks like")
    widgets.words(surface, words, text, size, theme.MUTED, theme.CARD, align="centre")
    place = Area(area.x, words.bottom, area.width, cap)
    widgets.words(
        surface, place, number, fitting, theme.TEXT, theme.CARD, bold=True, align="centre"
    )


def _nothing_yet(surface: pygame.Surface, layout: Layout, unread: bool) -> None:
    card = layout.answer
    size = layout.type.label
    area = Area(card.x, card.y, card.width, card.height).inset(layout.radius)
    text = tr("tap Predict") if unread else tr("nothing drawn yet")
    widgets.words(surface, area, text, size, theme.MUTED, theme.CARD, align="centre")


def _gate(surface: pygame.Surface, layout: Layout, reading: Reading, threshold: float) -> None:
    area, size = layout.gate_label, layout.type.label
    if not reading.gated:
        text = tr("not asked whether it is a digit")
        both = area._replace(height=layout.gate_bar.bottom - area.y)
        lines, smaller = fitted(text, both, size)
        if shapes.fitting(lines[-1], both.width, smaller, False)[0] != lines[-1]:
            text = _DASH
        paragraph(surface, both, text, size, theme.MUTED, theme.CARD)
        return
    percent = f"{round(reading.gate * 100)} %"
    widgets.words(surface, area, percent, size, theme.TEXT, theme.CARD, bold=True, align="right")
    # The words keep their size whatever the number.
    width = shapes.width("100 %", size, True) + 6
    rest = Area(area.x, area.y, area.width - width, area.height)
    text = widgets.first_fitting((tr("is it a digit?"), tr("a digit?"), ""), rest.width, size)
    widgets.words(surface, rest, text, size, theme.MUTED, theme.CARD)
    accent = theme.ACCENTS[reading.verdict]
    widgets.level(surface, layout.gate_bar, reading.gate, accent, upright=False)
    if 0.0 < threshold < 1.0:
        widgets.notch(surface, layout.gate_bar, threshold)


def _input_label(surface: pygame.Surface, layout: Layout) -> None:
    area, size = layout.input_label, layout.type.small
    text = tr("the model sees")
    if area.height == 0:
        return
    if area.y >= layout.input.bottom:
        text = widgets.first_fitting((text, tr("input")), area.width, size)
        widgets.words(surface, area, text, size, theme.MUTED, theme.CARD, align="centre")
        return
    words = text.split()
    if any(shapes.width(word, size) > area.width for word in words):
        return
    pitch = round(size * 1.35)
    for number, word in enumerate(words):
        # The last line stands on the picture's lower edge.
        y = area.bottom - (len(words) - number) * pitch
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
