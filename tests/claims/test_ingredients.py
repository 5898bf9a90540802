import re
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skinscan.claims import History, ReactionClaim, load_claim, match_ingredients
from skinscan.claims.ingredients.label import parse_ingredients
from skinscan.claims.ingredients.relevance import LabelFindings
from skinscan.claims.ingredients.substances import EVIDENCE, HAZARDS, find_substance, substances
from skinscan.claims.tables import STATUSES
from tests.claims.cases import CLEAR_REACTION, changed


def names(text: str) -> list[str]:
    return [
        entry.substance.inci if entry.substance else f"?{entry.text}" for entry in parse_ingredients(text)
    ]


def found(text: str, history: History | None = None, **product: object) -> LabelFindings:
    claim = load_claim(
        changed(CLEAR_REACTION, **{f"product__{key}": value for key, value in product.items()})
    )
    assert isinstance(claim, ReactionClaim)
    return match_ingredients(text, history or History(), claim.product)


# The data file


def check_digit_holds(cas: str) -> bool:
    digits = cas.replace("-", "")
    total = sum(place * int(digit) for place, digit in enumerate(reversed(digits[:-1]), start=1))
    return total % 10 == int(digits[-1])


def test_every_cas_number_passes_its_check_digit() -> None:
    for substance in substances():
        for cas in substance.cas:
            assert re.fullmatch(r"\d{2,7}-\d{2}-\d", cas), substance.inci
            assert check_digit_holds(cas), (substance.inci, cas)


def test_all_eu_fragrance_allergen_entries_are_there() -> None:
    marker = "Reg (EU) 2023/1545, Annex III/"
    entries = Counter(
        int(substance.source.removeprefix(marker))
        for substance in substances()
        if substance.source.startswith(marker)
    )
    expected = {
        45, 46, 67, *range(69, 79), 80, 81, 82, *range(84, 93), 109, 114, 122, 124, 131, 133, 154, 157, 175,
        196, 324, *range(327, 372),
    }  # fmt: skip
    assert set(entries) == expected
    assert len(expected) == 81
    assert set(entries.values()) == {1}
    cas = {number for s in substances() if s.source.startswith(marker) for number in s.cas}
    assert len(cas) == 162


def test_rows_use_the_closed_words() -> None:
    for substance in substances():
        assert set(substance.hazards) <= set(HAZARDS)
        assert substance.evidence in EVIDENCE
        assert substance.status in STATUSES
        assert substance.source
        assert re.fullmatch(r"\d{4}(-\d{2}){0,2}", substance.date)
        assert (substance.hazards == ("none",)) == (substance.evidence == "none"), substance.inci
    assert len(substances()) >= 250


def test_no_name_belongs_to_two_substances() -> None:
    for substance in substances():
        for name in (substance.inci, *substance.zh, *substance.aliases):
            assert find_substance(name) == (substance, "exact"), name


def test_sls_is_an_irritant_and_no_sensitiser() -> None:
    hit = find_substance("Sodium Lauryl Sulfate")
    assert hit
    assert hit[0].hazards == ("irritant",)


# Reading a list


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("成分：水、甘油，1,2-己二醇；苯氧乙醇", ["Aqua", "Glycerin", "1,2-Hexanediol", "Phenoxyethanol"]),
        ("水 甘油 丁二醇 烟酰胺", ["Aqua", "Glycerin", "Butylene Glycol", "Niacinamide"]),
        ("水\n甘油\n水杨酸 2%", ["Aqua", "Glycerin", "Salicylic Acid"]),
        ("Ingredients: Aqua/Water/Eau, Sodium\nLauryl Sulfate", ["Aqua"] * 3 + ["Sodium Lauryl Sulfate"]),
        ("Aqua, Phenoxy-\nethanol", ["Aqua", "Phenoxyethanol"]),
        ("香精（FRAGRANCE），苯氧乙醇（Phenoxyethanol）", ["Parfum", "Phenoxyethanol"]),
        (
            "ＳＯＤＩＵＭ　ＬＡＵＲＥＴＨ　ＳＵＬＦＡＴＥ，ＡＬＣＯＨＯＬ",
            ["Sodium Laureth Sulfate", "Alcohol"],
        ),
        (
            "Caprylic/Capric Triglyceride, Jasmine Oil/Extract",
            ["Caprylic/Capric Triglyceride", "Jasmine Oil/Extract"],
        ),
        ("1. 水 2. 甘油", ["Aqua", "Glycerin"]),
        ("水，火星土提取物", ["Aqua", "?火星土提取物"]),
        ("", []),
        ("、，；\n", []),
    ],
)
def test_reads_lists_as_they_are_pasted(text: str, expected: list[str]) -> None:
    assert names(text) == expected


