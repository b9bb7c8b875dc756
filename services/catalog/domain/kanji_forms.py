"""Kanji that are written in several forms, folded to one: 髙 and 高, 﨑 and 崎, 澤 and 沢, 邊, 邉 and 辺.

The forms are those that two notices of Japan's government set beside today's, and further ones of names of people and
places. What reads alike but is another name (坂 and 阪, 畑 and 畠, 埼 and 崎) is left apart. Compatibility ideographs
as U+FA19 and the selectors of a glyph's form need no place here: the one NFKC folds, the others are left out.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_COMMON: Final = """
亜亞 悪惡 圧壓 囲圍 為爲 医醫 壱壹 稲稻 飲飮 隠隱 営營 栄榮 衛衞 駅驛 悦悅 閲閱 円圓 縁緣 艶艷 塩鹽 奥奧 応應 横橫
欧歐 殴毆 黄黃 温溫 穏穩 仮假 価價 画畫 会會 壊壞 懐懷 絵繪 拡擴 殻殼 覚覺 学學 岳嶽 楽樂 渇渴 勧勸 巻卷 寛寬 歓歡
缶罐 観觀 関關 陥陷 顔顏 帰歸 気氣 亀龜 偽僞 戯戲 犠犧 却卻 旧舊 拠據 挙擧 虚虛 峡峽 挟挾 狭狹 郷鄕 暁曉 区區
駆驅駈 勲勳 薫薰 径徑 恵惠 掲揭 渓溪 経經 継繼 茎莖 蛍螢 軽輕 鶏鷄雞 芸藝 撃擊 欠缺 県縣 倹儉 圏圈 検檢 権權 献獻
研硏 険險 顕顯 験驗 厳嚴 効效 広廣 恒恆 鉱鑛 号號 国國 黒黑 歳歲 済濟 砕碎 剤劑 桜櫻 冊册 雑雜 参參 惨慘 桟棧 蚕蠶
賛贊 残殘 糸絲 歯齒 児兒 辞辭 湿濕 実實 釈釋 寿壽 収收 従從 渋澁 獣獸 縦縱 粛肅 処處 緒緖 叙敍敘 奨奬 将將 渉涉
焼燒 称稱 証證 乗乘 剰剩 壌壤 嬢孃 条條 浄淨 状狀 畳疊 譲讓 醸釀 嘱囑 触觸 寝寢 慎愼 晋晉 真眞 尽盡 図圖 粋粹 酔醉
随隨 髄髓 数數 枢樞 瀬瀨 声聲 静靜 摂攝 窃竊 戦戰 浅淺 潜潛 繊纖 践踐 銭錢 禅禪 双雙 壮壯 捜搜 挿插 巣巢 争爭 痩瘦
荘莊 装裝 騒騷 増增 臓臟 蔵藏 即卽 属屬 続續 堕墮 体體 対對 帯帶 滞滯 台臺 滝瀧 択擇 沢澤 単單 担擔 胆膽 団團 弾彈
断斷 痴癡 遅遲 昼晝 虫蟲 鋳鑄 庁廳 徴徵 聴聽 勅敕 鎮鎭 逓遞 鉄鐵 転轉 点點 伝傳 党黨 盗盜 灯燈 当當 闘鬪 徳德 独獨
読讀 届屆 弐貳 悩惱 脳腦 覇霸 廃廢 拝拜 売賣 麦麥 発發 髪髮 抜拔 蛮蠻 晩晚 秘祕 彦彥 姫姬 浜濱濵 瓶甁 払拂 仏佛
併倂 餅餠 辺邊邉 変變 弁辨瓣辯 歩步 宝寶寳 豊豐 没沒 翻飜 毎每 万萬 満滿 麺麵 黙默 弥彌 訳譯 薬藥 与與 予豫 余餘
誉譽 揺搖 様樣 謡謠 来來 頼賴 乱亂 覧覽 竜龍 両兩 猟獵 緑綠 涙淚 塁壘 励勵 礼禮 隷隸 霊靈 齢齡 暦曆 歴歷 恋戀 錬鍊
炉爐 労勞 楼樓 郎郞 録錄 湾灣 剥剝 填塡 頬頰 総總 脱脫 説說 税稅 鋭銳 青靑 清淸 戸戶 戻戾 涼凉 専專 剣劍劔劒剱釼
嘘噓 掴摑 掻搔 醤醬 蝋蠟 頚頸 繋繫 蝉蟬 噛嚙 鴎鷗 麹麴 屏屛 并幷 焔焰 莱萊 侠俠 撹攪 檮梼
"""
"""常用漢字表 (Cabinet notice 2 of 2010): the forms in its parentheses, and simplified ones in wide use besides."""

_NAMES: Final = """
亘亙 富冨 凜凛 野埜 尭堯 峰峯 島嶋嶌嶹 巌巖 晃晄 曽曾 桧檜 槙槇 杯盃 祢禰 祷禱 禄祿 穣穰 穂穗 萌萠 園薗 遥遙 高髙
崎﨑嵜 斎齋齊斉 橋槗 桑桒 館舘 村邨 柳栁 昇曻 淵渕渊 籠篭 吉𠮷 土圡 侯矦 騨驒 竈竃 藪籔薮 鯵鰺 壷壺 梅楳 秋穐龝
煙烟 鶴靏靍鸖 厩廐廄 砺礪 蛎蠣 鹸鹼 靭靱 昂昻 柏栢 松枩 船舩 裏裡 窓窗牕 竪豎 頴穎 間閒 隣鄰 略畧 群羣 岡崗 蘆芦
桝枡 節莭 喜㐂 留畄 州刕 曹曺 輝煇 兎兔 瑶瑤 翠翆
"""
"""Forms of names: the second table of the regulation on family registers, and those that registers and maps have."""


def _folds() -> Mapping[str, str]:
    words = f"{_COMMON} {_NAMES}".split()
    return MappingProxyType({form: word[0] for word in words for form in word[1:]})


FOLDS: Final = _folds()
"""The form that is taken for each other one."""
