"""What runs in a worker process: look at one photo, judge one case. Plain values in and out."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from samples.ticket_service.settings import Settings
from skinscan import errors

__all__ = ["MEASURED", "judge_case", "look_at", "start"]

MEASURED = ("before", "after", "recovery")
"""Roles of photos of the face; the others are only opened."""

_state: dict[str, Any] = {}


def start(settings: Settings) -> None:
    """Once in each process: end with the parent, load the rules."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
    import skinscan as s

    _state["scanner"] = s.Scanner(settings.device)
    _state["policy"] = s.load_policy(Path(settings.policy)) if settings.policy else s.load_policy()
    _state["catalog"] = s.load_catalog(Path(settings.catalog)) if settings.catalog else None
    _state["products"] = s.load_products(Path(settings.products)) if settings.products else None
    if settings.index:
        from skinscan.casework import DuplicateIndex

        _state["index"] = DuplicateIndex(settings.index)


def _die_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def look_at(path: str, role: str) -> tuple[str, list[dict[str, str]]]:
    """One photo -> ("good", "poor" or "refused", findings with code, zh and en).

    "poor": something cannot be measured on it, and the findings say what to do; "refused": nothing can.
    """
    from skinscan.claims.messages import message
    from skinscan.measure.photo import open_photo, read_source

    try:
        _, data = read_source(path, "photo")
        if role not in MEASURED:
            open_photo(data, name="photo")
            return "good", []
        scan = _state["scanner"].scan(data, name="photo")
    except (errors.PhotoError, errors.FaceError, errors.QualityError) as error:
        try:
            told = message("photo", error.code)
        except KeyError:
            told = message(
                "photo", "PHOTO_UNREADABLE" if isinstance(error, errors.PhotoError) else "QUALITY_UNUSABLE"
            )
        return "refused", [{"code": error.code, "zh": told.zh, "en": told.en}]
    failed = [check for check in scan.quality.checks if not check.ok]
    findings = [{"code": check.code, "zh": check.advice.zh, "en": check.advice.en} for check in failed]
    return ("poor" if any(check.disables for check in failed) else "good"), findings


def judge_case(
    claim: Mapping[str, Any], folder: str, follow: Sequence[tuple[str, str, str]], reports: str
) -> tuple[str, str]:
    """A case -> its verdict as JSON and the course of the skin that is followed; the reports are written.

    `claim`: with its photos, named from `folder`. `follow`: (date, file, role) of the photos, for
    `trend`; fewer than two dates since the complaint give no course. `reports`: folder that gets both pages.
    """
    import skinscan as s
    from skinscan.output.records.claim import case_to_dict
    from skinscan.output.report import report_claim, save_pages

    case = s.work_case(
        s.load_claim(claim),
        folder=Path(folder),
        policy=_state["policy"],
        scanner=_state["scanner"],
        catalog=_state["catalog"],
        products=_state["products"],
        index=_state.get("index"),
    )
    save_pages(report_claim(case), Path(reports))
    return json.dumps(case_to_dict(case), ensure_ascii=False), _course(Path(folder), follow)


def _course(folder: Path, photos: Sequence[tuple[str, str, str]]) -> str:
    """ "worsening", "improving", ... from the first photo of the complaint on; empty if they cannot tell.

    `photos`: date, file and role. The course is read against the last photo before the complaint, since skin
    that turns back to it gets better; without one, redder is worse and paler is better.
    """
    dates: dict[bool, dict[str, list[Any]]] = {True: {}, False: {}}  # before the complaint, and since
    for date, name, role in photos:
        try:
            dates[role == "before"].setdefault(date, []).append(_state["scanner"].scan(folder / name))
        except errors.SkinScanError:
            continue
    days = sorted(dates[False])
    if len(days) < 2:
        return ""
    before = sorted(day for day in dates[True] if day < days[0])[-1:]
    series = [*(dates[True][day] for day in before), *(dates[False][day] for day in days)]
    try:
        trend = _state["scanner"].trend(series, taken_at=[*before, *days])
    except errors.SkinScanError:
        return ""
    if trend.status != "ok":
        return ""
    if before:
        return str(trend.recovery)
    change = trend.points[-1].change
    return {"increase": "worsening", "decrease": "improving"}.get(change.verdict, "") if change else ""