PLAIN = ["Aqua", "Glycerin", "Parfum"]


@pytest.mark.parametrize(
    "text",
    [
        "Aqua. Glycerin. Parfum",
        "Aqua · Glycerin · Parfum",
        "水・甘油・香精",
        "Aqua | Glycerin | Parfum",
        "Aqua\tGlycerin\tParfum",
        "1. Aqua 2. Glycerin 3. Parfum",
        "①水②甘油③香精",
        "1) Aqua, 2) Glycerin, 3) Parfum",
        "Aqua<br>Glycerin<br/>Parfum",
        "<li>Aqua</li><li>Glycerin</li>Parfum",
        "Aqua / Glycerin / Parfum",
        "- Aqua\n- Glycerin\n- Parfum",
        "水；甘油；香精",
        "水。甘油。香精",
        "Aqua&nbsp;&middot; Glycerin &middot; Parfum",
        "Aqua (and) Glycerin (and) Parfum",
        "Aqua¹, Glycerin², Parfum³",
        "Aqua*, Glycerin†, Parfum**. *from organic farming",
        "Aqua1, Glycerin2, Parfum3",
        "Ingredients (INCI): Aqua, Glycerin, Parfum",
        "INGREDIENTS / INGRÉDIENTS : Aqua, Glycerin, Parfum",
        "Active ingredients: Aqua. Inactive ingredients: Glycerin, Parfum",
        "有效成分：水；其他成分：甘油、香精",
        "【全成分】水、甘油、香精",
        "成分/Ingredients：水、甘油、香精",
        "Full Ingredients List: Aqua, Glycerin, Parfum",
        "INGREDIENTS\nAqua\nGlycerin\nParfum",
        "Inhaltsstoffe: Aqua, Glycerin, Parfum",
        "Ingredients (Aqua, Glycerin, Parfum)",
        "Aqua, Glycerin (Parfum",
        "Aqua, [Glycerin, Parfum",
        "Aqua, Glycerin), Parfum",
        "水、甘油、香精。",
        "\u200b水、甘油\u200b、香精",
        "一、水 二、甘油 三、香精",
        "（一）水（二）甘油（三）香精",
        "㈠水㈡甘油㈢香精",
        "⒈水⒉甘油⒊香精",
        "第一：水 第二：甘油 第三：香精",
        "1、水 2、甘油 3、香精",
        "1- Aqua 2- Glycerin 3- Parfum",
        "#1 Aqua #2 Glycerin #3 Parfum",
        "a) Aqua b) Glycerin c) Parfum",
        "i. Aqua ii. Glycerin iii. Parfum",
        "Aqua, Glycerin and Parfum",
        "水、甘油及香精",
        "水，甘油，香精等",
        "Aqua + Glycerin + Parfum",
        "Aqua – Glycerin – Parfum",
        "Aqua → Glycerin → Parfum",
        "💧Aqua 💧Glycerin 💧Parfum",
        "Aqua®, Glycerin™, Parfum^1",
        "主要成分为水、甘油、香精",
        "本品成分包括：水、甘油、香精",
        "配方：水、甘油、香精",
        "What's inside: Aqua, Glycerin, Parfum",
        "Zutaten: Aqua, Glycerin, Parfum",
    ],
)
def test_every_substance_is_known_as_in_a_plain_list(text: str) -> None:
    assert names(text) == PLAIN


