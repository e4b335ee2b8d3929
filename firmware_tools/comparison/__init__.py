"""Inkling beside what people would use instead, measured in turn on one screen."""
