//! The checks that fields share, and what a person reads when one fails.

mod names;

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Map, Value};
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use crate::campaigns::Indicator;
use crate::codes::{CreditCodeFault, DocumentKind, check_credit_code, is_area_code};
use crate::personal::holds_number;
use crate::{CodedEnum, FieldError, Lang, phone as telephone};

pub use names::{is_relation, member_name, person_name};

/// What no text is longer than, in characters.
const LONGEST: usize = 10_000;

/// Words of a person: [`characters`] that hold nobody's identity or mobile number, for nothing is masked where they stand.
///
/// What is longer than any text may be is refused for its length, and nobody has to wait until all of it has been looked through.
pub fn text(value: &str) -> Result<(), ValidationError> {
    if value.chars().nth(LONGEST).is_some() {
        return Ok(());
    }
    characters(value)?;
    if holds_number(value) { Err(ValidationError::new("personal_number")) } else { Ok(()) }
}

/// What a person may have typed: not blank, no control characters but line breaks and tabs (a NUL is an error on one database and data on the other),
/// and nothing that is not seen: two names that look alike would be two, and a name could be written backwards.
pub fn characters(value: &str) -> Result<(), ValidationError> {
    if value.trim().is_empty() {
        return Err(ValidationError::new("blank"));
    }
    if value.chars().any(|c| is_unseen(c) || is_none(c) || c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(ValidationError::new("control_character"));
    }
    Ok(())
}

/// [`text`] in one line, such as a name, that begins and ends with something to be seen.
pub fn line(value: &str) -> Result<(), ValidationError> {
    text(value)?;
    if value.chars().any(|c| c.is_control() || c == JOINER) {
        return Err(ValidationError::new("control_character"));
    }
    if value.trim() != value { Err(ValidationError::new("surrounding_space")) } else { Ok(()) }
}

/// Makes one picture of several, and nothing else in what people write here.
const JOINER: char = '\u{200d}';

/// Characters that are none: an office document that holds one cannot be opened.
fn is_none(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || c as u32 & 0xfffe == 0xfffe
}

/// Characters that show nothing: what turns the direction of writing, has no width, or fills the place of a letter. They come with what is
/// pasted from chats, workbooks and address books, or are meant to deceive.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What can be seen of a text: for what people type or paste, who could not find what is in the way.
pub fn seen(text: &str) -> String {
    text.chars().filter(|&c| !is_unseen(c) && !is_none(c)).collect()
}

/// The address of a page on the web, by http or https: whatever else a browser opens could run something.
pub fn link(value: &str) -> Result<(), ValidationError> {
    line(value)?;
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    // Without a name before an @, which looks like the place that it leads to.
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).filter(|host| !host.contains('@'));
    let leads = host.is_some_and(|host| host.contains('.') && host.chars().all(|c| c.is_alphanumeric() || ".-:".contains(c)));
    if leads && !value.chars().any(char::is_whitespace) { Ok(()) } else { Err(ValidationError::new("link")) }
}

/// [`text`], or nothing at all.
pub fn text_or_empty(value: &str) -> Result<(), ValidationError> {
    if value.is_empty() { Ok(()) } else { text(value) }
}

/// A unified social credit code (GB 32100-2015).
pub fn credit_code(value: &str) -> Result<(), ValidationError> {
    check_credit_code(value).map_err(|fault| match fault {
        CreditCodeFault::Format => ValidationError::new("credit_code_format"),
        CreditCodeFault::CheckDigit => ValidationError::new("check_digit"),
    })
}

/// The code of any area.
pub fn area_code(value: &str) -> Result<(), ValidationError> {
    if is_area_code(value) { Ok(()) } else { Err(ValidationError::new("area_code")) }
}

/// The 12-digit code of a village or community.
pub fn village_code(value: &str) -> Result<(), ValidationError> {
    if value.len() == 12 && is_area_code(value) { Ok(()) } else { Err(ValidationError::new("village_code")) }
}

/// The 9-digit code of a town or street.
pub fn town_code(value: &str) -> Result<(), ValidationError> {
    if value.len() == 9 && is_area_code(value) { Ok(()) } else { Err(ValidationError::new("town_code")) }
}

