"""The words of the demo page, English and Korean."""

LANGUAGES = {"English": "en", "한국어": "ko"}

WORDS = {
    "intro": (
        "# KoOCR\nDraw one Korean syllable, or drop a picture of one. Pictures are "
        "read on this computer and not kept.",
        "# KoOCR\n한글 한 글자를 쓰거나 그림을 끌어다 놓으세요. 그림은 이 컴퓨터에서만 "
        "읽고 보관하지 않습니다.",
    ),
    "read": ("Read", "읽기"),
    "practice": ("Practice", "쓰기 연습"),
    "draw": ("Draw here", "여기에 쓰기"),
    "drop": ("or a picture", "또는 그림"),
    "weights": ("weights", "가중치"),
    "charset": ("syllables", "음절 범위"),
    "all": ("all 11,172", "전체 11,172자"),
    "ksx1001": ("common 2,350", "상용 2,350자"),
    "language": ("language", "언어"),
    "next": ("Another syllable", "다른 글자"),
    "nothing": ("Nothing is drawn yet.", "아직 쓴 것이 없습니다."),
    "answers": ("Read as", "인식 결과"),
    "doubtful": ("doubtful", "불확실"),
    "or": ("or", "또는"),
    "initial": ("initial", "초성"),
    "medial": ("medial", "중성"),
    "final": ("final", "종성"),
    "syllable": ("syllable", "음절"),
    "where": ("Where the network looked", "신경망이 본 자리"),
    "write": ("Write this syllable:", "이 글자를 써 보세요:"),
    "well_done": ("Well written: {}", "잘 썼습니다: {}"),
    "looks_like": (
        "looks like {read}, not {wanted}",
        "{wanted}인데 {read}처럼 보입니다",
    ),
    "fine": ("fine", "좋음"),
    "wide": (
        "This looks like several syllables: {}. Below they are read as one.",
        "여러 글자 같습니다: {}. 아래는 한 글자로 보고 읽은 결과입니다.",
    ),
    "problem": ("This cannot be read: {}", "읽을 수 없습니다: {}"),
}


def word(key, language):
    """Returns a word of the page.

    Args:
        key: of `WORDS`.
        language: `en` or `ko`.
    """
    return WORDS[key][list(LANGUAGES.values()).index(language)]
