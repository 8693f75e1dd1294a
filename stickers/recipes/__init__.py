"""Says what may be ordered: the models' parameters, with their ranges and choices, and the style presets."""
