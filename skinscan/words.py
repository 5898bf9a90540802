"""What things are called on paper and screen, in Chinese and English: one home for every name and sentence.

Shine, not sebum; visible reactivity, not sensitive skin; and nothing here calls a face normal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from skinscan.types import Advice

__all__ = ["Language", "Words"]

Language = Literal["zh", "en"]
_LANGUAGES: tuple[Language, ...] = ("zh", "en")

_NAMES: dict[str, tuple[str, str]] = {
    # Metrics and scores; "NAME >" says what a higher score means.
    "redness": ("泛红", "redness"),
    "redness_local": ("局部泛红", "local redness"),
    "oil_balance": ("光泽度", "shine"),
    "sensitivity": ("可见反应性", "visible reactivity"),
    "pigmentation": ("色斑", "dark spots"),
    "tone": ("肤色", "skin tone"),
    "redness >": ("整体更红", "redder overall"),
    "redness_local >": ("局部更红", "redder in places"),
    "oil_balance >": ("反光更强", "shinier"),
    "sensitivity >": ("红得更弥散、更斑驳", "more reactive look"),
    "pigmentation >": ("斑更多或更深", "more, darker spots"),
    # Zones; left and right are the person's own.
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
    # Tone.
    "very_light": ("极浅", "very light"),
    "light": ("浅", "light"),
    "intermediate": ("中等", "intermediate"),
    "tan": ("黄褐", "tan"),
    "brown": ("棕", "brown"),
    "dark": ("深", "dark"),
    "cool": ("冷调", "cool"),
    "neutral": ("中性", "neutral"),
    "warm": ("暖调", "warm"),
    # Light.
    "card": ("以色卡为参照", "colours taken from the colour card"),
    "sclera": ("以巩膜（眼白）为白色参照", "white taken from the sclera"),
    "none": ("没有白色参照，沿用相机的白平衡", "no white reference, the camera's white balance stands"),
    # Reasons that no check stands for.
    "ZONES_COVERED": (
        "所需区域被遮挡：请移开头发、手、口罩和眼镜",
        "The zones it needs are covered: move hair, hands, mask and glasses away",
    ),
}

_TEXTS: dict[str, tuple[str, str]] = {
    ", ": ("、", ", "),
    "photo": ("照片", "Photo"),
    "photo is": ("{0}，{1} x {2} 像素，{3}，色彩配置 {4}", "{0}, {1} x {2} px, {3}, profile {4}"),
    "face": ("人脸", "Face"),
    "face is": (
        "共 {1} 张，这是第 {0} 张；瞳距 {2:.0f} 像素；转头 {3}°，俯仰 {4}°，歪头 {5}°",
        "{0} of {1}; {2:.0f} px between the eyes; yaw {3}°, pitch {4}°, roll {5}°",
    ),
    "measured": ("已测", "Measured"),
    "not measured": ("未测", "Not measured"),
    "abstained": ("未测：{0}", "not measured: {0}"),
    "scores": ("评分（0–100）", "Scores, 0-100"),
    "score": ("项目", "score"),
    "value": ("分值", "value"),
    "interval": ("90% 区间", "90 % interval"),
    "higher means": ("分值越高", "higher means"),
    "scores note": (
        "泛红 50 分为同等肤色深浅的健康面部的中位数；每 5 分相当于一级刚可察觉的差异（+1.8 EI）。",
        "Redness 50 is the median of healthy faces of the same skin depth; 5 points are one just-visible step"
        " (+1.8 EI).",
    ),
    "zones": ("分区（± 为 90% 区间）", "Zones, ± is the 90 % interval"),
    "zone": ("区域", "zone"),
    "erythema_index": ("红斑\nEI", "erythema\nEI"),
    "erythema_contrast": ("较全脸\nEI", "vs own\nface, EI"),
    "melanin_index": ("黑色素\nMI", "melanin\nMI"),
    "shine": ("反光\n%", "shine\n%"),
    "lightness": ("明度\nL*", "light\nL*"),
    "pixels": ("像素", "pixels"),
    "zones note": (
        "左、右以本人为准。▲ 比本人全脸更红，▼ 不及全脸红，且区间不含 0。反光为镜面反射占入射光的百分比，"
        "明度含光影。",
        "Left and right are the person's own. ▲ redder, ▼ less red than the own face, with an interval clear"
        " of 0. Shine is specular reflection in % of the light; L* includes shading.",
    ),
    "tone is": ("脸颊 L* {0}  a* {1}  b* {2}", "cheek L* {0}  a* {1}  b* {2}"),
    "ita is": ("ITA {0}，{1}（区间涉及：{2}）", "ITA {0}, {1} (the interval touches {2})"),
    "hue is": ("色相角 {0}；底色 {1}", "hue angle {0}; undertone {1}"),
    "monk is": (
        "Monk 色阶最可能为第 {0} 级（{1:.0%}）；第 {2}–{3} 级合计 {4:.0%}",
        "Monk tone {0} is the most likely ({1:.0%}); {2} to {3} together {4:.0%}",
    ),
    "lighting": ("光线", "Light"),
    "light is": (
        "{0}；仍不确定（1σ）：R/G {1:.1f}、G/B {2:.1f}、曝光 {3:.1f} OD",
        "{0}; left uncertain (1 sigma): R/G {1:.1f}, G/B {2:.1f}, exposure {3:.1f} OD",
    ),
    "run": ("运行", "Run"),
    "no cuda": ("未用 CUDA：{0}", "CUDA not used: {0}"),
    "checks": ("照片检查", "Photo checks"),
    "checks passed": ("{0} 项全部通过", "{0} of {0} passed"),
    "checks failed": ("{1} 项中 {0} 项未通过，重拍建议：", "{0} of {1} failed; to retake:"),
    "check is": ("{0}（{1:.3g}，限值 {2:g} {3}）", "{0} ({1:.3g}, limit {2:g} {3})"),
    # Comparisons.
    "before and after": ("前 -> 后", "Before, after"),
    "verdict": ("结论", "verdict"),
    "refused": ("不予比较，原因见下", "not compared; the reason is below"),
    "all skin": ("全部可见皮肤", "all visible skin"),
    "verdict is": ("{0}（{1}）", "{0} ({1})"),
    "increase": ("变红", "redder"),
    "decrease": ("变淡", "less red"),
    "no_change": ("无变化", "no change"),
    "inconclusive": ("无法判定", "inconclusive"),
    "increase verdict": ("测得变红", "redness increased"),
    "decrease verdict": ("测得红色减轻", "redness decreased"),
    "no_change verdict": (
        "未见变化，且这些照片足以显示刚可察觉的变化",
        "no change, and these photos would have shown a just-visible one",
    ),
    "inconclusive verdict": (
        "无法判定：既不能说变红，也不能说没有变红",
        "inconclusive: neither a change nor its absence is shown",
    ),
    "delta is": (
        "{0:+.1f} EI，90% 区间 [{1:+.1f}, {2:+.1f}]；可测出的最小变化 {3:.1f}；p = {4:.3f}",
        "{0:+.1f} EI, 90 % interval [{1:+.1f}, {2:+.1f}]; smallest detectable {3:.1f}; p = {4:.3f}",
    ),
    "change zones": (
        "各区较未变化皮肤的变化（后减前）",
        "Change of each zone against untouched skin, after minus before",
    ),
    "delta EI": ("红斑\nEI", "erythema\nEI"),
    "sdc": ("最小可测\nEI", "smallest\nseen, EI"),
    "p": ("p", "p"),
    "delta MI": ("黑色素\nMI", "melanin\nMI"),
    "delta shine": ("反光\n%", "shine\n%"),
    "dE00": ("色差\ndE00", "colour\ndE00"),
    "change note": (
        "▲ 变红，▼ 变淡，= 无变化。刚可察觉的红斑约为 +1.8 EI；“=”只在最小可测变化小于 1.8 EI 时"
        "给出；空白为无法判定。",
        "▲ redder, ▼ less red, = no change, blank: not shown either way. Just-visible erythema is about"
        " +1.8 EI; = stands only where less than that would have shown.",
    ),
    "affected": ("变化面积", "Affected"),
    "affected is": (
        "占所测皮肤 {0:.1f}%，约 {1:.1f} cm²（按标准脸换算）；形态：{2}",
        "{0:.1f} % of the skin measured, about {1:.1f} cm² on a standard face; pattern: {2}",
    ),
    "no pattern": ("无", "none"),
    "diffuse": ("弥漫", "diffuse"),
    "patchy": ("片状", "patchy"),
    "papular": ("丘疹样", "papular"),
    "spots": ("点状", "spots"),
    "whole face": ("全脸", "Whole face"),
    "face change is": (
        "{0:+.1f} EI [{1:+.1f}, {2:+.1f}]：含灯光误差，不作判定依据",
        "{0:+.1f} EI [{1:+.1f}, {2:+.1f}]: carries the lamps' error and decides nothing",
    ),
    "->": ("——", "->"),
    "change closing": (
        "以上仅为照片外观的比较，不构成诊断；照片上看不出变化，不代表没有反应。",
        "Compared by the look of photos, not a diagnosis; what does not show is not ruled out.",
    ),
    "closing": (
        "以上仅为一张照片中外观的测量，不构成诊断；照片上看不出反应，不代表没有反应。",
        "Measured from the look of one photo, not a diagnosis; what does not show is not ruled out.",
    ),
}


class Words:
    """The vocabulary in one language."""

    def __init__(self, language: Language) -> None:
        """Choose the language."""
        self._column = _LANGUAGES.index(language)

    def __getitem__(self, key: str) -> str:
        """The word for a key; a key without one stands for itself."""
        texts = _NAMES.get(key) or _TEXTS.get(key)
        return texts[self._column] if texts else key

    def fill(self, key: str, *values: object) -> str:
        """The sentence for a key with its gaps filled."""
        return self[key].format(*values)

    def join(self, words: Iterable[str]) -> str:
        """A list in words."""
        return self[", "].join(words)

    def of(self, advice: Advice) -> str:
        """The advice in this language."""
        return advice.zh if _LANGUAGES[self._column] == "zh" else advice.en
