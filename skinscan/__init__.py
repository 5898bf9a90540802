"""Face photos in; measured skin and shade facts with honest error bars out.

    from skinscan import compare, scan
    face = scan("face.jpg")
    print(face.redness, face.scores["redness"].low, face.scores["redness"].high)
    change = compare("before.jpg", "after.jpg", area="left_cheek")
    print(change.verdict, change.area.erythema_index if change.area else None)
    print(change.summary(lang="zh"))

Names load on first use, so that importing the package stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from skinscan._version import __version__ as __version__

if TYPE_CHECKING:  # the same names for type checkers and completion
    from skinscan.casework.case_file import (
        CaseFile as CaseFile,
        CasePhoto as CasePhoto,
    )
    from skinscan.casework.pipeline import work_case as work_case
    from skinscan.change.types import (
        Affected as Affected,
        BlemishChange as BlemishChange,
        Change as Change,
        Delta as Delta,
        FaceChange as FaceChange,
        Finding as Finding,
        Trend as Trend,
        TrendPoint as TrendPoint,
        ZoneChange as ZoneChange,
        ZoneTrend as ZoneTrend,
    )
    from skinscan.claims.claim import (
        Claim as Claim,
        ReactionClaim as ReactionClaim,
        ShadeClaim as ShadeClaim,
        TextureClaim as TextureClaim,
    )
    from skinscan.claims.help.products import (
        ProductList as ProductList,
        load_products as load_products,
    )
    from skinscan.claims.image_evidence import ImageEvidence as ImageEvidence
    from skinscan.claims.load import load_claim as load_claim
    from skinscan.claims.policy.load import load_policy as load_policy
    from skinscan.claims.policy.model import Policy as Policy
    from skinscan.claims.shade_evidence import ShadeEvidence as ShadeEvidence
    from skinscan.claims.verdict import judge as judge
    from skinscan.claims.verdict_model import Verdict as Verdict
    from skinscan.errors import (
        CloseUp as CloseUp,
        DataError as DataError,
        DeviceError as DeviceError,
        DeviceFull as DeviceFull,
        EvidenceError as EvidenceError,
        EvidenceLocked as EvidenceLocked,
        EvidenceMissing as EvidenceMissing,
        FaceError as FaceError,
        FaceTurnedAway as FaceTurnedAway,
        InferenceLost as InferenceLost,
        InternalError as InternalError,
        ModelError as ModelError,
        NoFace as NoFace,
        NotCollage as NotCollage,
        PhotoError as PhotoError,
        PhotoMissing as PhotoMissing,
        PhotoTooLarge as PhotoTooLarge,
        PhotoUndecodable as PhotoUndecodable,
        QualityError as QualityError,
        SeveralFaces as SeveralFaces,
        SkinScanError as SkinScanError,
        TooCostly as TooCostly,
        UsageError as UsageError,
        WorkerLost as WorkerLost,
    )
    from skinscan.evidence.collect import collect as collect
    from skinscan.evidence.dossier import Dossier as Dossier
    from skinscan.evidence.operator_keys import (
        Keys as Keys,
        keygen as keygen,
        load_keys as load_keys,
    )
    from skinscan.evidence.seal import (
        Sealed as Sealed,
        seal as seal,
    )
    from skinscan.evidence.verify import (
        Checked as Checked,
        Verification as Verification,
        verify_evidence as verify_evidence,
    )
    from skinscan.scanner import (
        Scanner as Scanner,
        compare as compare,
        scan as scan,
        trend as trend,
    )
    from skinscan.sensitive_scale import SensitiveScale as SensitiveScale
    from skinscan.shades.catalog import Catalog as Catalog
    from skinscan.shades.catalog_reader import load_catalog as load_catalog
    from skinscan.shades.match import match_shades as match_shades
    from skinscan.shades.shade import Shade as Shade
    from skinscan.shades.types import (
        Candidate as Candidate,
        Difference as Difference,
        ShadeAnswer as ShadeAnswer,
        ShadeMatch as ShadeMatch,
    )
    from skinscan.signals.find_signals import find_signals as find_signals
    from skinscan.signals.read import (
        read_orders as read_orders,
        read_verdicts as read_verdicts,
    )
    from skinscan.signals.types import (
        Signal as Signal,
        Signals as Signals,
    )
    from skinscan.tryon.paint import (
        TryOn as TryOn,
        try_on as try_on,
    )
    from skinscan.types import (
        Blemish as Blemish,
        Measure as Measure,
        Photo as Photo,
        Quality as Quality,
        QualityCheck as QualityCheck,
        Scan as Scan,
        Score as Score,
        Tone as Tone,
        ZoneMeasures as ZoneMeasures,
    )

_HOME = {
    "Affected": "change.types",
    "Blemish": "types",
    "BlemishChange": "change.types",
    "Candidate": "shades.types",
    "CaseFile": "casework.case_file",
    "CasePhoto": "casework.case_file",
    "Catalog": "shades.catalog",
    "Change": "change.types",
    "Checked": "evidence.verify",
    "Claim": "claims.claim",
    "CloseUp": "errors",
    "DataError": "errors",
    "Delta": "change.types",
    "DeviceError": "errors",
    "DeviceFull": "errors",
    "Difference": "shades.types",
    "Dossier": "evidence.dossier",
    "EvidenceError": "errors",
    "EvidenceLocked": "errors",
    "EvidenceMissing": "errors",
    "FaceChange": "change.types",
    "FaceError": "errors",
    "FaceTurnedAway": "errors",
    "Finding": "change.types",
    "ImageEvidence": "claims.image_evidence",
    "InferenceLost": "errors",
    "InternalError": "errors",
    "Keys": "evidence.operator_keys",
    "Measure": "types",
    "ModelError": "errors",
    "NoFace": "errors",
    "NotCollage": "errors",
    "Photo": "types",
    "PhotoError": "errors",
    "PhotoMissing": "errors",
    "PhotoTooLarge": "errors",
    "PhotoUndecodable": "errors",
    "Policy": "claims.policy.model",
    "ProductList": "claims.help.products",
    "Quality": "types",
    "QualityCheck": "types",
    "QualityError": "errors",
    "ReactionClaim": "claims.claim",
    "Scan": "types",
    "Scanner": "scanner",
    "Score": "types",
    "Sealed": "evidence.seal",
    "SensitiveScale": "sensitive_scale",
    "SeveralFaces": "errors",
    "Shade": "shades.shade",
    "ShadeAnswer": "shades.types",
    "ShadeClaim": "claims.claim",
    "ShadeEvidence": "claims.shade_evidence",
    "ShadeMatch": "shades.types",
    "Signal": "signals.types",
    "Signals": "signals.types",
    "SkinScanError": "errors",
    "TextureClaim": "claims.claim",
    "Tone": "types",
    "TooCostly": "errors",
    "Trend": "change.types",
    "TrendPoint": "change.types",
    "TryOn": "tryon.paint",
    "UsageError": "errors",
    "Verdict": "claims.verdict_model",
    "Verification": "evidence.verify",
    "WorkerLost": "errors",
    "ZoneChange": "change.types",
    "ZoneMeasures": "types",
    "ZoneTrend": "change.types",
    "collect": "evidence.collect",
    "compare": "scanner",
    "find_signals": "signals.find_signals",
    "judge": "claims.verdict",
    "keygen": "evidence.operator_keys",
    "load_catalog": "shades.catalog_reader",
    "load_claim": "claims.load",
    "load_keys": "evidence.operator_keys",
    "load_policy": "claims.policy.load",
    "load_products": "claims.help.products",
    "match_shades": "shades.match",
    "read_orders": "signals.read",
    "read_verdicts": "signals.read",
    "scan": "scanner",
    "seal": "evidence.seal",
    "trend": "scanner",
    "try_on": "tryon.paint",
    "verify_evidence": "evidence.verify",
    "work_case": "casework.pipeline",
}
"""Public name -> the module that has it."""

__all__ = sorted([*_HOME, "__version__"])


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'skinscan' has no attribute {name!r}")
    return getattr(import_module(f"skinscan.{_HOME[name]}"), name)
