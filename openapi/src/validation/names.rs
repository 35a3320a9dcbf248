//! Names of persons, and what is written in their place.

use validator::ValidationError;

use super::{JOINER, text};

/// A person's name: [`text`] in one line without blanks at its ends, which says who somebody is.
pub fn person_name(value: &str) -> Result<(), ValidationError> {
    text(value)?;
    if value.trim() != value || value.contains(['\n', '\r', '\t', JOINER]) || hides(value) {
        return Err(ValidationError::new("person_name"));
    }
    Ok(())
}

/// The name of a member of a family: [`person_name`], and not what somebody is to the family. Whoever gives a consent may be told so
/// alone, because the file names its members beside it.
pub fn member_name(value: &str) -> Result<(), ValidationError> {
    person_name(value)?;
    if is_relation(value) { Err(ValidationError::new("member_name")) } else { Ok(()) }
}

/// Relations to the head of a family, or to the guardian: words that may stand for a name but are none.
const RELATIONS: &[&str] = &[
    "户主", "本人", "配偶", "妻子", "丈夫", "爱人", "儿子", "女儿", "长子", "长女", "次子", "次女", "三子", "三女", "独子",
    "独女", "子女", "父亲", "母亲", "父母", "祖父", "祖母", "爷爷", "奶奶", "外公", "外婆", "孙子", "孙女", "儿媳", "女婿",
    "哥哥", "弟弟", "姐姐", "妹妹", "家属", "家长", "家人", "亲属", "法定", "监护", "人", "之",
];

/// Whether a text in place of a name is a relation, such as 户主长子.
pub fn is_relation(name: &str) -> bool {
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut rest = &*name;
    while let Some(shorter) = RELATIONS.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = shorter;
    }
    rest.is_empty() && !name.is_empty()
}

/// What stands for a character that is not told, or could not be typed or printed.
const HIDDEN: &str = "*＊﹡∗※○◯●◎□■◇◆△▲×✕✖?？#＃_＿…�";
/// What is written where a name is not known.
const NOBODY: [&str; 12] = ["不详", "未知", "不明", "待补", "待定", "待查", "无名", "无名氏", "某人", "佚名", "匿名", "保密"];

/// Whether a name leaves out who somebody is: `许＊＊`, `许XX`, `○○○`, `123`.
fn hides(name: &str) -> bool {
    // Rare characters of names stand in the private area of fonts, and 〇 is a character of names, but not twice.
    let is_letter = |c: char| c.is_alphabetic() || ('\u{e000}'..='\u{f8ff}').contains(&c);
    let is_chinese = name.chars().any(|c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'));
    let crossed = is_chinese && name.contains(['x', 'X', 'ｘ', 'Ｘ']);
    let trails = is_chinese && name.ends_with(['.', '．', '·', '•', '・', '‧', '∙', '-', '—', '。']);
    let numbered = name.chars().any(|c| c.is_numeric() && c != '〇') || name.matches('〇').count() > 1;
    name.contains(|c: char| HIDDEN.contains(c))
        || crossed
        || trails
        || numbered
        || NOBODY.contains(&name)
        // 许某某, 某某; nobody is called 某.
        || name.contains('某')
        // One letter is an initial.
        || name.chars().count() == 1 && name.is_ascii()
        || !name.chars().any(|c| is_letter(c) && c != '〇')
}
