"""The claim as a customer-service desk or a consumer files it. See `load_claim` for reading one.

Words of the report form are taken in zh, en or as codes, and so are the words that buyers use for them
(`consumer_words.py`). What is not known is left out or "unknown": an empty field never counts as a "no".
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, TypeAdapter
from pydantic_core import PydanticCustomError

from skinscan.claims.form_words import one_of, promise_of, several_of, signs_of
from skinscan.claims.reported_times import Instant, Moment
from skinscan.claims.terms import FactName
from skinscan.claims.vocabulary import Alarm, Area, Damage, SeriousBox, Sign, Symptom
from skinscan.sensitive_scale import SensitiveScale
from skinscan.tables import tidy

__all__ = [
    "AdvertisedClaim",
    "CarriedBy",
    "Category",
    "Claim",
    "CoUsed",
    "Consent",
    "DoctorRecord",
    "Order",
    "Person",
    "PhotoRef",
    "Procedure",
    "Product",
    "PromiseKind",
    "ReactionClaim",
    "ShadeClaim",
    "SignSeen",
    "Texture",
    "TextureClaim",
    "Timeline",
    "Usage",
    "claim_schema",
]

YesNo = Annotated[Literal["yes", "no", "unknown"], one_of("answer")]

AreaWord = Annotated[Area, one_of("area")]
SignWord = Annotated[Sign, one_of("sign")]
SymptomWord = Annotated[Symptom, one_of("symptom")]
AlarmWord = Annotated[Alarm, one_of("alarm")]
DamageWord = Annotated[Damage, one_of("damage")]
SeriousWord = Annotated[SeriousBox, one_of("seriousness")]

Category = Literal[
    "cleanser", "makeup_remover", "toner", "serum", "lotion", "cream", "eye_cream", "mask", "sunscreen",
    "exfoliant", "lip_balm", "body_lotion", "body_wash", "hand_cream", "foundation", "primer", "powder",
    "lipstick", "eye_makeup", "blush", "makeup_other", "hair_dye", "shampoo", "conditioner", "perfume",
    "deodorant", "depilatory", "nail", "baby_nappy_cream", "baby_cream", "baby_wash", "baby_lotion",
    "baby_oil", "baby_powder", "baby_wipes", "baby_sunscreen", "other",
]  # fmt: skip
"""What is sold as one kind; those for mother and baby begin with ``baby_``."""

PromiseKind = Literal[
    "sensitive_skin", "no_irritation", "hypoallergenic", "non_comedogenic", "pregnancy_safe", "child_safe",
    "zero_additives", "acid_free", "alcohol_free", "fragrance_free", "preservative_free", "colourant_free",
    "paraben_free", "sulfate_free", "soap_free", "silicone_free", "mineral_oil_free", "oil_free",
    "hormone_free", "other",
]  # fmt: skip
"""What a product is sold with; ``data/promises.csv`` says what speaks against each."""

Texture = Literal[
    "caking", "pilling", "white_cast", "patchy", "oxidises", "greasy", "sticky", "wears_off",
    "hard_to_spread", "separated", "smell",
]  # fmt: skip
"""How a product feels, looks or wears, which no photo of skin decides."""

TextureWord = Annotated[Texture, one_of("texture")]

SkinType = Literal[
    "normal", "dry", "oily", "combination", "sensitive", "dry_sensitive", "oily_sensitive",
    "combination_sensitive", "acne_prone", "unknown",
]  # fmt: skip

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

_NOT_AN_ID = re.compile(r"(?:\+?86)?1[3-9]\d{9}|\d{17}[\dXx]|[^@\s]+@[^@\s]+\.[^@\s]+")


def _pseudonym(value: str) -> str:
    """Ids go into verdicts and tables of many cases: a number that finds a person must not be one."""
    if _NOT_AN_ID.fullmatch(value):
        raise PydanticCustomError(
            "personal_id", "give an id of your own, not a phone number, an identity number or an address"
        )
    return value


PseudonymousId = Annotated[Word, AfterValidator(_pseudonym)]
"""An id under which the platform knows somebody, who cannot be found by it alone."""


class AdvertisedClaim(Part):
    """Something the product was sold with, e.g. 敏感肌可用."""

    kind: Annotated[PromiseKind, promise_of()] = "other"  # what `text` says counts too
    by: Annotated[CarriedBy, one_of("speaker")]
    text: Prose = ""  # the words used
    proof: Annotated[Literal["recording", "screenshot", "statement"], one_of("proof")] = "statement"
    found_false: bool = False  # established by the platform, a board or the regulator


Areas = Annotated[tuple[AreaWord, ...], several_of("area"), Field(min_length=1, max_length=_MOST)]


class Product(Part):
    """The product complained about."""

    sku: Named
    name: Word = ""
    brand: Word = ""
    batch: Word = ""
    category: Annotated[Category, one_of("category")]
    stays_on: bool  # leave-on; false for rinse-off
    areas: Areas  # where it was used
    ingredients: IngredientText = ""  # pasted list in zh, en or INCI
    price: float | None = Field(default=None, gt=0, le=1_000_000)  # paid for one, in the shop's currency
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
    course: Annotated[Literal["improved", "unchanged", "worse", "unknown"], one_of("course")] = (
        "unknown"  # since stopping, or so far
    )
    course_seen: Moment | None = None  # when the course was judged
    treated: YesNo = "unknown"  # medicine that may have caused the improvement
    reuse: Literal["recurred", "tolerated", "not_tried", "unknown"] = "unknown"


class SignSeen(Part):
    """A visible sign and where it stands."""

    sign: SignWord
    areas: Areas


class CoUsed(Part):
    """Another product used on the same skin."""

    name: Named
    started: Moment | None = None
    ingredients: IngredientText = ""


class Procedure(Part):
    """Something done to the skin other than by a cosmetic."""

    kind: Annotated[
        Literal["laser", "peel", "microneedling", "hair_removal", "injection", "other"], one_of("procedure")
    ]
    at: Moment


Departure = Annotated[
    Literal[
        "too_often", "too_long", "left_on_rinse_off", "wrong_area", "broken_skin", "mixed_products",
        "expired", "no_sun_protection", "skipped_required_test",
    ],
    one_of("departure"),
]  # fmt: skip


class Usage(Part):
    """How the product was used."""

    departures: Annotated[tuple[Departure, ...], several_of("departure")] = ()  # from the pack's instructions
    followed_instructions: YesNo = "unknown"
    co_used: tuple[CoUsed, ...] = Field(default=(), max_length=_MOST)
    procedures: tuple[Procedure, ...] = Field(default=(), max_length=_MOST)
    strong_sun: YesNo = "unknown"  # on the same skin in the two days before onset
    other_causes: YesNo = (
        "unknown"  # as the person says: sun, a procedure, something new, a flare, anything else
    )
    season: Annotated[
        Literal["spring", "summer", "autumn", "winter", "season_change", "unknown"], one_of("season")
    ] = "unknown"


SkinCondition = Annotated[
    Literal["rosacea", "eczema", "acne", "seborrhoeic_dermatitis", "psoriasis", "other"],
    one_of("skin_condition"),
]


class Person(Part):
    """What matters about the person. No name, no address."""

    age: int | None = Field(default=None, ge=0, le=120)  # years
    pregnant: YesNo = "unknown"
    allergies: tuple[Word, ...] = Field(default=(), max_length=_MOST)  # substances, in any of their names
    skin_conditions: Annotated[tuple[SkinCondition, ...], several_of("skin_condition")] = ()
    skin_type: Annotated[SkinType, one_of("skin_type")] = "unknown"  # as the person says


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
    role: Annotated[
        Literal[
            "before", "after", "recovery", "product", "label", "advertised", "received", "swatch", "document",
            "parcel", "area",
        ],
        one_of("role"),
    ]  # parcel: as it arrived; area: skin that is looked at by a person and not measured  # fmt: skip
    taken_at: Moment | None = None


class Order(Part):
    """The order the claim belongs to."""

    id: Annotated[Named, AfterValidator(_pseudonym)]
    tenant: Word = ""  # whose ticket system it came from
    channel: PseudonymousId = ""  # where it was sold: a live room, a shop, a short video
    streamer: PseudonymousId = ""  # who sold it there
    ordered_sku: Word = ""
    received_sku: Word = ""
    seller_identity: Literal["known", "unavailable"] = "known"  # can the platform name the seller


MOST_PHOTOS = 40
"""Of one claim: ten days of four photos; each takes up to some seconds."""


class Consent(Part):
    """What the person, or a child's guardian, agreed to. See `check_consent`."""

    photos: YesNo  # that photos of the skin are looked at
    purposes: tuple[Literal["claim", "care", "product_signals"], ...] = ("claim",)  # what for
    face_check: YesNo = "unknown"  # that faces are compared, to see whether they show one person
    given_by: Literal["self", "guardian"] = "self"
    given_at: Moment | None = None


