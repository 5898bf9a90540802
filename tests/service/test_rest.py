"""A case over REST: what it comes to, who may see it, what is refused and how."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.paths import ROOT
from tests.service.running import ADMIN, DESK, OPERATORS, SAMPLES, Running, bearer, claim, serving

HOSTILE = ROOT.parent / "shared" / "cases" / "hostile"
REACTION = SAMPLES / "claims" / "clear_reaction_zh"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("service") / "data", photos=4) as found:
        yield found


def test_a_case_from_opening_to_erasure(service: Running) -> None:
    case = service.open("T-1")
    assert service.settled(case)["state"] == "asks"
    for photo in json.loads((REACTION / "claim.json").read_text())["photos"]:
        sent = service.photo(
            case, photo["role"], (REACTION / photo["path"]).read_bytes(), photo["taken_at"][:10]
        )
        assert sent.status_code == 202, sent.text
    found = service.settled(case)
    assert [photo["state"] for photo in found["photos"]] == ["good"] * 3
    verdict = service.http.get(f"/v1/cases/{case['id']}/verdict", headers=DESK).json()["verdict"]
    assert found["outcome"] == verdict["outcome"] == "uphold"

    page = service.http.get(f"/v1/cases/{case['id']}/reports/consumer", headers=bearer(case["token"]))
    assert page.text.startswith("<!doctype html>")
    decision = {
        "outcome": "partial",
        "shares": {"brand": 9000, "consumer": 1000},
        "why": "agreed by telephone",
    }
    decided = service.http.post(f"/v1/cases/{case['id']}/decision", json=decision, headers=DESK)
    assert (decided.json()["state"], decided.json()["outcome"]) == ("decided", "partial")

    assert service.http.delete(f"/v1/cases/{case['id']}", headers=bearer(case["token"])).status_code == 204
    assert service.http.get(f"/v1/cases/{case['id']}", headers=DESK).status_code == 410
    assert not (service.folder / "cases" / case["id"]).exists()
    left = b"".join(path.read_bytes() for path in service.folder.glob("tickets.sqlite"))
    assert b"agreed by telephone" not in left


def test_no_case_is_seen_with_the_key_of_another(service: Running) -> None:
    one, other = service.open("T-2"), service.open("T-3")
    path, key = f"/v1/cases/{one['id']}", bearer(other["token"])
    asked = [
        service.http.get(path, headers=key),
        service.http.get(f"{path}/reports/consumer", headers=key),
        service.http.patch(path, json={"person": {"age": 3}}, headers=key),
        service.http.delete(path, headers=key),
        service.http.post(f"{path}/follow", headers=key),
        service.http.post(
            f"{path}/photos", headers=key, data={"role": "after"}, files={"photo": ("x", b"x")}
        ),
        service.http.get(f"/c/{one['id']}", params={"key": other["token"]}),
        service.http.get(f"/c/{one['id']}/state"),
    ]
    assert {answer.status_code for answer in asked} == {404}
    for name in ("verdict", "reports/arbitration"):
        assert service.http.get(f"{path}/{name}", headers=bearer(one["token"])).status_code == 403
    assert service.http.get(path).status_code == 401
    assert service.http.get(f"/desk/{one['id']}").status_code == 401
    assert service.http.get("/v1/audit", headers=DESK).status_code == 403
    assert service.http.get("/metrics", headers=bearer(ADMIN)).status_code == 200


def test_the_same_key_does_it_once_and_another_request_under_it_is_refused(service: Running) -> None:
    key = {"Idempotency-Key": "order-77"}
    first, again = service.open("T-4", **key), service.open("T-4", **key)
    assert first == again
    other = service.http.post("/v1/cases", json=claim("T-5"), headers=DESK | key)
    assert (other.status_code, other.json()["code"]) == (422, "KEY_REUSED")
    data = (SAMPLES / "face_light.jpg").read_bytes()
    sent = [service.photo(first, "after", data, **{"Idempotency-Key": "p"}).json()["id"] for _ in range(2)]
    assert sent[0] == sent[1]
    assert len(service.status(first)["photos"]) == 1
    assert len(list((service.folder / "cases" / first["id"]).glob("*.jpg"))) == 1


def test_what_was_asked_is_answered_and_fixed_fields_stay(service: Running) -> None:
    case = service.open("T-6", "usage_untold_zh")
    asked = {item["what"] for item in service.settled(case)["missing"]}
    assert "person.age" in asked
    path, key = f"/v1/cases/{case['id']}", bearer(case["token"])
    assert service.http.patch(path, json={"person": {"age": 34}}, headers=key).status_code == 200
    assert "person.age" not in {item["what"] for item in service.settled(case)["missing"]}
    for patch in (
        {"received_at": "2020-01-01"},
        {"documented": ["age"]},
        {"product": {"sku": "x"}},
        {"order": {"id": "y"}},
    ):
        assert service.http.patch(path, json=patch, headers=key).status_code == 403
    wrong = service.http.patch(path, json={"person": {"age": "old"}}, headers=key)
    assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "person.age")


def test_whoever_asks_for_a_second_opinion_does_not_decide(service: Running) -> None:
    case = service.open("T-7")
    service.settled(case)
    path, bo = f"/v1/cases/{case['id']}", bearer(OPERATORS["bo"])
    assert (
        service.http.post(f"{path}/second-opinion", json={"why": "unsure"}, headers=DESK).json()["state"]
        == "desk"
    )
    decision = {"outcome": "reject", "why": "seen"}
    assert service.http.post(f"{path}/decision", json=decision, headers=DESK).status_code == 409
    assert service.http.post(f"{path}/decision", json=decision, headers=bo).status_code == 200
    wrong = decision | {"shares": {"brand": 9999}}
    assert service.http.post(f"{path}/decision", json=wrong, headers=bo).json()["code"] == "SHARES_WRONG"


def test_uploads_that_are_no_photos_or_too_many_are_refused(service: Running) -> None:
    case = service.open("T-8")
    for data in (
        b"",
        b"GIF89a" + bytes(50),
        b"<svg onload=x>",
        bytes(1000),
        b"%PDF-1.7",
        b"\xff\xd8\xff\xe0",
    ):
        refused = service.photo(case, "after", data)
        assert (refused.status_code, refused.json()["code"]) == (415, "NOT_A_PHOTO")
    bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x01\0\0\0\x01\0\0\x08\2\0\0\0" + bytes(30)
    assert service.photo(case, "after", bomb).status_code in (413, 415)
    assert service.photo(case, "after", bytes(26_000_000)).status_code == 413
    cut = (SAMPLES / "face_light.jpg").read_bytes()[:5000]  # a head that promises a photo
    assert service.photo(case, "after", cut).status_code == 202
    assert service.settled(case)["photos"][0]["state"] == "refused"
    for number in range(4):
        last = service.photo(case, "label", (SAMPLES / "no_face.jpg").read_bytes())
        assert last.status_code == (202 if number < 3 else 409)


def test_no_answer_tells_of_the_machine(service: Running) -> None:
    case = service.open("T-9")
    answers = [
        service.http.get("/nothing"),
        service.http.put("/v1/cases"),
        service.http.get("/v1/cases/../../etc/passwd"),
        service.http.post("/v1/cases", content=b"{" * 5000, headers=DESK),
        service.http.post("/v1/cases", content=b'{"kind": "reaction", "x": "\\ud83d\\u0000"}', headers=DESK),
        service.http.post("/v1/cases", json=claim("T-9"), headers=DESK),
        service.photo(case, "nose", b"x"),
        service.photo(case, "after", b"x", "2026-99-99"),
        service.http.get(f"/c/{case['id']}/report/x"),
        service.http.get("/static/../settings.py"),
    ]
    for answer in answers:
        assert 400 <= answer.status_code < 500, answer.text
        for secret in (str(service.folder), "Traceback", "samples/", 'File "', "site-packages", "127.0.0.1"):
            assert secret not in answer.text


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="needs the folder of hostile files")
def test_hostile_pictures_end_as_a_photo_that_is_judged_or_refused(service: Running) -> None:
    case = service.open("T-10")
    files = [path for path in HOSTILE.rglob("*") if path.suffix in (".tif", ".py", ".sh")]
    answers = [service.photo(case, "after", path.read_bytes()) for path in files]
    assert {answer.status_code for answer in answers} <= {202, 413, 415}
    kept = sum(answer.status_code == 202 for answer in answers)
    assert len(service.settled(case)["photos"]) == kept
