"""The forms of a name and how alike two names are: worked examples, and laws that hold for all names."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.conflicts import rules
from hall.conflicts.rules import Aliases, Frequencies, compare, forms


def band(a: str, b: str, **given_: object) -> str:
    return compare(forms(a), forms(b), **given_).band  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "core", "region"),
    [
        ("株式会社トヨタ自動車", "トヨタ自动车", ""),
        ("㈱星河", "星河", ""),
        ("華為技術有限公司", "华为技术", ""),
        ("深圳市星河科技有限公司", "星河科技", "深圳"),
        ("广东省深圳市星河科技股份有限公司", "星河科技", "广东深圳"),
        ("星河科技（香港）有限公司", "星河科技", "香港"),
        ("星河投资合伙企业（有限合伙）", "星河投资", ""),
        ("上海贸易有限公司", "上海贸易", ""),  # a place and a common word: nothing else is left to go by
        ("삼성전자 주식회사", "삼성전자", ""),
        ("(주)견본", "견본", ""),
        ("Công ty TNHH Sao Mai", "sao mai", ""),
        ("Müller GmbH & Co. KG", "muller", ""),
        ("L'Oréal S.A.", "loreal", ""),
        ("Zapatos S.A. de C.V.", "zapatos", ""),
        ("Ferrovia S.p.A.", "ferrovia", ""),
        ("Molen B.V.", "molen", ""),
        ("ООО «Газпром»", "газпром", ""),
        ("Yıldız Makina San. ve Tic. Ltd. Şti.", "yildiz makina", ""),
        ("PT Bintang Laut Tbk", "bintang laut", ""),
        ("บริษัท ดาวเหนือ จำกัด (มหาชน)", "ดาวเหนือ", ""),
        ("บริษัทดาวเหนือจำกัด", "ดาวเหนือ", ""),
        ("Wiśniewski Sp. z o.o.", "wisniewski", ""),
        ("Padaria Aurora Ltda.", "padaria aurora", ""),
        ("Huawei (Hong Kong) Limited", "huawei", "hong kong"),
        ("Huawei Technologies Deutschland GmbH", "huawei technologies", "deutschland"),
        ("Company Co., Ltd.", "company", ""),  # something of a name always stays
    ],
)
def test_legal_form_and_place_are_cut_off_both_ends(name: str, core: str, region: str) -> None:
    found = forms(name)
    assert found.core == core
    assert found.region.replace(" ", "") == region.replace(" ", "")


def test_every_legal_form_of_the_table_is_cut_off_in_its_place() -> None:
    for language, table in rules._part("legal_forms.toml", "forms").items():
        assert isinstance(table, dict)
        for form in table["ends"]:
            assert forms(f"Qorvex {form}").core == "qorvex" or "星河" in forms(f"星河{form}").core, (language, form)
            cjk = bool(rules._CJK.search(form))
            assert forms(f"星河{form}" if cjk else f"Qorvex {form}").core == ("星河" if cjk else "qorvex"), form
        for form in table["starts"]:
            cjk = bool(rules._CJK.search(form))
            assert forms(f"{form}星河" if cjk else f"{form} Qorvex").core == ("星河" if cjk else "qorvex"), form


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("株式会社トヨタ自動車", "トヨタ自動車"),
        ("トヨタ自動車株式会社", "株式会社トヨタ自動車"),
        ("华为技术有限公司", "華為技術有限公司"),
        ("ＨＵＡＷＥＩ　Technologies Co., Ltd.", "Huawei Technologies"),
        ("ｿﾆｰ株式会社", "ソニー(株)"),
        ("星河有限公司", "星河"),
        ("深圳市星河科技有限公司", "星河科技"),
        ("L'Oréal S.A.", "LOREAL SA"),
        ("Siemens AG", "Simens AG"),
        ("Wei Zhang", "Zhang Wei"),
        ("Starbucks Corp.", "Star Bucks Inc"),
        ("豊田自動車", "豐田自動車"),
    ],
)
def test_the_same_company_is_a_hit(a: str, b: str) -> None:
    assert band(a, b) == "hit"


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("华为技术有限公司", "华为终端有限公司", "brand"),
        ("星河集团", "星河电子有限公司", "brand"),
        ("丰田汽车公司", "豊田自動車株式会社", "brand"),
        ("Bright Horizon Lighting Co", "Bright Horizon Shoes Ltd", "brand"),
        ("深圳市星河科技有限公司", "上海星河科技有限公司", "same_core_elsewhere"),
        ("星河湾地产", "星河", "contained"),
        ("Bosch", "Robert Bosch GmbH", "contained"),
        ("Siemens AG", "Seimens AG", "spelling"),
        ("Müller GmbH", "Mueller GmbH", "spelling"),
        ("比亚迪", "比亚笛", "spelling"),
        ("华为", "华威", "homophone"),
        ("Acme Widgets", "Acme Rockets", "shared_words"),
        ("International Business Machines Corp", "IBM", "acronym"),
    ],
)
def test_affiliates_and_slips_of_the_hand_go_to_review(a: str, b: str, reason: str) -> None:
    found = compare(forms(a), forms(b))
    assert (found.band, found.reason) == ("review", reason)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("华为技术有限公司", "Huawei Technologies Co., Ltd."),
        ("华为", "Huawei"),
        ("小米科技", "Xiaomi Inc."),
        ("青岛啤酒股份有限公司", "Tsingtao Brewery"),
        ("比亚迪股份有限公司", "BYD Company Limited"),
        ("TCL科技集团", "TCL Technology"),
        ("单雄信", "Shan Xiongxin"),
        ("单雄信", "Xiongxin Shan"),
        ("曾国藩", "Zeng Guofan"),
        ("仇英", "Qiu Ying"),
        ("解缙", "Xie Jin"),
        ("张伟", "Zhang Wei"),
        ("이재용", "Lee Jae-yong"),
        ("박지성", "Park Jisung"),
        ("ООО «Газпром»", "Gazprom"),
        ("サクラヤ株式会社", "Sakuraya Co., Ltd."),
    ],
)
def test_the_same_sound_in_another_script_is_proposed_for_review_and_never_a_hit(a: str, b: str) -> None:
    assert band(a, b, aliases=Aliases()) == "review"


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [("单雄信", "shanxiongxin"), ("仇英", "qiuying"), ("曾国藩", "zengguofan"), ("解缙", "xiejin"), ("华为", "huawei")],
)
def test_surnames_are_read_as_surnames(name: str, pinyin: str) -> None:
    assert forms(name).pinyin == pinyin


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Star Technology Ltd", "Star Bank"),
        ("Star Technology", "Bright Technology Inc"),
        ("First Shanghai Trading", "Second Shanghai Trading"),
        ("星河科技", "远山科技"),
        ("上海贸易有限公司", "深圳贸易有限公司"),
        ("北京大学", "南京大学"),
        ("Wang Li", "Wang Wei"),
        ("张伟", "李伟"),
        ("星河", "星海"),
        ("Shenzhen Qorvex Lighting", "Shenzhen Bellamar Lighting"),
    ],
)
def test_common_words_are_no_evidence(a: str, b: str) -> None:
    assert band(a, b) == "none"


def test_a_word_that_the_register_is_full_of_is_no_evidence_and_a_rare_one_is() -> None:
    crowded = Frequencies(forms(f"Zephyr {word}") for word in _invented(200))
    assert band("Zephyr Widgets", "Zephyr Rockets") == "review"
    assert band("Zephyr Widgets", "Zephyr Rockets", frequencies=crowded) == "none"
    assert band("Zephyr Widgets", "Zephyr Widgets Ltd", frequencies=crowded) == "hit"


def _invented(count: int) -> list[str]:
    letters = "bdfglmnprstv"
    return [f"{letters[n % 12]}a{letters[n // 12 % 12]}ori{letters[n // 7 % 12]}{n}" for n in range(count)]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("914403001922038216", "uscc"),
        ("9144 0300 1922 0382 16", "uscc"),
        ("７０００-０１２０-５０００２", "houjin"),
        ("5493000IBP32UQZ0KL24", "lei"),
        ("124-81-00998", "brn"),
        ("DE136695976", "vat"),
    ],
)
def test_numbers_of_registers_are_checked_and_an_equal_one_is_certain(number: str, kind: str) -> None:
    a, b = forms("甲公司", ids=[number]), forms("Entirely Different Inc", ids=[number.replace(" ", "")])
    assert {name for name, _ in a.ids} == {kind}
    found = compare(a, b)
    assert (found.score, found.band, found.reason) == (1.0, "hit", "same_id")


def test_a_number_with_a_wrong_check_digit_is_no_number_of_that_register() -> None:
    assert {kind for kind, _ in forms("甲公司", ids=["914403001922038217"]).ids} == {"unchecked"}
    assert forms("甲公司", ids=["12345"]).ids == frozenset()


def test_another_number_of_the_same_register_lowers_and_never_clears() -> None:
    a = forms("星河有限公司", ids=["914403001922038216"])
    b = forms("星河有限公司", ids=["91110000600037341L"])
    assert compare(forms("星河有限公司"), forms("星河有限公司")).band == "hit"
    assert compare(a, b).band == "review"


def test_a_known_alias_connects_what_no_sound_connects() -> None:
    toyota = compare(forms("丰田汽车公司"), forms("Toyota Motor Corporation"))
    assert (toyota.score, toyota.band, toyota.reason) == (0.95, "hit", "alias")
    assert band("星河灯饰", "Galaxy River Lighting") == "none"
    assert band("星河灯饰", "Galaxy River Lighting", aliases=Aliases([["星河", "galaxy river"]])) == "hit"


def test_every_reason_that_can_be_given_has_words() -> None:
    pairs = [
        ("华为", "Huawei"),
        ("星河", "星河有限公司"),
        ("星河", "星河湾"),
        ("IBM", "International Business Machines"),
    ]
    assert {compare(forms(a), forms(b)).reason for a, b in pairs} <= rules.REASONS.keys()


ANY_NAME = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="星河华为技术科有限公司集团深圳市香港()（）", max_size=12),
    st.text(alphabet=string.ascii_letters + " .,&()'", max_size=24),
    st.text(alphabet="トヨタ自動車株式会社ソニーッャ삼성전자주식회사", max_size=10),
)


@given(ANY_NAME, ANY_NAME)
def test_likeness_is_the_same_both_ways_and_lies_between_0_and_1(a: str, b: str) -> None:
    one, other = compare(forms(a), forms(b)), compare(forms(b), forms(a))
    assert one == other
    assert 0 <= one.score <= 1
    assert one.band == ("hit" if one.score >= 0.92 else "review" if one.score >= 0.6 else "none")


@given(ANY_NAME)
def test_a_name_is_like_itself(name: str) -> None:
    found = forms(name)
    if found.core:
        assert compare(found, found).band == "hit"
    else:
        assert compare(found, found).band == "none"


@given(st.text(alphabet="abcdefghijklmnop", min_size=5, max_size=12).filter(lambda word: word not in rules._common()))
def test_case_width_and_legal_form_make_no_difference(word: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in word)
    assert band(f"{word.upper()} GmbH", f"{wide} Co., Ltd.") == "hit"
