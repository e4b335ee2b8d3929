"""The int8 model files and their manifest, ``models.toml``; made by ``firmware_tools``."""