@pytest.mark.parametrize(
    "prose",
    [
        "Free from: parabens, Linalool",
        "This product is free of Linalool, Alcohol and parabens.",
        "Without Alcohol, Linalool",
        "Does not contain: Alcohol; Linalool",
        "No parabens, no Linalool, no Alcohol",
        "0% Alcohol, 0% Linalool",
        "本品不含酒精、芳樟醇、防腐剂",
        "不含：酒精、芳樟醇",
        "0添加酒精、芳樟醇",
        "零添加：芳樟醇",
        "未添加酒精",
        "無添加酒精",
        "无酒精、无芳樟醇",
        "酒精、芳樟醇0添加",
        "Sans parabènes, Linalool ni Alcohol",
        "Ne contient pas Alcohol, Linalool",
        "Ohne Alcohol, Linalool und Parabene.",
        "Frei von Linalool",
        "Enthält keine Parabene, Alcohol",
        "Alcohol-free, Linalool-free",
        "Sin Alcohol, Linalool",
        "Senza Alcohol, Linalool",
        "Sem Alcohol, Linalool",
        "Zonder Alcohol, Linalool",
        "Bez Linalool",
        "Без Linalool",
        "Exento de Linalool",
        "Contains neither Alcohol nor Linalool",
        "Never Alcohol, Linalool",
        "没有酒精、芳樟醇",
        "並無酒精、芳樟醇",
        "未含酒精",
        "拒绝酒精、芳樟醇",
        "Linalool 0%",
        "Alcohol: none",
        "Alcohol (not present)",
    ],
)
def test_what_is_said_to_be_absent_is_not_listed(prose: str) -> None:
    for text in (f"Aqua, Glycerin, Parfum. {prose}", f"{prose.rstrip('.')}. Aqua, Glycerin, Parfum"):
        if "：" in prose or ":" in prose or prose.endswith("添加"):
            text = f"水、甘油、香精。{prose}"
        assert names(text) == PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "不含：酒精；芳樟醇；水；甘油；香精",
        "不含：酒精、芳樟醇；水、甘油、香精",
        "Free from: Alcohol, Linalool; Aqua, Glycerin, Parfum",
        "Free from Alcohol - Aqua, Glycerin, Parfum",
        "Free from: Alcohol, Linalool\nIngredients: Aqua, Glycerin, Parfum",
        "不含酒精、芳樟醇，成分：水、甘油、香精",
        "不含酒精的配方：水、甘油、香精",
        "不含酒精 成分 水 甘油 香精",
    ],
)
def test_a_denial_ends_where_the_list_begins(text: str) -> None:
    assert names(text) == PLAIN


def test_a_denial_inside_a_list_takes_its_entry_only() -> None:
    assert names("水、甘油、无酒精、香精") == PLAIN
    assert names("水、甘油、酒精零添加、香精") == PLAIN
    assert names("Aqua, Alcohol-free, Glycerin, Parfum (free of phthalates)") == PLAIN
    assert names("无水乙醇") == ["Alcohol"]  # anhydrous, not absent


def test_lists_within_brackets_are_listed_too() -> None:
    assert names("Parfum (Fragrance, Limonene, Linalool)") == ["Parfum", "Limonene", "Linalool"]
    assert names("香精（含柠檬烯、芳樟醇）") == ["Parfum", "Limonene", "Linalool"]
    assert names("Aqua (Water), Parfum (Fragrance), Titanium Dioxide [nano]") == [
        "Aqua",
        "Parfum",
        "Titanium Dioxide",
    ]
    assert names("CI 77491, 77492/77499") == ["CI 77491", "CI 77492", "CI 77499"]


