"""Fits constants and networks, writes the ONNX files and the samples."""
