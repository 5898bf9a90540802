"""Numbers of MediaPipe's 478 face landmarks; the first 468 are the vertices of the canonical mesh.

Right and left are the person's own.
"""

__all__ = [
    "BETWEEN_BROWS",
    "BROWS",
    "CHIN",
    "EYES",
    "FACE_OVAL",
    "IRIS_CENTRES",
    "LEFT_EYE",
    "LIPS_INNER",
    "LIPS_OUTER",
    "RIGHT_EYE",
    "RIGID",
    "TOP",
]

# Eyes: along the lower lid from the outer corner to the inner, and back.
RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
EYES = (RIGHT_EYE, LEFT_EYE)
IRIS_CENTRES = (468, 473)
"""Of the right eye and of the left; the four numbers after each are points of its rim."""

BROWS = (
    (70, 63, 105, 66, 107, 55, 65, 52, 53, 46),
    (300, 293, 334, 296, 336, 285, 295, 282, 283, 276),
)
LIPS_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
LIPS_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
"""Around the opening of the mouth."""

FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
    149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
CHIN, BETWEEN_BROWS, TOP = 152, 168, 10

RIGID = (33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 98, 327, 129, 358, 127, 356, 234, 454, 116, 345, 10, 151)
"""Eye corners, bridge, wings and tip of the nose, cheekbones, temples: little moved by expression."""
