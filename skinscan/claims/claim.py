"""The claim as a customer-service desk or a consumer files it. See `load_claim` for reading one.

Words of the report form are taken in zh, en or as codes (`vocabulary.py`). What is not known is left out
or "unknown": an empty field never counts as a "no".
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, TypeAdapter

from skinscan.claims.reported_times import Instant, Moment
from skinscan.claims.vocabulary import Alarm, Area, Damage, Group, SeriousBox, Sign, Symptom, to_code
from skinscan.sensitive_scale import SensitiveScale
from skinscan.tables import tidy

__all__ = [
    "AdvertisedClaim",
    "CarriedBy",
    "Claim",
    "CoUsed",
    "DoctorRecord",
    "Order",
    "Person",
    "PhotoRef",
    "Procedure",
    "Product",
    "ReactionClaim",
    "ShadeClaim",
    "SignSeen",
    "Timeline",
    "Usage",
    "claim_schema",
]

YesNo = Literal["yes", "no", "unknown"]


def _word_of(group: Group) -> BeforeValidator:
    return BeforeValidator(lambda word: to_code(group, word))


AreaWord = Annotated[Area, _word_of("area")]
SignWord = Annotated[Sign, _word_of("sign")]
SymptomWord = Annotated[Symptom, _word_of("symptom")]
AlarmWord = Annotated[Alarm, _word_of("alarm")]
DamageWord = Annotated[Damage, _word_of("damage")]
SeriousWord = Annotated[SeriousBox, _word_of("seriousness")]

CarriedBy = Literal["brand", "live_room_operator", "streamer", "agency"]
"""Who can have made an advertised claim."""


class Part(BaseModel):
    """Base of every part of a claim: frozen, and a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


IngredientText = Annotated[str, Field(max_length=20_000)]
"""The longest label seen has about 4,000 characters."""

_Tidy = BeforeValidator(lambda value: tidy(value) if isinstance(value, str) else value)

Word = Annotated[str, _Tidy, Field(max_length=200)]
"""An identifier, a name or a substance."""

Prose = Annotated[str, Field(max_length=2_000)]
"""A few sentences, or a path."""

Named = Annotated[str, _Tidy, Field(min_length=1, max_length=200)]
_MOST = 100  # entries of a list of things a person names


class AdvertisedClaim(Part):
    """Something the product was sold with, e.g. 敏感肌可用."""

    kind: Literal[
        "sensitive_skin", "fragrance_free", "alcohol_free", "preservative_free", "no_irritation", "other"
    ]
    by: CarriedBy
    text: Prose = ""  # the words used
    proof: Literal["recording", "screenshot", "statement"] = "statement"
    found_false: bool = False  # established by the platform, a board or the regulator


class Product(Part):
    """The product complained about."""

    sku: Named
    name: Word = ""
    brand: Word = ""
    batch: Word = ""
    category: Literal[
        "cleanser", "toner", "serum", "cream", "mask", "sunscreen", "exfoliant", "foundation", "lipstick",
        "eye_makeup", "makeup_other", "hair_dye", "shampoo", "other",
    ]  # fmt: skip
    stays_on: bool  # leave-on; false for rinse-off
    areas: tuple[AreaWord, ...] = Field(min_length=1, max_length=_MOST)  # where it was used
    ingredients: IngredientText = ""  # pasted list in zh, en or INCI
    advertised: tuple[AdvertisedClaim, ...] = Field(default=(), max_length=_MOST)
    batch_defect: YesNo = "unknown"  # out of specification, by a laboratory or a recall
    transport_damage: YesNo = "unknown"  # heat, frost, leak or broken seal on arrival


class Timeline(Part):
    """When what happened."""

    first_use: Moment | None = None  # of this product, ever
    last_use_before_onset: Moment | None = None
    onset: Moment | None = None  # of the complaint
    stopped: Moment | None = None  # last use; none while still in use or not known
    still_using: bool | None = None
    course: Literal["improved", "unchanged", "worse", "unknown"] = "unknown"  # since stopping, or so far
    course_seen: Moment | None = None  # when the course was judged
    treated: YesNo = "unknown"  # medicine that may have caused the improvement
    reuse: Literal["recurred", "tolerated", "not_tried", "unknown"] = "unknown"


class SignSeen(Part):
    """A visible sign and where it stands."""

    sign: SignWord
    areas: tuple[AreaWord, ...] = Field(min_length=1, max_length=_MOST)