/// One or two telephone numbers, as [`crate::phone`] reads them.
pub fn phone(value: &str) -> Result<(), ValidationError> {
    if telephone::read(value).is_some() { Ok(()) } else { Err(ValidationError::new("phone")) }
}

/// The number of an identity card or of any other document, as [`crate::typed`] makes it of what was typed.
pub fn document_number(value: &str) -> Result<(), ValidationError> {
    if !DocumentKind::keys(value).is_empty() {
        return Ok(());
    }
    let mut error = ValidationError::new("any_document_number");
    // As long as that of an identity card alone.
    if let Some(fault) = DocumentKind::IdentityCard.fault(value).filter(|_| value.len() == 18) {
        error.code = fault.code;
    }
    Err(error)
}

/// An account at a bank: digits alone.
pub fn bank_account(value: &str) -> Result<(), ValidationError> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    if digits && (8..=30).contains(&value.len()) { Ok(()) } else { Err(ValidationError::new("bank_account")) }
}

/// The first and last day that a date of business may have: what is outside is a slip of the keyboard.
pub fn date(value: &chrono::NaiveDate) -> Result<(), ValidationError> {
    use chrono::Datelike;
    if (1900..=2199).contains(&value.year()) { Ok(()) } else { Err(ValidationError::new("date_out_of_range")) }
}

/// Values of which none is given twice.
pub fn distinct<T: PartialEq>(values: &[T]) -> Result<(), ValidationError> {
    let twice = values.iter().enumerate().any(|(index, value)| values[..index].contains(value));
    if twice { Err(ValidationError::new("duplicate")) } else { Ok(()) }
}

/// The parameter of a fault whose limits are in fen: people read them in yuan.
pub(crate) const IN_FEN: &str = "in_fen";

/// The code under which a rule of a whole struct carries its faults, and the parameter they are in.
const BETWEEN: &str = "between_fields";
/// The parameter with the fields that such a rule reads, if it does not read all.
const READS: &str = "reads";

/// The parameter that a limit of a list has, so that it is told in entries, not in characters.
const OF_A_LIST: &str = "list";

/// As many of an indicator as may be counted at `pointer`. People type money in yuan and are told its limits in yuan.
pub fn quantity(pointer: &str, indicator: Indicator, value: i64) -> Result<(), ValidationError> {
    let (least, most) = (1, 1_000_000_000_000);
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let mut limits = Map::from_iter([("min".to_owned(), least.into()), ("max".to_owned(), most.into())]);
    if indicator.is_money() {
        limits.insert(IN_FEN.to_owned(), true.into());
    }
    between_these(&["indicator", pointer.trim_start_matches('/')], &[FieldError::new(pointer, "range", limits)])
}

/// What a `schema` rule answers with the faults it found between fields: each is told at its own pointer, not at that of the struct.
///
/// # Errors
/// Where there are faults.
pub fn between(faults: &[FieldError]) -> Result<(), ValidationError> {
    if faults.is_empty() {
        return Ok(());
    }
    let mut error = ValidationError::new(BETWEEN);
    let told: Vec<_> = faults.iter().map(|fault| (&fault.pointer, &fault.code, &fault.params)).collect();
    error.add_param(BETWEEN.into(), &told);
    Err(error)
}

/// [`between`] for a rule that reads only these fields of the struct.
///
/// # Errors
/// Where there are faults.
pub fn between_these(fields: &[&str], faults: &[FieldError]) -> Result<(), ValidationError> {
    between(faults).map_err(|mut error| {
        error.add_param(READS.into(), &fields);
        error
    })
}

/// The faults of a value, each at its JSON pointer, in a stable order.
pub fn faults(value: &impl Validate) -> Vec<FieldError> {
    faults_without(value, &[])
}

/// [`faults`] of a value that holds stand-ins at some pointers, because what was written there is missing or cannot be read. A rule
/// between fields that reads one of them says nothing: it would be about what nobody has written, and at another field.
pub fn faults_without(value: &impl Validate, unread: &[String]) -> Vec<FieldError> {
    let mut found = Vec::new();
    if let Err(errors) = value.validate() {
        collect(&errors, "", unread, &mut found);
        found.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        // What is too short because there is nothing is told once.
        let short: HashSet<_> = found.iter().filter(|fault| fault.code == "length").map(|fault| fault.pointer.clone()).collect();
        found.retain(|fault| fault.code != "blank" || !short.contains(&fault.pointer));
    }
    found
}