class _Filed(Part):
    """What both kinds of claim share."""

    case_id: Named
    received_at: Instant  # when the first employee learned of it: every clock starts here
    order: Order
    product: Product
    consent: Consent | None = None
    photos: tuple[PhotoRef, ...] = Field(default=(), max_length=MOST_PHOTOS)
    cannot_provide: tuple[Word, ...] = Field(
        default=(), max_length=_MOST
    )  # `what` codes of earlier requests that the person cannot meet, or has not met in time
    documented: tuple[FactName, ...] = ()  # facts of which the desk holds a record made by somebody else


class ReactionClaim(_Filed):
    """ "It gave me a rash." """

    kind: Literal["reaction"]
    timeline: Timeline = Timeline()
    symptoms: Annotated[tuple[SymptomWord, ...], several_of("symptom")] = Field(default=(), max_length=_MOST)
    signs: Annotated[tuple[SignSeen, ...], signs_of()] = Field(default=(), max_length=_MOST)
    alarms: Annotated[tuple[AlarmWord, ...], several_of("alarm")] = Field(default=(), max_length=_MOST)
    other_damage: Annotated[tuple[DamageWord, ...], several_of("damage")] = Field(
        default=(), max_length=_MOST
    )
    seriousness: Annotated[tuple[SeriousWord, ...], several_of("seriousness")] = Field(
        default=(), max_length=_MOST
    )
    social_impact: bool = False  # may cause public concern; set by the desk
    usage: Usage = Usage()
    person: Person = Person()
    ss10: SensitiveScale | None = None
    doctor: DoctorRecord | None = None


class ShadeClaim(_Filed):
    """ "The shade is wrong." """

    kind: Literal["shade"]
    question: Literal["does_not_suit", "not_as_shown", "wrong_item"]
    wears: Word = ""  # sku of a foundation or concealer of the catalogue that the person is content with


class TextureClaim(_Filed):
    """ "It pills." Answered with how to use it and an exchange; no photo is measured for it."""

    kind: Literal["texture"]
    complaints: Annotated[tuple[TextureWord, ...], several_of("texture")] = Field(
        min_length=1, max_length=_MOST
    )
    used_with: tuple[Word, ...] = Field(default=(), max_length=_MOST)  # what else was on the skin
    person: Person = Person()


Claim = ReactionClaim | ShadeClaim | TextureClaim
CLAIM = TypeAdapter[Claim](Annotated[Claim, Discriminator("kind")])


def claim_schema() -> dict[str, Any]:
    """The JSON schema of a claim file."""
    return {"$id": "skinscan.claim/1", **CLAIM.json_schema()}
