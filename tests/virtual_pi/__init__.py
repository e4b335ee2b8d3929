"""A Pi in a box: the installed product on an emulated 64-bit ARM machine, looked at from outside.

See docs/virtual-pi.md. Nothing here is imported by the product.
"""
