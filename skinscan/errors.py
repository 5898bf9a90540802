"""Every error skinscan raises, in one tree.

SkinScanError                    what happened, where, what to do next; carries an exit code
├── UsageError              2    an option or argument that cannot be right
├── PhotoError              3    the photo cannot be read
│   ├── PhotoMissing             no such file, a directory, no permission
│   ├── PhotoTooLarge            more bytes or pixels than the limits allow
│   ├── TooCostly                would take gigabytes or many seconds to decode or search
│   └── PhotoUndecodable         empty, truncated, or not an image
├── FaceError               4    no face that can be measured
│   ├── NoFace                   nobody found
│   │   └── CloseUp              skin fills the picture, but no whole face is in it
│   ├── SeveralFaces             more than one, and none chosen
│   ├── NotCollage               a picture that is to be split into before and after, and cannot be
│   └── FaceTurnedAway           a profile: too little of the face is visible
├── QualityError            4    a face, but nothing on it can be measured
├── ModelError              5    a model file is missing or altered
├── DeviceError             6    the asked-for device does not run, or no runtime is installed
│   ├── DeviceFull               the device has no memory for so many faces at once
│   └── InferenceLost            the process that computes for the workers of a batch has ended
├── DataError               7    a claim, catalogue, policy or benchmark set is malformed
├── EvidenceError           8    sealed evidence or its log is altered
│   ├── EvidenceMissing          a file of it is gone
│   └── EvidenceLocked           no key, or not the right one
└── InternalError          70    a fault of skinscan itself
    └── WorkerLost               a worker process of a batch died on this input
"""

from __future__ import annotations

__all__ = [
    "CloseUp",
    "DataError",
    "DeviceError",
    "DeviceFull",
    "EvidenceError",
    "EvidenceLocked",
    "EvidenceMissing",
    "FaceError",
    "FaceTurnedAway",
    "InferenceLost",
    "InternalError",
    "ModelError",
    "NoFace",
    "NotCollage",
    "PhotoError",
    "PhotoMissing",
    "PhotoTooLarge",
    "PhotoUndecodable",
    "QualityError",
    "SeveralFaces",
    "SkinScanError",
    "TooCostly",
    "UsageError",
    "WorkerLost",
]


class SkinScanError(Exception):
    """Root of the tree.

    `message` says what happened and where, `advice` what to do next; both are single lines.
    `code` is a stable identifier for programs (UPPER_SNAKE), `exit_code` what the command line returns.
    """

    code = "ERROR"
    exit_code = 1

    def __init__(self, message: str, advice: str = "") -> None:
        """Fold both texts to single lines."""
        self.message = " ".join(message.split())
        self.advice = " ".join(advice.split())
        super().__init__(f"{self.message}. {self.advice}" if self.advice else self.message)

    def __reduce__(self) -> tuple[type[SkinScanError], tuple[str, str]]:
        """Pickle by the two texts, so that errors cross process boundaries unchanged."""
        return type(self), (self.message, self.advice)


class UsageError(SkinScanError):
    """An option or argument that cannot be right."""

    code = "USAGE"
    exit_code = 2


class PhotoError(SkinScanError):
    """The photo cannot be read."""

    code = "PHOTO_UNREADABLE"
    exit_code = 3


class PhotoMissing(PhotoError):
    """No such file, a directory, or no permission to read it."""

    code = "PHOTO_MISSING"


class PhotoTooLarge(PhotoError):
    """More bytes or pixels than the limits allow."""

    code = "PHOTO_TOO_LARGE"


class TooCostly(PhotoError):
    """Within the limits, but made so that it would take gigabytes or many seconds to decode or search."""

    code = "TOO_COSTLY"


class PhotoUndecodable(PhotoError):
    """Empty, truncated, or not an image."""

    code = "PHOTO_UNDECODABLE"


class FaceError(SkinScanError):
    """No face that can be measured."""

    code = "FACE_UNUSABLE"
    exit_code = 4


class NoFace(FaceError):
    """Nobody was found in the photo."""

    code = "NO_FACE"


class CloseUp(NoFace):
    """Skin fills the picture, but no whole face is in it."""

    code = "CLOSE_UP"


class SeveralFaces(FaceError):
    """More than one face, and none was chosen."""

    code = "SEVERAL_FACES"


class NotCollage(FaceError):
    """One picture was given for before and after, and it does not fall into two photos of one face."""

    code = "NOT_A_COLLAGE"


class FaceTurnedAway(FaceError):
    """A profile: too little of the face is visible."""

    code = "FACE_TURNED_AWAY"


class QualityError(SkinScanError):
    """A face was found, but nothing on it can be measured."""

    code = "QUALITY_UNUSABLE"
    exit_code = 4


class ModelError(SkinScanError):
    """A model file is missing or altered."""

    code = "MODEL_UNUSABLE"
    exit_code = 5


class DeviceError(SkinScanError):
    """The asked-for device does not run a session, or no ONNX runtime is installed."""

    code = "DEVICE_UNAVAILABLE"
    exit_code = 6


class DeviceFull(DeviceError):
    """The device has no memory for so many faces at once."""


class InferenceLost(DeviceError):
    """The process that computes for the workers of a batch has ended."""


class DataError(SkinScanError):
    """A claim, catalogue, policy or benchmark set is malformed."""

    code = "DATA_INVALID"
    exit_code = 7


class EvidenceError(SkinScanError):
    """Sealed evidence or its log is not what was sealed."""

    code = "EVIDENCE_ALTERED"
    exit_code = 8


class EvidenceMissing(EvidenceError):
    """A file of sealed evidence or of its log is gone."""

    code = "EVIDENCE_MISSING"


class EvidenceLocked(EvidenceError):
    """The key that is needed is not there, or is not the right one."""

    code = "EVIDENCE_LOCKED"


class InternalError(SkinScanError):
    """Something nobody thought of."""

    code = "INTERNAL"
    exit_code = 70

    def __init__(
        self,
        message: str,
        advice: str = "this is a fault of skinscan: please report it with the output under SKINSCAN_DEBUG=1",
    ) -> None:
        """By default, ask for a report."""
        super().__init__(message, advice)


class WorkerLost(InternalError):
    """A worker process of a batch died on this input, more than once."""

    code = "WORKER_LOST"
