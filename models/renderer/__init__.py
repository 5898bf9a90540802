"""Photos of synthetic heads whose every texel is known."""
