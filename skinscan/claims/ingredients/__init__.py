"""A label in, its substances and what they mean for a sign out."""
