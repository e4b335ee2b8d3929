"""Makes what the device runs: trains models, converts them to int8, proves and measures them."""
