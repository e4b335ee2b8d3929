"""The bundled session is what the demo and the attract screen say it is."""

from device.session import digits, session


def test_the_session_has_every_digit_a_doodle_two_symbols_and_nothing():
    names = [drawing.name for drawing in session()]
    assert names == [*"0123456789", "a cat", "1 and 2", "nothing"]
    for drawing in session():
        assert drawing.ink.is_blank == (drawing.name == "nothing")


def test_the_attract_screen_draws_digits_only():
    assert [drawing.name for drawing in digits()] == list("0123456789")
