"""What things cost, measured on the machine at hand: one module a subject."""