class CoUsed(Part):
    """Another product used on the same skin."""

    name: Named
    started: Moment | None = None
    ingredients: IngredientText = ""


class Procedure(Part):
    """Something done to the skin other than by a cosmetic."""

    kind: Literal["laser", "peel", "microneedling", "hair_removal", "injection", "other"]
    at: Moment


class Usage(Part):
    """How the product was used."""

    departures: tuple[
        Literal[
            "too_often", "too_long", "left_on_rinse_off", "wrong_area", "broken_skin", "mixed_products",
            "expired", "no_sun_protection", "skipped_required_test",
        ],
        ...,
    ] = ()  # from the instructions on the pack  # fmt: skip
    followed_instructions: YesNo = "unknown"
    co_used: tuple[CoUsed, ...] = Field(default=(), max_length=_MOST)
    procedures: tuple[Procedure, ...] = Field(default=(), max_length=_MOST)
    strong_sun: YesNo = "unknown"  # on the same skin in the two days before onset


class Person(Part):
    """What matters about the person. No name, no address."""

    age: int | None = Field(default=None, ge=0, le=120)  # years
    pregnant: YesNo = "unknown"
    allergies: tuple[Word, ...] = Field(default=(), max_length=_MOST)  # substances, in any of their names
    skin_conditions: tuple[
        Literal["rosacea", "eczema", "acne", "seborrhoeic_dermatitis", "psoriasis", "other"], ...
    ] = ()


class DoctorRecord(Part):
    """What a doctor wrote down. A photo of the page is evidence; the desk types the facts."""

    seen: Moment
    signs_confirmed: bool  # the signs were seen by the doctor
    other_causes_excluded: bool = False
    other_cause: Prose = ""  # the doctor's own explanation, if it is not the product
    patch_test: Literal["none", "negative", "doubtful", "irritant", "positive", "strong", "extreme"] = "none"


class PhotoRef(Part):
    """A photo of the claim. `path` is relative to the claim file."""

    path: str = Field(min_length=1, max_length=1_000)
    role: Literal[
        "before", "after", "recovery", "product", "label", "advertised", "received", "swatch", "document"
    ]
    taken_at: Moment | None = None


class Order(Part):
    """The order the claim belongs to."""

    id: Named
    tenant: Word = ""  # whose ticket system it came from
    ordered_sku: Word = ""
    received_sku: Word = ""
    seller_identity: Literal["known", "unavailable"] = "known"  # can the platform name the seller


MOST_PHOTOS = 40
"""Of one claim: ten days of four photos; each takes up to some seconds."""


class _Filed(Part):
    """What both kinds of claim share."""

    case_id: Named
    received_at: Instant  # when the first employee learned of it: every clock starts here
    order: Order
    product: Product
    photos: tuple[PhotoRef, ...] = Field(default=(), max_length=MOST_PHOTOS)
    cannot_provide: tuple[Word, ...] = Field(
        default=(), max_length=_MOST
    )  # `what` codes of earlier requests that the person cannot meet


class ReactionClaim(_Filed):
    """ "It gave me a rash." """

    kind: Literal["reaction"]
    timeline: Timeline = Timeline()
    symptoms: tuple[SymptomWord, ...] = Field(default=(), max_length=_MOST)
    signs: tuple[SignSeen, ...] = Field(default=(), max_length=_MOST)
    alarms: tuple[AlarmWord, ...] = Field(default=(), max_length=_MOST)
    other_damage: tuple[DamageWord, ...] = Field(default=(), max_length=_MOST)
    seriousness: tuple[SeriousWord, ...] = Field(default=(), max_length=_MOST)
    social_impact: bool = False  # may cause public concern; set by the desk
    usage: Usage = Usage()
    person: Person = Person()
    ss10: SensitiveScale | None = None
    doctor: DoctorRecord | None = None


class ShadeClaim(_Filed):
    """ "The shade is wrong." """

    kind: Literal["shade"]
    question: Literal["does_not_suit", "not_as_shown", "wrong_item"]


Claim = ReactionClaim | ShadeClaim
CLAIM = TypeAdapter[Claim](Annotated[Claim, Discriminator("kind")])


def claim_schema() -> dict[str, Any]:
    """The JSON schema of a claim file."""
    return {"$id": "skinscan.claim/1", **CLAIM.json_schema()}
