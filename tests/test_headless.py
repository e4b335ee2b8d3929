"""Without a screen: a digitiser and push buttons in, lights and the journal out."""

import pytest
from digitiser import down, finish, move, stroke, told, up
from drawings import twelve
from fakes import BrokenLights
from kiosks import levels, until

from device.reading import Verdict

PREDICT, CLEAR = 23, 24


def test_a_drawing_lights_up_while_it_is_drawn(app, pins, recognizer, clock):
    down()
    move(0.4, 0.5)
    until(app, lambda: levels(pins) == (1, 0, 0))
    assert app.reading.digit == 3
    assert all(recognizer.grew)
    up()
    finish(app, clock)
    assert not recognizer.grew[-1], "what is finished is read as such"


def test_a_pen_that_is_up_for_a_second_ends_the_drawing_and_the_journal_says_so(app, clock, caplog):
    stroke(app)
    until(app, lambda: app.settled)
    clock.time += 0.9
    app.step(0.001)
    assert told(caplog) == []
    finish(app, clock)
    assert told(caplog) == ["accepted 3, drawn"]
    clock.time += 100
    app.step(0.001)
    assert told(caplog) == ["accepted 3, drawn"], "once"


def test_strokes_within_the_second_are_of_one_drawing(app, clock):
    for number in range(3):
        stroke(app, (0.3 + number / 10, 0.3), (0.3 + number / 10, 0.7))
        clock.time += 0.9
        app.step(0.001)
    assert len(app.desk.ink.strokes) == 3


def test_a_resting_pen_does_not_end_the_drawing(app, clock, caplog):
    down()
    move(0.4, 0.5)
    app.step(0.001)
    clock.time += 9
    app.step(0.001)
    until(app, lambda: app.settled)
    assert told(caplog) == []


def test_a_pen_that_is_silent_for_ten_seconds_is_gone_and_its_drawing_is_told(app, clock, caplog):
    down()
    move(0.4, 0.5)
    app.step(0.001)
    clock.time += 10.1
    app.step(0.001)
    until(app, lambda: app.settled)
    assert told(caplog) == ["accepted 3, drawn"]
    move(0.6, 0.6)
    app.step(0.001)
    assert len(app.desk.ink.strokes) == 1, "the pen has to come down again"


@pytest.mark.parametrize("number", [1, 2])
def test_a_pen_that_comes_down_after_its_lift_was_lost_begins_a_new_drawing(app, clock, number):
    down()
    move(0.4, 0.5)
    app.step(0.001)
    clock.time += 3
    down(0.7, 0.7, number)
    move(0.8, 0.7, number)
    up(0.8, 0.7, number)
    app.step(0.001)
    assert len(app.desk.ink.strokes) == 1
    assert app.desk.ink.bounds.left > 0.6


def test_the_reading_stays_until_the_next_pen_down(app, clock, pins, recognizer):
    stroke(app)
    finish(app, clock)
    clock.time += 1000
    app.step(0.001)
    assert levels(pins) == (1, 0, 0)
    recognizer.gate.clear()
    down(0.6, 0.6)
    app.step(0.001)
    assert levels(pins) == (0, 0, 0), "the old answer is not of this drawing"
    recognizer.gate.set()
    until(app, lambda: app.settled)
    assert levels(pins) == (1, 0, 0)
    assert len(app.desk.ink.strokes) == 1


def test_a_late_reading_of_ink_that_is_gone_is_not_shown(serve, pins, recognizer):
    app = serve(buttons={"clear": CLEAR})
    recognizer.gate.clear()
    stroke(app)
    assert recognizer.started.wait(30)
    press(pins, CLEAR)
    app.step(0.001)
    recognizer.gate.set()
    until(app, lambda: recognizer.count == 1 and not app.background.busy)
    assert levels(pins) == (0, 0, 0)
    assert app.settled


