"""Results as text for a terminal or a pipe, in Chinese or English.

Every function returns the text. Off a terminal it has no colour codes and no frames, so that it can be cut,
searched and mailed.
"""

from __future__ import annotations

import io
import math
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from skinscan.types import Light, Measure, Metric, Photo, Face, Run, Scan, Score, Tone

if TYPE_CHECKING:
    from skinscan.doctor import Check as Finding
    from skinscan.weights import ModelRow

__all__ = [
    "Language",
    "locale_language",
    "shape",
    "summarise",
    "tabulate_bench",
    "tabulate_checks",
    "tabulate_models",
]

Language = Literal["zh", "en"]

_NARROWEST, _WIDEST = 72, 120  # columns the text fills
_BAR, _WIDE_BAR, _WIDE_FROM = 16, 40, 110  # cells of a score's bar; columns from which the wide one fits
_MONK_SHARE = 0.9  # probability that the range of Monk tones covers
_HASH = 12  # digits of a SHA-256 that are shown

_WORDS: dict[str, tuple[str, str]] = {  # key -> (zh, en)
    "redness": ("泛红", "redness"),
    "redness_local": ("局部泛红", "local redness"),
    "oil_balance": ("光泽度", "shine"),
    "sensitivity": ("可见反应性", "visible reactivity"),
    "pigmentation": ("色斑", "dark spots"),
    "tone": ("肤色", "skin tone"),
    "redness >": ("更红", "redder"),
    "redness_local >": ("最红处更突出", "reddest skin stands out"),
    "oil_balance >": ("反光更强", "shinier"),
    "sensitivity >": ("红得更弥散或斑驳", "more diffuse or patchy"),
    "pigmentation >": ("斑更多或更深", "more or darker spots"),
    "forehead": ("额头", "forehead"),
    "glabella": ("眉间", "glabella"),
    "nose": ("鼻部", "nose"),
    "left_under_eye": ("左眼下", "left under-eye"),
    "right_under_eye": ("右眼下", "right under-eye"),
    "left_cheek": ("左脸颊", "left cheek"),
    "right_cheek": ("右脸颊", "right cheek"),
    "perioral": ("口周", "perioral"),
    "chin": ("下巴", "chin"),
    "left_jaw": ("左下颌", "left jaw"),
    "right_jaw": ("右下颌", "right jaw"),
    "upper_lip": ("上唇", "upper lip"),
    "lower_lip": ("下唇", "lower lip"),
    "very_light": ("极浅", "very light"),
    "light": ("浅", "light"),
    "intermediate": ("中等", "intermediate"),
    "tan": ("黄褐", "tan"),
    "brown": ("棕", "brown"),
    "dark": ("深", "dark"),
    "cool": ("冷调", "cool"),
    "neutral": ("中性", "neutral"),
    "warm": ("暖调", "warm"),
    ", ": ("、", ", "),
    "photo": ("照片", "Photo"),
    "photo is": (
        "{name}，{width} x {height} 像素，{format}，色彩配置 {icc}；第 {index}/{count} 张脸，瞳距 {eyes:.0f} 像素",
        "{name}, {width} x {height} px {format}, profile {icc}; face {index} of {count}, {eyes:.0f} px between the eyes",
    ),
    "measured": ("已测", "Measured"),
    "not measured": ("未测", "Not measured"),
    "nothing": ("无", "nothing"),
    "scores": ("评分（0–100，方括号内为 90% 区间）", "Scores, 0-100 with their 90 % interval"),
    "score": ("项目", "score"),
    "value": ("值", "value"),
    "interval": ("90% 区间", "90 % interval"),
    "higher means": ("越高表示", "higher means"),
    "scores note": (
        "泛红 50 分是肤色深浅相同的健康面部的中位数；5 分约为一级刚可察觉的差别（+1.8 EI）。",
        "Redness 50 is the median of healthy faces of the same skin depth; 5 points are one just-visible step"
        " (+1.8 EI).",
    ),
    "zones": ("分区（左右以本人为准，± 为 90% 区间）", "Zones; left and right are the person's own, ± is the 90 % interval"),
    "zone": ("区域", "zone"),
    "erythema": ("红斑 EI", "erythema EI"),
    "contrast": ("比全脸 EI", "vs own face"),
    "melanin": ("黑色素 MI", "melanin MI"),
    "shine": ("反光 %", "shine %"),
    "lightness": ("L*", "L*"),
    "pixels": ("像素", "pixels"),
    "zones note": (
        "▲ 比本人全脸更红，▼ 更不红，且区间不含 0。反光为镜面反射占入射光的百分比；L* 含明暗。",
        "▲ redder, ▼ less red than the own face with an interval clear of 0. Shine is specular reflection in"
        " % of the light; L* includes shading.",
    ),
    "tone is": (
        "脸颊 L* {0}  a* {1}  b* {2}",
        "cheek L* {0}  a* {1}  b* {2}",
    ),
    "ita is": ("ITA {0}°，{1}（区间涉及：{2}）", "ITA {0}°, {1} (the interval touches {2})"),
    "hue is": ("色相角 {0}°；{1}", "hue angle {0}°; {1}"),
    "monk is": (
        "Monk 肤色最可能为 {0} 号（{1:.0%}），{2}–{3} 号合计至少 {4:.0%}",
        "Monk tone {0} is most likely ({1:.0%}), {2}-{3} together at least {4:.0%}",
    ),
    "light row": ("光线", "Light"),
    "sclera": ("白色参照取自巩膜（眼白）", "white taken from the sclera"),
    "none": ("未找到白色参照，沿用相机白平衡", "no white reference found, the camera's white balance stands"),
    "light is": (
        "{0}；剩余不确定度（1σ）：R/G {1:.1f}、G/B {2:.1f}、曝光 {3:.1f} OD",
        "{0}; uncertain by (1 sigma) R/G {1:.1f}, G/B {2:.1f}, exposure {3:.1f} OD",
    ),
    "run": ("运行", "Run"),
    "no cuda": ("未用 CUDA：{0}", "CUDA not used: {0}"),
    "checks": ("照片检查", "Photo checks"),
    "checks passed": ("{0} 项全部通过", "all {0} passed"),
    "check is": ("{0}（{1:g}，限值 {2:g} {3}）。{4}", "{0} ({1:g}, limit {2:g} {3}). {4}"),
    "ZONES_COVERED": ("所需区域被遮挡：请移开头发、手和眼镜", "The zones needed are covered: move hair, hands and glasses away"),
    "closing": (
        "这是对一张照片外观的测量，不是诊断；照片上看不出的反应不能因此排除。",
        "Measured from the look of one photo; not a diagnosis. A reaction that does not show here is not ruled out.",
    ),
}  # fmt: skip


