"""What the product's models come from: the renderer and the training. Not part of the wheel."""