fn collect(errors: &ValidationErrors, path: &str, unread: &[String], found: &mut Vec<FieldError>) {
    for (field, kind) in errors.errors() {
        // `__all__` is where the validator keeps faults of the whole struct.
        let pointer = if field == "__all__" { path.to_owned() } else { format!("{path}/{field}") };
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, &pointer, unread, found),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{pointer}/{index}"), unread, found);
                }
            }
            ValidationErrorsKind::Field(faults) => found.extend(faults.iter().flat_map(|fault| placed(fault, &pointer, unread))),
        }
    }
}

/// A fault at its pointer, or the faults that a rule of a whole struct found, each at its own.
fn placed(fault: &ValidationError, pointer: &str, unread: &[String]) -> Vec<FieldError> {
    if let Some(inner) = fault.params.get(BETWEEN) {
        if unread.iter().any(|at| reads(fault, pointer, at)) {
            return Vec::new();
        }
        let inner: Vec<(String, String, Map<String, Value>)> = serde_json::from_value(inner.clone()).unwrap_or_default();
        let placed = inner.into_iter().map(|(inner, code, params)| FieldError::new(format!("{pointer}{inner}"), code, params));
        return placed.collect();
    }
    let (values, limits): (Vec<_>, Vec<_>) = fault.params.iter().partition(|(name, _)| *name == "value");
    let mut params: Map<String, Value> = limits.into_iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    if values.iter().any(|(_, value)| value.is_array()) {
        params.insert(OF_A_LIST.to_owned(), true.into());
    }
    vec![FieldError::new(pointer, fault.code.clone(), params)]
}

/// Whether a rule of the struct at `pointer` reads the field at `at`.
fn reads(fault: &ValidationError, pointer: &str, at: &str) -> bool {
    let Some(field) = at.strip_prefix(pointer).and_then(|rest| rest.strip_prefix('/')) else { return false };
    let of = |name: &Value| name.as_str().is_some_and(|name| field.split('/').next() == Some(name));
    fault.params.get(READS).and_then(Value::as_array).is_none_or(|fields| fields.iter().any(of))
}

