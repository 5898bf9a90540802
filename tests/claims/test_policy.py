from importlib.resources import files
from pathlib import Path

import pytest

from skinscan.claims import check_policy, load_policy
from skinscan.claims.policy.decision_table import check_unique, combinations, matches
from skinscan.claims.policy.liability import share_out
from skinscan.claims.policy.model import LIABILITY_SPACE, REACTION_SPACE, SHADE_SPACE, WHOLE, Policy
from skinscan.errors import DataError

DEFAULT = (files("skinscan.claims") / "data" / "policy_default.yaml").read_text(encoding="utf-8")


def line_of(text: str, needle: str) -> int:
    return text[: text.index(needle)].count("\n") + 1


def faults_of(tmp_path: Path, old: str, new: str) -> tuple[str, list[tuple[int, str]]]:
    assert DEFAULT.count(old) == 1, old
    text = DEFAULT.replace(old, new)
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    return text, check_policy(path)


def with_change(tmp_path: Path, old: str, new: str) -> Policy:
    path = tmp_path / "policy.yaml"
    path.write_text(DEFAULT.replace(old, new), encoding="utf-8")
    return load_policy(path)


def test_the_default_policy_is_sound_and_never_rejects_by_itself() -> None:
    policy = load_policy()
    assert "reject" not in policy.automatic
    assert len(policy.sha256) == 64
    clocks = policy.clocks
    assert (clocks.first_answer_hours, clocks.decision_hours, clocks.erase_photos_hours) == (1, 24, 72)
    days = clocks.regulator_days
    assert (days.general, days.serious, days.social_impact) == (30, 15, 3)


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("id: skinscan-default", "id: a\nid: b", "id: b", 'key "id" is given twice'),
        ('misuse: ["no"]', "misuse: [no]", "misuse: [no]", "put it in quotes"),
        ('"2026-11-01"', "2026-11-01", "effective_from", "reads as a date"),
        ("decision_hours: 24", "decision_hours: soon", "decision_hours", "valid integer"),
        ("decision_hours: 24", "decision_hours: 0", "decision_hours", "greater than 0"),
        ("decision_hours: 24 ", "decision_hour: 24 ", "decision_hour: 24", "Extra inputs"),
        (
            "observation_hours: 96",
            "observation_hours: 48",
            "observation_hours",
            "greater than or equal to 96",
        ),
        ("[red_flag, serious,", "[serious,", "to_human", "red_flag may not be left out"),
        ("[uphold, partial, needs_info]", "[human_review]", "automatic", "Input should be"),
        ("level: [insufficient]", "level: [sure]", "{level: [sure]}", "level is never sure"),
        ("level: [insufficient]", "mood: [good]", "{mood: [good]}", "no input is called mood"),
        ("level: [insufficient]", "level: []", "{level: []}", "can never match"),
        ("id: R2_SUPPORTED_WITH_MISUSE", "id: R1_SUPPORTED ", "id: R1_SUPPORTED ", "used before"),
        (
            "image: [no_change]}\n    then: human_review",
            "image: [no_change, absent]}\n    then: human_review",
            "- id: R4_",
            "overlaps row 3 for level likely, image absent",
        ),
        (
            "level: [unlikely], image: [increase]",
            'level: [unlikely], image: [increase], misuse: ["yes"]',
            "reaction:\n",
            "no row for level unlikely, image increase, misuse no",
        ),
        ("remainder: brand", "remainder: consumer", "liability:\n", "leaves everything to the consumer"),
        ("item: [unknown]", "item: [same]", "- id: S3_", "overlaps row 2"),
        ("combine: cap", "combine: sum", "- id: L7_", "L6_TRANSPORT, L7_BATCH_DEFECT together take 20000"),
    ],
)
def test_a_fault_is_explained_at_its_line(tmp_path: Path, old: str, new: str, at: str, message: str) -> None:
    text, faults = faults_of(tmp_path, old, new)
    assert any(message in said and line == line_of(text, at) for line, said in faults), faults
    with pytest.raises(DataError, match="line ") as caught:
        load_policy(tmp_path / "policy.yaml")
    assert caught.value.exit_code == 7


@pytest.mark.parametrize("text", ["", "- 1", "\t", "a: [", "a: &x 1\nb: *x", "a: !!python/name:os.system ''"])
def test_what_is_no_policy_at_all(tmp_path: Path, text: str) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    assert check_policy(path)


def test_bytes_that_are_no_text_and_files_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    assert check_policy(path) == [(1, "the policy is marked as utf-16 and is not")]
    with pytest.raises(DataError, match="Cannot read policy"):
        load_policy(tmp_path / "nothing.yaml")


def test_several_faults_are_reported_together(tmp_path: Path) -> None:
    _, faults = faults_of(tmp_path, "  first_answer_hours: 1 ", "  first_answer_hours: -1\n  second: 2 ")
    assert len(faults) == 2


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(DEFAULT, encoding="utf-8")
    assert load_policy(path).sha256 == load_policy().sha256
    path.write_text(DEFAULT + "# a comment\n", encoding="utf-8")
    assert load_policy(path).sha256 != load_policy().sha256


def test_every_combination_meets_exactly_one_outcome_row() -> None:
    policy = load_policy()
    for rows, space in ((policy.reaction, REACTION_SPACE), (policy.shade_outcome, SHADE_SPACE)):
        for facts in combinations(space):
            assert sum(matches(row.when, facts) for row in rows) == 1


def test_responsibility_always_sums_to_the_whole(tmp_path: Path) -> None:
    policies = [load_policy(), with_change(tmp_path, "combine: cap", "combine: first")]
    for policy in policies:
        for facts in combinations(LIABILITY_SPACE):
            shares = share_out(facts, policy.liability)
            assert sum(share.basis_points for share in shares) == WHOLE
            assert all(share.basis_points > 0 for share in shares)


def test_ways_to_combine_differ_as_described(tmp_path: Path) -> None:
    facts = {
        "cause": "product_and_misuse",
        "false_claim_by": "streamer",
        "promise": "proven",
        "batch": "sound",
        "transport": "sound",
        "seller": "known",
    }

    def shares(policy: Policy) -> list[tuple[str, int, str]]:
        return [(share.party, share.basis_points, share.rule) for share in share_out(facts, policy.liability)]

    assert shares(load_policy()) == [
        ("consumer", 5000, "L4_MISUSE"),
        ("streamer", 3000, "L8_CLAIM_BY_STREAMER"),
        ("brand", 2000, "REMAINDER"),
    ]
    assert shares(with_change(tmp_path, "combine: cap", "combine: first")) == [
        ("consumer", 5000, "L4_MISUSE"),
        ("brand", 5000, "REMAINDER"),
    ]


def test_gaps_and_overlaps_are_found() -> None:
    space = {"a": ("x", "y"), "b": ("1", "2")}
    assert check_unique([{}], space) == []
    assert check_unique([{"a": ("x",)}], space) == [(None, "no row for a y, b 1")]
    assert check_unique([{}, {"a": ("y",), "b": ("2",)}], space) == [(1, "overlaps row 1 for a y, b 2")]
