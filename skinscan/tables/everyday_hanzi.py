"""Characters that a short Chinese table is most likely made of: they tell one encoding from another.

The commonest characters of written Chinese, and those that names of shades and products are made of.
"""

from __future__ import annotations

__all__ = ["everyday_share"]

_SIMPLIFIED = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电"
    "力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天四日那平形相全表间样与关各重新线内数正心反你明看原又么利比"
    "或但质气第向道命此变条只没结解问意月公无系很情者最立代想已通并提直题程展五果料象员位入常文总次品式活设及管特件长求老头基资边流路级少图山接知较将组见"
    "计别她手角期根指几九区强放决西被做必先回则任取据处南给色光门即保北造百规热领七海口东导器压世金增油思术极交受什认六共收证改清己美再转更单风切打白速花"
    "带安场身车真具万每目至达走示声报完类八离华名确才科信节话米整空元今集温许步广石记需段林且观装影低持音布复容儿须商非验连断深难近千周素技备半办青列响约"
    "支般感便往酸除消称太准精值号率选标写存候毛快效查型眼按格养易置层片始却专状适属包住调满照参红细引听该价严"
    "牙肤粉底液唇膏釉哑遮瑕浅暖冷瓷偏黄棕蜜桃玫瑰豆沙奶茶肉桂橘枫叶裸珊瑚梅莓樱柔雾镜霜乳亮润薄厚轻盈垫妆紫橙杏酒绛粽咖啡可檀栗琥珀灰蓝绿黑银版限防晒喷眉笔腮"
)
_TRADITIONAL = (
    "這為個國時來們於對會發動過說產種後學經進著電裡裏現實兩體機當點從業應開還間樣與關線內數麼質氣變條沒結問無係題員總設長頭資邊級圖將組見計別幾區強決則據處"
    "給門規熱領東導壓術極認證轉單風帶場車萬達聲報類離華確節話溫許廣記觀裝複兒須驗連斷難備辦響約稱準號選標寫層專狀適屬調滿參紅細聽該價嚴膚遮淺黃黑霧鏡潤輕墊妝"
    "綠藍銀灰曬噴筆顏脣"
)
_EVERYDAY = frozenset(_SIMPLIFIED + _TRADITIONAL)


def everyday_share(text: str) -> float:
    """Share of the letters beyond ASCII that are such characters, 0..1; 0 without any letter beyond ASCII."""
    letters = [letter for letter in text if letter > "\x7f" and letter.isalpha()]
    return sum(letter in _EVERYDAY for letter in letters) / len(letters) if letters else 0.0
