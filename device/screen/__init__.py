"""What a visitor sees and touches, in pygame: theme, layout, widgets, canvas, panels."""
