"""What things are called on paper and screen, in Chinese and English: one home for every name and sentence.

Shine, not sebum; visible reactivity, not sensitive skin; and nothing here calls a face normal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from skinscan.change.types import Delta
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
    "sensitivity_with_answers": ("反应性（含问卷）", "reactivity with answers"),
    "tone": ("肤色", "skin tone"),
    "redness >": ("整体更红", "redder overall"),
    "redness_local >": ("局部更红", "redder in places"),
    "oil_balance >": ("反光更强", "shinier"),
    "sensitivity >": ("红得更弥散、更斑驳", "more reactive look"),
    "sensitivity_with_answers >": ("感觉或外观更敏感", "more reported or seen"),
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
    # Areas: groups of zones, and where a product is put on.
    "cheeks": ("双颊", "cheeks"),
    "under_eyes": ("双眼下", "under-eyes"),
    "jaws": ("双侧下颌", "jaws"),
    "t_zone": ("T 区", "T-zone"),
    "u_zone": ("U 区", "U-zone"),
    "eye_product": ("眼部产品使用区", "where an eye product goes"),
    "lip_product": ("唇周（唇部产品）", "around the lips (lip product)"),
    "face_product": ("面部产品使用区", "where a face product goes"),
    "mask": ("指定区域", "the area given"),
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
    # Sites and shades.
    "jaw": ("下颌", "jaw"),
    "cheek": ("脸颊", "cheek"),
    "neck": ("颈部", "neck"),
    "lips": ("嘴唇", "lips"),
    "lighter": ("偏浅", "lighter"),
    "deeper": ("偏深", "deeper"),
    "pinker": ("偏粉", "pinker"),
    "yellower": ("偏黄", "yellower"),
    "more_saturated": ("更饱和", "more saturated"),
    "less_saturated": ("偏灰", "less saturated"),
    # Reasons that no check stands for.
    "ZONES_COVERED": (
        "所需区域被遮挡：请移开头发、手、口罩和眼镜",
        "The zones it needs are covered: move hair, hands, mask and glasses away",
    ),
    "UNSURE": (
        "这张照片不足以给出可靠分值：请在正面自然光下靠近、对焦后重拍",
        "This photo tells it no better than a guess: retake it close, sharp and in daylight from the front",
    ),
}

_TEXTS: dict[str, tuple[str, str]] = {
    ", ": ("、", ", "),
    ": ": ("：", ": "),
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
        "{0:+.1f} EI，90% 区间 [{1:+.1f}, {2:+.1f}]；可测出的最小变化 {3:.1f}；{4}",
        "{0:+.1f} EI, 90 % interval [{1:+.1f}, {2:+.1f}]; smallest detectable {3:.1f}; {4}",
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
    "doubt": ("疑点", "Doubt"),
    # The strip of a comparison and of a trend.
    "before": ("前", "Before"),
    "after": ("后（已对齐到“前”照）", "After, laid on the before-photo"),
    "map of change": ("红斑变化图", "Where redness changed"),
    "chart of zones": ("各区变化（EI）及 90% 区间", "Change by zone, EI, 90 % interval"),
    "change scale": (
        "红斑指数变化（EI）：左为变淡，右为变红",
        "change of the erythema index, EI: right is redder",
    ),
    "grey is": ("灰色：变化未超出误差", "grey: within what chance gives"),
    "hatched is": ("斜线：未能测量", "hatched: not measured"),
    "outlined is": ("黄线：变化突出处，共约 {0:.1f} cm²", "outlined: stands out, about {0:.1f} cm²"),
    "outlined maybe": (
        "黄线：可能有变化，但未能证实，共约 {0:.1f} cm²",
        "outlined: may have changed, not shown, {0:.1f} cm²",
    ),
    "claimed": ("申诉区域", "claimed area"),
    "band is": ("灰带 ±1.8 EI：肉眼勉强可见以内", "grey band: less than just visible, ±1.8 EI"),
    "against is": ("相对同一张脸上未变化的皮肤", "against unchanged skin of the same face"),
    "no reading": ("未能测量", "not measured"),
    "power is": (
        "各区可测出的最小变化：中位 {0:.1f} EI（刚可察觉约 1.8 EI）",
        "Smallest detectable change: median {0:.1f} EI a zone (just visible: about 1.8)",
    ),
    "series title": ("共 {0} 个日期，与第一个日期比较", "{0} dates, each against the first"),
    "series of": ("历次较首次的变化（EI）", "Change since the first date, EI"),
    "day": ("第 {0:g} 天", "day {0:g}"),
    "date": ("第 {0} 次", "date {0}"),
    "first date": ("首次", "first"),
    "dates": ("日期", "dates"),
    "recovery": ("走势", "course"),
    "returned": ("已恢复", "back"),
    "improving": ("好转", "improving"),
    "persisting": ("持续", "persisting"),
    "worsening": ("加重", "worsening"),
    "returned course": (
        "已恢复到首次的状态，且这些照片足以显示刚可察觉的残留",
        "back to the first date, and these photos would have shown a just-visible rest",
    ),
    "improving course": (
        "较最重时好转，但未证明已恢复",
        "improved since the worst date, not shown to be back",
    ),
    "persisting course": ("变化仍在，未见好转或加重", "the change is still there, neither better nor worse"),
    "worsening course": ("加重", "moved further away from the first date"),
    "no_change course": (
        "各次均无变化，且这些照片足以显示刚可察觉的变化",
        "no change at any date, and these photos would have shown a just-visible one",
    ),
    "inconclusive course": (
        "无法判定：既不能说已恢复，也不能说未恢复",
        "inconclusive: neither recovery nor its absence is shown",
    ),
    "step is": (
        "与最重的一次（{0}）相比 {1:+.1f} EI [{2:+.1f}, {3:+.1f}]",
        "{1:+.1f} EI [{2:+.1f}, {3:+.1f}] since the worst date ({0})",
    ),
    "trend note": (
        "▲ 变红，▼ 变淡，= 无变化，均较首次；± 为 90% 区间；空白为无法判定，- 为未能测量。",
        "▲ redder, ▼ less red, = no change since the first date; ± is the 90 % interval; blank: not shown"
        " either way; -: not measured.",
    ),
    "dates left out": (
        "表中放不下较早的日期 {0} 个，全部见 --json",
        "Dates that did not fit, earliest first: {0}; --json has all",
    ),
    "change closing": (
        "以上仅为照片外观的比较，不构成诊断；照片上看不出变化，不代表没有反应。",
        "Compared by the look of photos, not a diagnosis; what does not show is not ruled out.",
    ),
    # Claims.
    "case": ("案件", "Case"),
    "outcome": ("结论", "Outcome"),
    "proposed": ("（规则建议：{0}）", " (the rules propose: {0})"),
    "next step": ("下一步", "Next step"),
    "queue": ("队列", "Queue"),
    "queue is": ("{0}，优先级：{1}", "{0}, priority {1}"),
    "a person must": ("转人工原因", "Why a person"),
    "causality": ("关联性", "Causality"),
    "severity": ("程度", "Severity"),
    "severity is": ("{0}；不良反应类型：{1}", "{0}; {1} reaction"),
    "photos say": ("照片", "Photos"),
    "photos compared": ("{0}：{1}", "{0}: {1}"),
    "area delta": (
        "{0} {1:+.1f}–{2:+.1f} EI（最小可测 {3:.1f}）",
        "{0} {1:+.1f} to {2:+.1f} EI (smallest seen {3:.1f})",
    ),
    "no comparison": ("没有可比较的照片", "nothing to compare"),
    "photos refused": ("不予比较：{0}", "not compared: {0}"),
    "signals": ("照片来源", "Origin"),
    "reasons": ("理由", "Reasons"),
    "missing": ("所需资料", "Missing"),
    "advice": ("对用户的建议", "Advice"),
    "ingredients": ("相关成分", "Ingredients"),
    "responsibility": ("责任划分", "Responsibility"),
    "share is": ("{0:.0%} {1}（{2}）", "{0:.0%} {1} ({2})"),
    "due": ("时限", "Due"),
    "first answer by": ("首次答复 {0}", "first answer {0}"),
    "decision by": ("作出决定 {0}", "decision {0}"),
    "erase photos by": ("删除照片 {0}", "photos erased {0}"),
    "regulator by": ("上报监管 {0}", "report to the regulator {0}"),
    "policy": ("策略", "Policy"),
    "claim closing": (
        "关联性判断不是诊断；照片上看不出反应，不代表没有反应。时间为北京时间。",
        "A judgement of causality, not a diagnosis; what does not show is not ruled out. Times are UTC+8.",
    ),
    # Evidence.
    "evidence log": ("审计日志", "Audit log"),
    "log is": ("{0} 条记录，签名与链条完好", "entries: {0}; signatures and chain hold"),
    "log ahead": (
        "有 {0} 条记录因中断尚无检查点，下次写入时补上",
        "left without a checkpoint by a crash: {0}; the next entry renews it",
    ),
    "log torn": (
        "末尾有一段因中断未写完的记录，下次写入时清除",
        "a piece of an entry that a crash cut off; the next entry removes it",
    ),
    "anchor": ("锚点", "Anchor"),
    "anchor is": ("{0}（请另存他处，日后用 --anchor 核对）", "{0} (note it elsewhere, check it by --anchor)"),
    "bundles": ("证据包", "Bundles"),
    "bundle": ("证据包", "Bundle"),
    "state": ("状态", "state"),
    "sealed": ("已封存", "sealed"),
    "images_erased": ("图像已销毁", "images erased"),
    "erased": ("已销毁", "erased"),
    "unknown": ("日志中没有", "not in the log"),
    "sealed at": ("封存时间", "sealed at"),
    "sealed on": ("封存时间", "Sealed"),
    "erased on": ("销毁时间", "Erased"),
    "replay": ("重新裁定", "judged again"),
    "replay same": ("逐字节一致", "same bytes"),
    "replay locked": ("无密钥，未解密", "locked"),
    "replay erased": ("已销毁", "erased"),
    "replay not_reached": ("未进行", "not reached"),
    "fault": ("问题", "Fault"),
    "no bundles": ("没有证据包", "none"),
    "signed by": ("签名者", "Signed by"),
    "judged by": ("裁定规则", "Judged by"),
    "judged is": ("skinscan {0}，规则 {1}，策略 {2} {3}", "skinscan {0}, rules {1}, policy {2} {3}"),
    "findings kept": ("所存结论", "Findings"),
    "images kept": ("所存图像", "Images"),
    "kept is": ("{0} 个文件，共 {1:.1f} kB", "files: {0}, {1:.1f} kB"),
    "until": ("保存至", "Until"),
    "until erased": ("结论：直到运营方销毁", "findings: until the operator erases them"),
    "until images": ("图像：{0}", "images: {0}"),
    "overdue": ("{0}，已到期，请运行 erase --due", "{0}, overdue: run erase --due"),
    "erased is": ("{0}（{1}）", "{0} ({1})"),
    "findings": ("结论", "findings"),
    "images": ("图像", "images"),
    "erased note": (
        "密钥已销毁，任何副本都无法再读",
        "their keys are destroyed: no copy can be read any more",
    ),
    "evidence closing": (
        "证明封存后未被改动，不证明封存内容属实，也不证明封存时间。时间为北京时间。",
        "Shows what was altered since it was sealed; neither that it was true nor when. Times are UTC+8.",
    ),
    # Shades.
    "catalogue": ("色号目录", "Catalogue"),
    "catalogue is": ("{0}，{1} 个色号", "{0}, {1} shades"),
    "colour at": ("{0}颜色", "Colour, {0}"),
    "lab is": ("L* {0}  a* {1}  b* {2}", "L* {0}  a* {1}  b* {2}"),
    "other site": ("未见{0}，以{1}代替，误差更大", "the {0} is not seen; the {1} stands in, less surely"),
    "shades that fit": ("适合的色号", "Shades that fit"),
    "neighbours": ("同款中更合适的色号", "Better fits in the same product"),
    "equivalents": ("其他品牌中更合适的色号", "Better fits of other brands"),
    "shade": ("色号", "shade"),
    "fits with": ("合适概率", "fits"),
    "direction": ("与肤色相比", "against the skin"),
    "shades note": (
        "合适：上脸颜色与肤色相差不超过 {0:.1f} dE00 的概率，已计入全部误差；* 为网络色块，未经仪器测量。"
        "方向仅在有把握时给出。",
        "Fits: probability that the worn colour is within {0:.1f} dE00 of the skin, with every error counted."
        " * a web swatch, not measured. A direction is named only where it is sure.",
    ),
    "error budget": ("误差来源", "Error, dE00"),
    "error exposure": ("曝光", "exposure"),
    "error light": ("光线白平衡", "white of the light"),
    "error camera": ("相机", "camera"),
    "error segmentation": ("取样范围", "segmentation"),
    "error site": ("部位", "site"),
    "error other_site": ("以其他部位代替", "other site"),
    "error catalogue": ("目录色值", "catalogue"),
    "error total": ("合计", "together"),
    "known shade": ("已知色号", "Known shade"),
    "known True": ("{0}：一直合用，已用来收窄误差", "{0}: worn in, so it narrows the error"),
    "known False": (
        "{0}：与照片矛盾，未采用",
        "{0}: the photo contradicts it, so it is not used",
    ),
    "by swatch": ("依据实物涂抹与色卡的照片", "by the photo of a swatch beside a colour card"),
    "difference is": (
        "色差 {0:.1f} dE00，90% 区间 [{1:.1f}, {2:.1f}]；可接受的概率 {3:.0%}",
        "{0:.1f} dE00, 90 % interval [{1:.1f}, {2:.1f}]; acceptable with {3:.0%}",
    ),
    "suits match": ("合适：色号与肤色相符", "match: the shade fits the skin"),
    "suits mismatch": ("不合适：色差超出全部误差", "mismatch: it misses the skin by more than every error"),
    "suits inconclusive": (
        "无法判定：这张照片的误差不足以下结论",
        "inconclusive: this photo's error leaves it open",
    ),
    "as_advertised match": ("与展示相符", "match: the colour is the one shown"),
    "as_advertised mismatch": (
        "与展示不符：色差超出全部误差",
        "mismatch: it differs from what was shown by more than every error",
    ),
    "as_advertised inconclusive": (
        "无法判定：这张照片的误差不足以下结论",
        "inconclusive: this photo's error leaves it open",
    ),
    "suits direction": ("色号比肤色{0}", "the shade is {0} than the skin"),
    "as_advertised direction": ("收到的颜色比展示{0}", "the colour received is {0} than the one shown"),
    "colour grades": ("色值来源", "Colour grades"),
    "grade lab": ("仪器 Lab", "measured Lab"),
    "grade spectrum": ("光谱", "spectrum"),
    "grade hex": ("网络色块（低）", "web swatch (low)"),
    "rows refused": ("拒收行数", "Rows refused"),
    "row": ("行", "row"),
    "field": ("字段", "field"),
    "reason": ("原因", "reason"),
    "more problems": ("另有 {0} 项", "and {0} more"),
    "shade closing card": (
        "颜色由照片估计，光线以色卡为参照。",
        "Colours are estimated from a photo, its light taken from the colour card.",
    ),
    "shade closing": (
        "颜色由照片估计；拍照时把色卡放在脸旁可大幅减小误差。",
        "Colours are estimated from a photo; a colour card beside the face makes them far surer.",
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

    def __contains__(self, key: str) -> bool:
        """Whether there is a word for the key."""
        return key in _NAMES or key in _TEXTS

    def fill(self, key: str, *values: object) -> str:
        """The sentence for a key with its gaps filled."""
        return self[key].format(*values)

    def join(self, words: Iterable[str]) -> str:
        """A list in words."""
        return self[", "].join(words)

    def area(self, name: str) -> str:
        """An area given as names of zones and areas joined by commas."""
        return self.join(self[part] for part in name.split(","))

    def change(self, delta: Delta) -> str:
        """A difference of erythema with its interval, power and test."""
        p = "p < 0.001" if delta.p < 0.001 else f"p = {delta.p:.3f}"
        return self.fill("delta is", delta.delta, delta.low, delta.high, delta.sdc, p)

    def date(self, number: int, day: float | None) -> str:
        """The date `number` of a series, 0 is the first: its day since then, or its number."""
        if number == 0:
            return self["first date"]
        return self.fill("date", number + 1) if day is None else self.fill("day", day)

    def of(self, advice: Advice) -> str:
        """The advice in this language."""
        return advice.zh if _LANGUAGES[self._column] == "zh" else advice.en
