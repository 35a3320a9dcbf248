use super::*;
use proptest::prelude::*;

fn code(outcome: Result<(), ValidationError>) -> Option<String> {
    outcome.err().map(|error| error.code.into_owned())
}

#[test]
fn a_name_is_what_is_seen_of_it() {
    for name in ["晋江市慈善总会", "王 小明", "Ａ组", "“一村一品”", "𠮷田"] {
        assert_eq!(line(name), Ok(()), "{name}");
    }
    for hidden in [
        "甲\u{202e}乙",
        "甲\u{200b}乙",
        "\u{feff}甲",
        "甲\u{2066}",
        "甲\n乙",
        "甲\t乙",
        "甲\u{2028}乙",
        "甲\u{200d}乙",
        "甲\u{3164}",
        "甲\u{ffff}",
        "甲\u{1fffe}",
    ] {
        assert_eq!(code(line(hidden)).as_deref(), Some("control_character"), "{hidden:?}");
    }
    for spaced in [" 甲", "甲 ", "甲\u{3000}"] {
        assert_eq!(code(line(spaced)).as_deref(), Some("surrounding_space"), "{spaced:?}");
    }
    assert_eq!(code(line("\u{3000}")).as_deref(), Some("blank"));
}

#[test]
fn limits_of_money_are_told_in_yuan() {
    let told = |pointer: &str, in_fen: bool| {
        let mut params = serde_json::json!({ "min": 1, "max": 100_000_000 });
        if in_fen {
            params[IN_FEN] = true.into();
        }
        let fault = FieldError::new(pointer, "range", params.as_object().unwrap().clone());
        [Lang::ZhCn, Lang::En].map(|lang| fault.clone().localised(lang).message)
    };
    let yuan = ["须在 0.01 到 1000000 元 之间", "must be between 0.01 and 1000000 yuan"];
    assert_eq!(told("/income_per_head_fen", false), yuan);
    assert_eq!(told("/quantity", true), yuan);
    assert_eq!(told("/quantity", false), ["须在 1 到 100000000 之间", "must be between 1 and 100000000"]);
    let no_number = FieldError::at("/funding/0/amount_fen", "type").localised(Lang::ZhCn);
    assert_eq!(no_number.message, "须为以元为单位的金额，最多两位小数");
}

#[test]
fn a_note_has_lines_and_pictures() {
    assert_eq!(text("第一行\n第二行\t完 👨\u{200d}👩\u{200d}👧"), Ok(()));
    assert_eq!(code(text("电话\u{202d}13800138000\u{202c}")).as_deref(), Some("control_character"));
    assert_eq!(seen("电话\u{202d}13800138000\u{202c}\u{200b}"), "电话13800138000");
}

#[test]
fn a_name_says_who_somebody_is() {
    for name in [
        "许清水",
        "买买提·吐尔逊",
        "王 小明",
        "武〇",
        "𠮷田",
        "王\u{e863}",
        "Nguyễn Thị Xuân",
        "O'Brien",
        "Xavier",
        "李“阿妹”",
        "陈（小）明",
    ] {
        assert_eq!(person_name(name), Ok(()), "{name}");
    }
    for hidden in [
        "许*",
        "许＊＊",
        "○○○",
        "〇〇",
        "许〇〇",
        "〇",
        "123",
        "许１",
        "许②",
        "许XX",
        "许x",
        "许×",
        "许？",
        "许■",
        "许..",
        "许·",
        "-",
        "“”",
        "不详",
        "某某",
        "许某",
        "许某某",
        "无名氏",
        "X",
        "王\n明",
        " 王明",
        "许…",
        "张_",
    ] {
        assert_eq!(code(person_name(hidden)).as_deref(), Some("person_name"), "{hidden:?}");
    }
}

#[test]
fn what_somebody_is_to_the_family_is_no_name_of_a_member() {
    for relation in ["户主", "户 主", "本人", "家属", "户主长子", "法定监护人"] {
        assert_eq!(person_name(relation), Ok(()), "{relation}");
        assert_eq!(code(member_name(relation)).as_deref(), Some("member_name"), "{relation}");
    }
    for name in ["许清水", "高兴", "安人之", "户主明", "Head"] {
        assert_eq!(member_name(name), Ok(()), "{name}");
    }
    assert_eq!(code(member_name("许某")).as_deref(), Some("person_name"));
}

#[test]
fn a_rule_between_fields_says_nothing_of_what_could_not_be_read() {
    #[derive(Validate)]
    #[validate(schema(function = in_order))]
    struct Span {
        starts_on: u8,
        ends_on: u8,
        #[validate(length(min = 1))]
        name: String,
    }
    fn in_order(span: &Span) -> Result<(), ValidationError> {
        let faults = [FieldError::at("/ends_on", "end_before_start")];
        between_these(&["starts_on", "ends_on"], if span.ends_on < span.starts_on { &faults } else { &[] })
    }
    #[derive(Validate)]
    struct Year {
        #[validate(nested)]
        spans: Vec<Span>,
    }
    let found = |unread: &[&str]| {
        let span = || Span { starts_on: 2, ends_on: 1, name: "x".to_owned() };
        let unread: Vec<_> = unread.iter().map(|at| (*at).to_owned()).collect();
        let found = faults_without(&Year { spans: vec![span(), span()] }, &unread);
        found.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
    };
    let both = ["/spans/0/ends_on", "/spans/1/ends_on"];
    assert_eq!((found(&[]), found(&["/spans/0/name"])), (both.map(str::to_owned).to_vec(), both.map(str::to_owned).to_vec()));
    assert_eq!(found(&["/spans/0/starts_on"]), both[1..]);
    assert_eq!(found(&["/spans/1/ends_on", "/name"]), both[..1]);
    assert!(!faults_without(&Span { starts_on: 1, ends_on: 2, name: String::new() }, &[]).is_empty());
}

#[test]
fn a_limit_of_a_list_is_told_in_entries() {
    #[derive(Validate)]
    struct Family {
        #[validate(length(min = 1, max = 20))]
        members: Vec<String>,
        #[validate(length(min = 1, max = 20))]
        name: String,
    }
    let found = faults(&Family { members: Vec::new(), name: String::new() });
    let told: Vec<_> = found.iter().map(|fault| message(&fault.code, &fault.params, Lang::ZhCn)).collect();
    assert_eq!(told, ["须在 1 到 20 项 之间", "须在 1 到 20 个字 之间"]);
}

proptest! {
    #[test]
    fn what_is_seen_of_a_text_is_not_refused_for_what_is_not(typed in "[^\\p{Cc}]{0,40}") {
        prop_assert!(code(text(&seen(&typed))).is_none_or(|code| code == "blank"));
    }
}
