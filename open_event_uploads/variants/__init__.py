"""Named sizes (presets) and the pictures made in them; imports the layers below alone."""
