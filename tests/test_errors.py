"""Every error of ours can be caught as one, and printed as it is."""

from __future__ import annotations

import inspect

from device import errors


def test_every_error_is_an_inkling_error_and_says_what_it_is_for() -> None:
    classes = [
        c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__
    ]
    assert len(classes) > 3
    for error in classes:
        assert issubclass(error, errors.InklingError)
        assert error.__doc__
        assert "the pin is taken; choose another" in str(error("the pin is taken; choose another"))


def test_inkling_errors_are_not_mistaken_for_pythons_own() -> None:
    assert not issubclass(errors.InklingError, ValueError | OSError | RuntimeError)