class _Words:
    """The vocabulary of one language."""

    def __init__(self, language: Language) -> None:
        self._column = ("zh", "en").index(language)

    def __getitem__(self, key: str) -> str:
        return _WORDS[key][self._column] if key in _WORDS else key

    def list(self, keys: Iterable[str]) -> str:
        return self[", "].join(self[key] for key in keys) or self["nothing"]


def locale_language() -> Language:
    """Chinese where the locale says so, else English."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, named), "").startswith("zh") else "en"


def shape(stream: TextIO) -> tuple[int, bool]:
    """Columns to fill, and whether colours are wanted there."""
    colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return shutil.get_terminal_size().columns, colour


def summarise(scan: Scan, language: Language, width: int = 80, colour: bool = False) -> str:
    """One scan, readable: what could be measured, scores, zones, tone, light, and how to retake the photo."""
    words = _Words(language)
    wide = width >= _WIDE_FROM
    parts = [
        _facts([(words["photo"], _photo(scan.photo, scan.face, words)), *_verdict(scan, words)]),
        _heading(words["scores"]),
        _indented(_score_table(scan.scores.scores, words, _WIDE_BAR if wide else _BAR)),
        _remark(words["scores note"]),
        _heading(words["zones"]),
        _indented(_zone_table(scan, words)),
        _remark(words["zones note"]),
        Text(),
        _facts(
            [
                *_tone(scan.tone, words),
                (words["light row"], _light(scan.light, words)),
                (words["run"], _run(scan.run, words)),
                *_checks(scan, words),
            ]
        ),
        Text(),
        _remark(words["closing"], indent=0),
    ]
    return _render(parts, width, colour)
