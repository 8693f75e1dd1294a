"""What may be ordered: the parameters of the model, with their ranges and choices, and the style presets."""
