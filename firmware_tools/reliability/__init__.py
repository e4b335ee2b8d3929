"""Faults that are injected into the very processes that a service runs, and what comes of them."""