/// The message of a field's fault in a language. Codes without a text of their own read "is not valid".
pub fn message(code: &str, params: &Map<String, Value>, lang: Lang) -> String {
    let in_fen = params.contains_key(IN_FEN);
    let unit = if in_fen { 100.0 } else { 1.0 };
    let number = |name: &str| {
        params.get(name).filter(|value| !value.is_null()).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.as_f64().map_or_else(|| other.to_string(), |n| (n / unit).to_string()),
        })
    };
    let text = |zh: &'static str, en: &'static str| Cow::Borrowed(lang.pick(zh, en));
    let bounds = |unit_zh: &str, unit_en: &str| match (number("min"), number("max"), number("equal")) {
        (_, _, Some(n)) => lang.pick(&format!("须为 {n}{unit_zh}"), &format!("must be exactly {n}{unit_en}")).to_owned().into(),
        (Some(min), Some(max), _) => lang
            .pick(&format!("须在 {min} 到 {max}{unit_zh} 之间"), &format!("must be between {min} and {max}{unit_en}"))
            .to_owned()
            .into(),
        (Some(min), None, _) => {
            lang.pick(&format!("不少于 {min}{unit_zh}"), &format!("must be at least {min}{unit_en}")).to_owned().into()
        }
        (None, Some(max), _) => {
            lang.pick(&format!("不超过 {max}{unit_zh}"), &format!("must be at most {max}{unit_en}")).to_owned().into()
        }
        _ => text("无效", "is not valid"),
    };
    let message: Cow<'static, str> = match code {
        "required" => text("必填", "is required"),
        "blank" => text("不能为空白", "must not be blank"),
        "control_character" => text("含有不可见的字符或换行", "contains characters that cannot be seen, or line breaks"),
        "surrounding_space" => text("首尾不能有空格", "must not begin or end with a space"),
        "length" if params.contains_key(OF_A_LIST) => bounds(" 项", " entries"),
        "length" => bounds(" 个字", " characters"),
        "range" if in_fen => bounds(" 元", " yuan"),
        "range" => bounds("", ""),
        "check_digit" => text("校验码不符", "has a wrong check character"),
        "credit_code_format" => {
            text("须为 18 位数字或大写字母（不含 I、O、S、V、Z）", "must be 18 digits or capitals without I, O, S, V and Z")
        }
        "area_code" => text("不是有效的区划代码", "is not an area code"),
        "village_code" => text("须为 12 位村（社区）代码", "must be the 12-digit code of a village"),
        "town_code" => text("须为 9 位镇（街道）代码", "must be the 9-digit code of a town"),
        "link" => text("须为以 http:// 或 https:// 开头的网址", "must be an address that begins with http:// or https://"),
        "phone" => text(
            "须为一个或两个电话号码，如 13800138000、0595-85660000转801",
            "must be one or two telephone numbers, such as 13800138000、0595-85660000转801",
        ),
        "identity_number_format" => text("须为 17 位数字加一位数字或 X", "must be 17 digits and a digit or X"),
        "plan_not_agreed" => text("所属帮扶方案不在“已商定”状态", "belongs to a plan that is not agreed"),
        "measure_dropped" => text("该措施已取消", "has been dropped"),
        "any_document_number" => text("不是有效的证件号码", "is not the number of a document"),
        "document_number" => {
            let kind = params
                .get("kind")
                .and_then(Value::as_str)
                .and_then(DocumentKind::from_code)
                .unwrap_or(DocumentKind::IdentityCard);
            let (zh, en) = (kind.label(Lang::ZhCn), kind.label(Lang::En));
            lang.pick(&format!("不是有效的{zh}号码"), &format!("is not the number of this document: {en}")).to_owned().into()
        }
        "identity_number_date" => text("身份证号中的出生日期不存在", "has a birth date that does not exist"),
        "differs_from_identity_number" => text("与身份证号不一致", "differs from what the identity number says"),
        "bank_account" => text("须为 8 到 30 位数字", "must be 8 to 30 digits"),
        "person_name" => text(
            "须为完整姓名，不含数字、星号等代替文字的符号、换行和首尾空格",
            "must be a full name, without digits, signs in place of letters, line breaks or blanks at its ends",
        ),
        "member_name" => text(
            "须为姓名，不能是“户主”等称谓",
            "must be a name, not what somebody is to the family, such as “户主”",
        ),
        "head_missing" => text("须有一名户主", "needs a head of the household"),
        "several_heads" => text("只能有一名户主", "must have one head of the household"),
        "not_disabled" => text("健康状况不是残疾时不填", "is only for members whose health says disabled"),
        "before_status" => text("不能早于当前状态的日期", "must not be before the status it has"),
        "known_elsewhere" => match number("file") {
            Some(file) => lang
                .pick(
                    &format!("已在档案 {file} 中；如为同一家庭，请合并档案；如已迁来，请办理迁移"),
                    &format!("is a member in file {file} already; merge the files of one family, and move one that came here"),
                )
                .to_owned()
                .into(),
            None => text(
                "已在其他档案中；如已迁来（包括退出后又来的），请镇（街道）办理迁移，跨镇（街道）的由镇（街道）报市民政局办理",
                "is in another file; if the household came here, even after it had left, ask the town to move it, or the bureau between towns",
            ),
        },
        "known_elsewhere_untold" => text(
            "有成员已在其他档案中；人数超过每日可查的限额，不指明是谁，请分批导入",
            "holds somebody who is in another file; there are too many persons to say who: import it in smaller parts",
        ),
        "likely_double" => match number("file") {
            Some(file) => lang
                .pick(
                    &format!("疑似与档案 {file} 重复（同村、户主同名，且没有身份证号可以区分）；确认不是同一户的，在“确认不是重复”一列填“是”"),
                    &format!("is likely the family of file {file} (same village, same name of the head, no identity numbers to tell them apart); if it is not, say yes in the column “Not a double”"),
                )
                .to_owned()
                .into(),
            None => text(
                "疑似与本表中另一户重复（同村、户主同名，且没有身份证号可以区分）；确认不是同一户的，在“确认不是重复”一列填“是”",
                "is likely another family of this sheet (same village, same name of the head, no identity numbers to tell them apart); if it is not, say yes in the column “Not a double”",
            ),
        },
        "too_many" => text("数量过多", "are too many"),
        "payload_too_large" => text("过大", "is too large"),
        "personal_data" => text(
            "不得写入家庭成员的姓名、证件号码、电话或账号，可用“户主”“长子”等称谓",
            "must not hold names or numbers of the family; say what they are to the head instead",
        ),
        "perhaps_personal" => text(
            "可能写有家庭成员的姓名、电话或证件号码，请核对",
            "may hold a name, telephone or document number of the family; look at it again",
        ),
        "personal_number" => text("不得写入身份证号或手机号码", "must not hold an identity or mobile number"),
        "one_of_three" => text("三项中须填且只能填一项", "needs one of the three, and only one"),
        "date_out_of_range" => text("日期超出范围", "is outside the range of dates"),
        "date_outside_campaign" => text("不在活动期间内", "is outside the campaign"),
        "date_outside_project" => text("不在项目期间内", "is outside the project"),
        "tasks_outside" => text("有任务不在此期间内", "leaves tasks outside"),
        "exceeds_budget" => text("合计超过预算", "adds up to more than the budget"),
        "date_after_end" => text("不能晚于结束日期", "must not be after the end"),
        "term_too_long" => text("超过活动规定的协议期限", "is longer than the campaign's term"),
        "not_started" => text("项目实施后才能填写", "can be entered once the project has started"),
        "fixed" => text("不能更改", "cannot be changed"),
        "file_in_use" => text("已有记录，不能更改；搬迁的请办理迁移", "is fixed by now; move the household instead"),
        "day_in_use" => text("已有记录，不能更改", "is fixed by now: there are records of the household"),
        "not_for_step" => text("办理此事项时不填", "does not go with this step"),
        "same_village" => text("该户已在此村（社区）", "is where the household lives already"),
        "village_pairing_missing" => text(
            "该社会组织与迁入村（社区）没有进行中的结对，不能随迁",
            "is of an organisation that has no active pairing with the other village",
        ),
        "by_joining" => text("并入他户的请办理并户", "is told by joining the other household"),
        "file_closed" => text("该档案不再变动", "is a file that changes no more"),
        "all_leave" => text("不能全家分出；全家搬迁的请办理迁移", "must leave somebody; move the household instead"),
        "in_live_plan" => text(
            "有尚未完成的帮扶措施指定此人，请先在帮扶方案中调整",
            "is named by a measure that is still to be done; change the plan first",
        ),
        "members_missing" => text("须列出两户的全部成员", "must hold all members of both households"),
        "only_when_leaving" => text("仅登记退出时填写", "is only for a household that leaves"),
        "after_leaving" => text("晚于退出日期", "is after the day on which they left"),
        "as_registered" => {
            text("以登记证书为准，请联系镇街或市民政局更改", "is as registered: the town or the bureau changes it")
        }
        "after_moving" => text(
            "晚于迁出或并户日期：此后的登记在新的档案中，由其所在村（社区）登记；可打印交接单，或请镇（街道）转告",
            "is after the day on which the household moved or joined another: its village enters that in the file there; hand it over on paper, or tell the town",
        ),
        "other_town" => text(
            "不在本镇（街道）：跨镇（街道）的迁移请市民政局办理",
            "is in another town: ask the bureau, which moves households between towns",
        ),
        "only_by_lot" => text("仅抽签时填写", "is only for a draw by lot"),
        "items_missing" => text("仍有检查项目没有结果", "do not cover every item yet"),
        "photo_missing" => text("有检查项目须附照片，请先在“附件”中上传", "need a photo: attach one first"),
        "outside_round" => text("不在检查批次期间内", "is outside the round"),
        "bureau_only" => text("由市民政局填写", "is for the bureau to say"),
        "future" => text("不能晚于今天", "must not be in the future"),
        "month_not_over" => text("该月尚未结束", "is not over yet"),
        "past" => text("不能早于今天", "must not be in the past"),
        "rankings_closed" => text("志愿已公开，不能再延长填报期限", "the rankings have been shown: whoever ranks cannot rank again"),
        "below_committed" => text("不能少于已使用的数量", "must not be less than what is taken of it"),
        "exceeds_remaining" => text("超过该条目的余量", "is more than remains of it"),
        "own_case" => text("是本结对（村、社会组织）自己的做法", "is the caller's own"),
        "before_publication" => text("早于发布日期", "is before the day on which it was published"),
        "case_not_published" => text("尚未发布，或已撤下", "is not published, or was taken down"),
        "names_family" => text("写有该村（社区）帮扶户的姓名、电话或证件号码：公开的文字不得写明是谁", "names a family of the village, or holds a number of one: what is published must not tell who it is"),
        "not_of_pairing_project" => text("不是该结对的合作项目", "is no project of this pairing"),
        "not_published" => text("未发布，或已兑现、撤回、到期", "is not published, or is over already"),
        "similar_entry" => text("与另一条目疑似重复；确认不是的，在“确认不是重复”一列填“是”", "is like another entry; if it is none, say so in “Not a double”"),
        "other_side_only" => text("社会组织只选村（社区），村（社区）只选社会组织", "is for the other side: organisations rank villages, villages rank organisations"),
        "not_enrolled" => text("未报名本活动，或尚未确认", "is not enrolled and confirmed in the campaign"),
        "pinned_and_forbidden" => text("既指定又排除", "is both pinned and forbidden"),
        "beyond_capacity" => match (number("capacity"), number("existing"), number("pinned")) {
            (Some(capacity), Some(existing), Some(pinned)) => lang
                .pick(
                    &format!("名额 {capacity} 个，已有结对 {existing} 个，指定 {pinned} 个"),
                    &format!("is one of {pinned} pins beside {existing} existing pairs, for {capacity} places"),
                )
                .to_owned()
                .into(),
            _ => text("超过名额", "is beyond the capacity"),
        },
        "not_with_household" => text("只有与村（社区）的结对可以落实供需目录", "goes with a pairing with a village only"),
        "other_goal" => text("与帮扶类别的目标不符", "serves another goal than this kind of help"),
        "not_of_pairing" => text("不属于该结对双方或该活动", "is of neither side of the pairing, or of another campaign"),
        "end_before_start" => text("不能早于开始日期", "must not be before the start"),
        "nothing_given" => text("须填写金额、物资或服务内容中的至少一项", "needs money, goods or words: at least one of them"),
        "date_outside_pairing" => text("不在结对期间内", "is outside the time of the pairing"),
        "date_before_file" => text("早于建档日期", "is before the file was opened"),
        "not_for_side" => text("责任方不是社会组织时不填", "goes with an organisation's measure only"),
        "one_of_two" => text("两项中须填且只能填一项", "needs one of the two, and only one"),
        "unknown" => text("不存在", "does not exist"),
        "itself" => text("不能是其自身", "must be another one"),
        "village_ended" => text("该村（社区）已由其他村（社区）接替，请选择接替的村（社区）", "is a village that another one has replaced; choose that one"),
        "another_town" => text("须与原村（社区）属同一镇（街道）", "must lie in the same town"),
        "paired_twice" => text(
            "有社会组织与两村（社区）都有结对，须先完成或终止其中一个（试运行会逐一列出）",
            "and the village that it replaces are paired with the same organisation: complete or end one of the two first (a dry run names them)",
        ),
        "organisation_ended" => text("该社会组织已注销或已并入其他组织", "is an organisation that has ended"),
        "taken" => text("已被使用", "is already in use"),
        "duplicate" => text("重复", "is given twice"),
        "unknown_field" => text("未知字段", "is not a known field"),
        "type" => text("类型或格式不对", "has the wrong type or form"),
        "time_of_day" => text(
            "日期带有时刻，换算时可能已差一天：请核对，并只保留年月日",
            "has a time of day, and may be a day off because of it: check it, and leave the day alone",
        ),
        "became_date" => text(
            "单元格是日期：原内容（如“3-12”）可能被表格程序改成了日期，请将单元格设为文本格式后重新填写",
            "holds a date: a spreadsheet program may have made it of words such as 3-12; format the cell as text and type them again",
        ),
        "outside_own_scope" => text("不属于您的管辖范围", "is not yours to change"),
        "choice" => text("不在可选值之列", "is not one of the choices"),
        "money" => text("须为以元为单位的金额，最多两位小数", "must be an amount in yuan with at most two decimals"),
        "money_decimals" => text(
            "多于两位小数：请先四舍五入到分（如用 ROUND 函数算出后粘贴为数值）",
            "has more than two decimals: round it to the fen first, for example with ROUND, pasted as a value",
        ),
        "number_too_long" => text("数字过长已失真，请以文本格式填写", "is a number too long to be exact; enter it as text"),
        "cell_error" => text("单元格有错误值", "holds an error value"),
        "hidden_row" => text(
            "该行被隐藏或筛选掉了：请取消隐藏并核对，或删除该行",
            "is in a row that is hidden or filtered out: show it and check it, or delete the row",
        ),
        "shown_by_code" => text(
            "按代码显示，不从表格导入；与现有内容不同，请核对代码",
            "is shown by the code and is not imported; it differs from what is kept: check the code",
        ),
        "changed_by_step" => text(
            "不从表格导入；请在其页面上办理相应步骤（如确认脱困、登记退出、注销）",
            "is not imported; take the step on its page instead, such as lifting out, leaving or deregistering",
        ),
        "changed_with_members" => text(
            "不从表格导入；请在“家庭成员”工作表或该户页面上改户主",
            "is not imported; change the head on the sheet of members or on the page of the household",
        ),
        "changed_on_page" => text("不从表格更改；请在该户页面上更改", "is not changed by import; change it on the page of the household"),
        "kept_when_renamed" => text("不从表格导入；更名时自动记录", "is not imported; it is recorded when the name changes"),
        "new_member" => text(
            "没有导出的行标识：新增成员请在该户页面上“修改”；已有成员请保留行标识",
            "has no id of an exported row: enter a new member on the page of the household, and keep the ids of known ones",
        ),
        "members_not_listed" => {
            let count = number("count").unwrap_or_default();
            let zh = format!("该户另有 {count} 名成员不在表中，未作移除；确需移除的，请在该户页面上“修改”");
            let en = format!("the family has {count} more members, who stay; remove a member on the page of the household");
            lang.pick(&zh, &en).to_owned().into()
        }
        "donations_not_listed" => {
            let count = number("count").unwrap_or_default();
            let zh = format!("另有 {count} 笔捐赠不在表中，未作删除；要删除的请保留该行，在“删除”列填“是”");
            let en = format!("there are {count} more donations, which stay; to remove one keep its row, and say yes in “Remove”");
            lang.pick(&zh, &en).to_owned().into()
        }
        "own_column" => text("不是模板中的列，不会导入", "is none of the template's columns and is not imported"),
        "changed_since" => text(
            "导出之后已有改动，导入会改回去：请重新导出后再改，或删除该行",
            "was changed after the export, and the import would undo that: export it again, or delete the row",
        ),
        "unreadable" => text("现有内容已损坏，无法核对：请删除该行", "is damaged where it is kept: delete the row"),
        "formula" => text("不能是公式", "must not be a formula"),
        "institution_code" => text(
            "须为 18 位统一社会信用代码，或由大写字母和数字组成的自编代码（2 至 17 位）",
            "must be a unified social credit code of 18 characters, or a code of one's own of 2 to 17 capital letters and digits",
        ),
        "account_name" => text(
            "须为 2 到 60 位小写字母、数字、点、短横或下划线，以字母或数字开头",
            "must be 2 to 60 small letters, digits, dots, dashes or underscores, a letter or digit first",
        ),
        "not_for_role" => text("该角色不填此项", "does not go with this role"),
        "area_of_role" => text("与角色不符：须为该角色所属层级的区划", "is not an area of the level that goes with the role"),
        "password_unchanged" => text("须与原密码不同", "must differ from the password that it replaces"),
        "password_common" => text("过于常见，容易被猜到", "is too common and easily guessed"),
        "verification_code" => text("为 6 位数字", "is six digits"),
        "second_factor_wrong" => text("不正确或已用过", "is wrong, or was used already"),
        "password_wrong" => text("不正确", "is not right"),
        _ => text("无效", "is not valid"),
    };
    message.into_owned()
}

#[cfg(test)]
mod tests;
