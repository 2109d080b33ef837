"""Names in the order in which their readers look for them."""

from hall.languages import named_countries

CODES = ("DE", "SA", "US", "EG", "AE", "JP")


def test_chinese_names_stand_in_the_order_of_their_pinyin_and_english_ones_of_their_letters() -> None:
    assert [name for _, name in named_countries(CODES, "zh_Hans")] == [
        "阿拉伯联合酋长国",
        "埃及",
        "德国",
        "美国",
        "日本",
        "沙特阿拉伯",
    ]
    assert [code for code, _ in named_countries(CODES, "en")] == ["EG", "DE", "JP", "SA", "AE", "US"]