@pytest.mark.parametrize(
    "text",
    [
        "Talc [+/- MAY CONTAIN/PEUT CONTENIR CI 77891, CI 77491]",
        "Talc. May contain (+/-): CI 77891, CI 77491",
        "Talc, ± CI 77891, CI 77491",
        "滑石粉、可能含有：CI 77891、CI 77491",
    ],
)
def test_what_may_be_in_it_is_so_named(text: str) -> None:
    entries = parse_ingredients(text)
    assert [entry.section for entry in entries] == ["main", "may_contain", "may_contain"]
    assert names(text)[1:] == ["Titanium Dioxide", "CI 77491"]


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("Salicylic Acid 0.5%", 0.5),
        ("Salicylic Acid 0,5%", 0.5),
        ("Salicylic Acid (0,3 %)", 0.3),
        ("Salicylic acid 0.5-2%", 2),
        ("Salicylic Acid 0,5 – 2 %", 2),
        ("Salicylic Acid 0.5% to 2%", 2),
        ("水杨酸0.5％", 0.5),
        ("水杨酸0.5％~2％", 2),
        ("水楊酸 2%", 2),
        ("水杨酸≤2%", 2),
        ("2% Salicylic Acid", 2),
        ("Salicylic Acid 5000 ppm", 0.5),
        ("Salicylic Acid 5,000ppm", 0.5),
        ("Salicylic Acid 5.000 ppm", 0.5),
        ("Salicylic Acid 20 mg/g", 2),
        ("Salicylic Acid 5 ‰", 0.5),
        ("Salicylic Acid 0.5 % (w/w)", 0.5),
        ("Salicylic Acid\t2%", 2),
        ("Salicylic Acid 3000 IU", None),
        ("Salicylic Acid 200%", None),
        ("Salicylic Acid 1.5 percent", 1.5),
    ],
)
def test_amounts_of_every_country_are_read_and_cost_no_substance(text: str, percent: float | None) -> None:
    (entry,) = parse_ingredients(text)
    assert entry.substance
    assert (entry.substance.inci, entry.percent) == ("Salicylic Acid", percent)


def test_traditional_names_are_those_of_the_simplified() -> None:
    listed = "菸鹼醯胺、水楊酸、變性乙醇、對羥基苯甲酸甲酯、月桂醇硫酸酯鈉、檸檬烯"
    assert names(listed) == [
        "Niacinamide",
        "Salicylic Acid",
        "Alcohol Denat.",
        "Methylparaben",
        "Sodium Lauryl Sulfate",
        "Limonene",
    ]


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "(",
        "[",
        "()",
        "no a,",
        "无酒",
        "0添加",
        "sans ",
        "(free of a",
        "[+/- ",
        "may contain/",
        "active ",
        "1. a ",
        "0.5-",
        "1,",
        "1,234,",
        "&amp;",
        " ",
        "\n",
        ". ",
        "a/",
        "酒 ",
        "a,",
        "¹",
        "((a,b),",
        "CI 77491,",
        "<a ",
        "≤ ",
        "a(b,c) ",
        "1 %,",
        "不含：酒",
        "不含a;b,",
        "成分 ",
        "一、",
        "a) ",
        "i. ",
        "(一",
        "; ",
        "a + ",
        "a和",
        "®",
        "^1",
        "第一",
        "Aqua,",
    ],
)
def test_time_grows_in_step_with_the_length(unit: str) -> None:
    """Doubled twice: a linear reader takes four times as long, a quadratic one sixteen times."""

    def seconds(length: int) -> float:
        begun = time.process_time()
        parse_ingredients((unit * length)[:length])
        return time.process_time() - begun

    short, long = (min(seconds(length) for _ in range(3)) for length in (2_500, 10_000))
    assert long < max(9 * short, 0.1)


def test_numbers_of_characters_that_do_not_exist_are_no_fault() -> None:
    assert names("Aqua, &#71;lycerin, &#" + "9" * 10_000 + "; Parfum") == PLAIN


def test_a_label_that_is_hardly_known_is_said_to_be() -> None:
    assert found("水、甘油、火星土、月球土").partly_read
    assert not found("水、甘油、香精、水杨酸、火星土").partly_read
    assert not found("").partly_read


