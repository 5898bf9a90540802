"""Fits of constants, networks and scores."""
