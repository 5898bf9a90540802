"""One photo in, every measured value out, from decoding to skin tone; one stage a file."""