def test_percentages_and_sections_are_kept() -> None:
    entries = parse_ingredients("水，水杨酸（2％），其他微量成分：苯甲醇，可能含有：CI 77491")
    assert [(e.percent, e.section) for e in entries] == [
        (None, "main"), (2.0, "main"), (None, "micro"), (None, "may_contain"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("S0dium Lauryl Su1fate", "Sodium Lauryl Sulfate"),
        ("月桂醇硫酸酷钠", "Sodium Lauryl Sulfate"),
        ("苯氧乙酵", "Phenoxyethanol"),
        ("Lirnonene", "Limonene"),
        ("1inalool", "Linalool"),
    ],
)
def test_look_alike_letters_are_repaired(written: str, meant: str) -> None:
    hit = find_substance(written)
    assert hit
    assert (hit[0].inci, hit[1]) == (meant, "ocr")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sodium Lauryl Sulfate", "Sodium Laureth Sulfate"),
        ("SLS", "SLES"),
        ("月桂醇硫酸酯钠", "月桂醇聚醚硫酸酯钠"),
        ("月桂醇硫酸酯钠", "月桂醇硫酸酯铵"),
        ("Cetyl Alcohol", "Alcohol"),
        ("Cetearyl Alcohol", "Alcohol Denat."),
        ("Stearyl Alcohol", "Ethyl Alcohol"),
        ("鲸蜡醇", "乙醇"),
        ("Benzyl Alcohol", "Alcohol"),
        ("苯甲醇", "乙醇"),
        ("Citronellol", "Citronellal"),
        ("Retinol", "Retinal"),
        ("Methylparaben", "Ethylparaben"),
        ("BHA", "Salicylic Acid"),
        ("1,2-己二醇", "己二醇"),
        ("Propanediol", "Propylene Glycol"),
    ],
)
def test_neighbours_are_never_confused(one: str, other: str) -> None:
    first, second = find_substance(one), find_substance(other)
    assert first
    assert second
    assert first[0].inci != second[0].inci


@pytest.mark.parametrize(
    "stranger",
    [
        "Sodium Lauryth Sulfate",
        "Octyl Alcohol",
        "Citronellyl",
        "Retinil",
        "Lauryl Sulfate",
        "不含酒精",
        "SL5",
    ],
)
def test_what_is_not_known_stays_unknown(stranger: str) -> None:
    assert find_substance(stranger) is None


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for entry in parse_ingredients(text):
        assert entry.text


@given(st.lists(st.sampled_from([s.inci for s in substances()]), min_size=1, max_size=20))
def test_a_clean_inci_list_is_read_back_whole(listed: list[str]) -> None:
    assert names(", ".join(listed)) == listed


# Weighing it for a person


def test_benzyl_alcohol_counts_as_allergen_and_fatty_alcohols_as_nothing() -> None:
    hazards = found("Aqua, Cetyl Alcohol, Stearyl Alcohol, Benzyl Alcohol").hazards
    assert [hazard.substance.inci for hazard in hazards] == ["Benzyl Alcohol"]
    assert hazards[0].substance.hazards == ("sensitiser",)


def test_ethanol_is_weak_evidence() -> None:
    assert [hazard.relevance for hazard in found("Alcohol Denat.").hazards] == ["low"]


@pytest.mark.parametrize("allergy", ["香精", "fragrance", "芳樟醇", "78-70-6"])
def test_a_reported_allergy_to_a_substance_or_its_group_is_top(allergy: str) -> None:
    findings = found("Aqua, Linalool", History(allergies=(allergy,)))
    assert findings.known_allergy
    assert findings.hazards[0].relevance == "high"


def test_formaldehyde_allergy_covers_its_releasers() -> None:
    assert found("DMDM乙内酰脲", History(allergies=("甲醛",))).known_allergy
    assert not found("苯氧乙醇", History(allergies=("甲醛",))).known_allergy


def test_an_allergy_to_a_harmless_substance_still_counts() -> None:
    assert found("甘油", History(allergies=("甘油",))).known_allergy


def test_allergies_that_name_nothing_are_reported() -> None:
    assert found("水", History(allergies=("芒果",))).allergies_not_understood == ("芒果",)


def test_relevance_depends_on_skin_area_and_product_type() -> None:
    assert [h.relevance for h in found("乙醇").hazards] == ["low"]
    assert [h.relevance for h in found("乙醇", History(sensitive=True)).hazards] == ["medium"]
    assert [h.relevance for h in found("乙醇", areas=["眼周"]).hazards] == ["medium"]
    assert [h.relevance for h in found("视黄醇", stays_on=False).hazards] == ["medium"]
    # Sensitive skin stings more easily; it does not sensitise more.
    assert [h.relevance for h in found("柠檬烯", History(sensitive=True), stays_on=False).hazards] == [
        "medium"
    ]


def test_parfum_says_that_its_allergens_are_undeclared() -> None:
    assert found("水，香精").undeclared_fragrance
    assert not found("水，芳樟醇").undeclared_fragrance
