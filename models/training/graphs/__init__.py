"""The ONNX graphs, written from constants and weights."""