def test_more_than_one_symbol_is_amber(app, pins, clock):
    for one in twelve().strokes:
        stroke(app, *((p.x * 0.5 + 0.2, p.y * 0.8 + 0.1) for p in one))
    finish(app, clock)
    assert levels(pins) == (0, 1, 0)


def test_the_whole_area_is_the_canvas_and_keeps_its_proportions(app):
    stroke(app, (0.0, 0.0), (1.0, 0.0))
    stroke(app, (1.0, 1.0), (1.0, 0.0))
    bounds = app.desk.ink.bounds
    assert bounds.width == pytest.approx(1.0, abs=1e-6)
    assert bounds.height == pytest.approx(480 / 800, abs=1e-6)


def test_a_digitiser_that_is_turned_is_read_upright(serve):
    app = serve(screen={"size": "800x480", "rotation": 90})
    stroke(app, (0.0, 0.5), (1.0, 0.5))
    bounds = app.desk.ink.bounds
    assert bounds.height == pytest.approx(1.0, abs=1e-6)
    assert bounds.width == pytest.approx(0.0, abs=1e-6)


def test_a_second_finger_draws_nothing(app):
    down()
    down(0.8, 0.8, number=2)
    move(0.9, 0.9, number=2)
    up(0.9, 0.9, number=2)
    move(0.4, 0.5)
    up(0.4, 0.5)
    app.step(0.001)
    assert len(app.desk.ink.strokes) == 1
    assert app.desk.ink.bounds.width < 0.2


def test_without_live_reading_a_drawing_is_read_when_it_has_ended(serve, clock, recognizer, pins):
    app = serve(model={"live": False})
    stroke(app)
    assert recognizer.count == 0
    finish(app, clock)
    assert recognizer.count == 1
    assert levels(pins) == (1, 0, 0)


def test_a_reading_that_fails_leaves_no_light_and_the_next_is_read(
    app, clock, pins, recognizer, caplog
):
    stroke(app)
    until(app, lambda: levels(pins) == (1, 0, 0))
    recognizer.error = RuntimeError("no memory")
    finish(app, clock)
    assert levels(pins) == (0, 0, 0)
    assert "reading failed: no memory" in caplog.text
    recognizer.error = None
    stroke(app)
    finish(app, clock)
    assert levels(pins) == (1, 0, 0)


def test_lights_that_fail_do_not_stop_it(serve, clock, caplog):
    app = serve(lights=BrokenLights())
    stroke(app)
    finish(app, clock)
    assert "accepted 3, drawn" in caplog.text
    assert "GPIO busy" in caplog.text


def press(pins, pin):
    pins.pin(pin).drive_low()
    pins.pin(pin).drive_high()


def test_the_buttons_read_and_clear(serve, pins, caplog):
    app = serve(model={"live": False}, buttons={"predict": PREDICT, "clear": CLEAR})
    down()
    move(0.4, 0.5)
    app.step(0.001)
    press(pins, PREDICT)
    until(app, lambda: levels(pins) == (1, 0, 0))
    assert told(caplog) == ["accepted 3, drawn"], "at once, although the pen rests"
    press(pins, CLEAR)
    until(app, lambda: levels(pins) == (0, 0, 0))
    assert app.desk.ink.is_blank
    move(0.6, 0.6)
    app.step(0.001)
    assert app.desk.ink.is_blank, "the pen has to come down again"


def test_a_press_with_nothing_drawn_says_nothing(serve, pins, recognizer):
    app = serve(buttons={"predict": PREDICT, "clear": CLEAR})
    press(pins, PREDICT)
    press(pins, CLEAR)
    for _ in range(3):
        app.step(0.01)
    assert app.settled and recognizer.count == 0


def test_the_lights_are_switched_in_the_step_that_takes_the_reading(app, pins, recognizer):
    recognizer.gate.clear()
    stroke(app)
    assert levels(pins) == (0, 0, 0)
    recognizer.gate.set()
    until(app, lambda: app.reading.verdict is not Verdict.BLANK)
    assert levels(pins) == (1, 0, 0)
