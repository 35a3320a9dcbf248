//! Names of persons: the hash that finds them, and whether a text names somebody.

use contract::validation::is_relation;
use platform::Vault;
use platform::spelling::{characters, is_letter, letters};

/// Titles that follow the surname of an official: 王主任 is nobody called 王主.
const TITLES: &[&str] = &[
    "主任", "书记", "村长", "镇长", "乡长", "局长", "科长", "股长", "所长", "站长", "院长", "校长", "组长", "队长", "会长",
    "处长", "理事", "秘书", "委员", "主席", "经理", "干事", "干部", "老师", "医生", "大夫", "护士", "同志", "先生", "女士",
    "师傅", "社工",
];
/// Words of everyday remarks that could also be names, because they begin with a surname.
const WORDS: &[&str] = &[
    "高兴", "高考", "高中", "高血", "平安", "平时", "平稳", "安康", "安全", "安心", "安置", "康复", "康宁", "和睦", "和气",
    "和平", "向好", "温暖", "温馨", "幸福", "幸运", "万元", "全家", "全部", "党员", "时常", "时间", "常年", "常见", "常住",
    "包括", "单位", "计划", "经济", "关心", "关爱", "关于", "项目", "曾经", "金额", "钱款", "水电", "水果", "田地", "房屋",
    "车费", "费用", "米油", "白米", "路费", "明年", "明显", "明天", "文具", "连续", "能力", "应该", "家庭", "家人", "家中",
    "家里", "满意", "相关", "边缘", "于是", "成绩",
];
/// Words before a name that refer to somebody.
const CALLING: &[&str] =
    &["叫", "名", "看望", "慰问", "走访", "探望", "探访", "联系", "资助", "帮扶", "村民", "居民", "学生", "户主", "同学", "姓名"];
/// Words after a name that say something about somebody.
const DOING: &[&str] = &["同志", "同学", "家", "户", "本人", "已", "在", "说", "称", "患", "因", "住院", "出院", "一家"];
/// Suffixes that make another word of the preceding characters.
const MANNER: &[&str] = &["地", "得", "极", "了", "起来", "不已"];

/// The hash that finds a name.
pub fn hash(vault: &Vault, name: &str) -> Vec<u8> {
    vault.hash("name", &letters(name))
}

/// The gap before a letter of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    /// A space, dot or dash, as people put into a name.
    Blank,
    /// The end of a clause.
    Stop,
}

/// How sure it is that words tell who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// They may be other words: whoever wrote them looks again.
    Perhaps,
    Surely,
}

/// A text in which to look for names.
#[derive(Debug)]
pub struct Said(Vec<(char, Gap)>);

impl Said {
    /// The letters of a text, and the gaps between them.
    pub fn new(text: &str) -> Self {
        let (mut letters, mut gap) = (Vec::new(), Gap::Stop);
        for c in characters(text) {
            if is_letter(c) {
                letters.push((c, gap));
                gap = Gap::None;
            } else {
                let ends = matches!(c, ',' | '。' | ';' | ':' | '!' | '?' | '、' | '\n' | '\r' | '(' | ')' | '/');
                gap = gap.max(if ends { Gap::Stop } else { Gap::Blank });
            }
        }
        Self(letters)
    }

    /// Whether the text contains a name. A name of one letter could be any word, so it never counts.
    ///
    /// A name of three letters is found wherever they occur in a row; if two of them are an everyday word, perhaps. A name of two
    /// letters may be part of other words, so its surroundings decide: 王主任 does not name 王主, and 老人很高兴 does not name 高兴,
    /// but 慰问高兴 does. If nothing decides, it is named perhaps.
    pub fn names(&self, name: &str) -> Option<Told> {
        let letters: Vec<char> = letters(name).chars().collect();
        if letters.len() < 2 || is_relation(name) {
            return None;
        }
        let parts = self.0.windows(letters.len()).enumerate();
        let same = parts.filter(|(_, said)| said.iter().map(|(c, _)| c).eq(&letters));
        same.filter_map(|(at, _)| self.told(at, &letters)).max()
    }

    fn told(&self, at: usize, name: &[char]) -> Option<Told> {
        let end = at + name.len();
        let before: String = self.0[..at].iter().map(|(c, _)| c).collect();
        let after: String = self.0[end..].iter().map(|(c, _)| c).collect();
        let gap = |at: usize| self.0.get(at).map_or(Gap::Stop, |(_, gap)| *gap);
        if name[0].is_ascii_alphabetic() {
            let joined = |of: Option<char>, at| gap(at) == Gap::None && of.is_some_and(|c| c.is_ascii_alphanumeric());
            let alone = !joined(before.chars().last(), at) && !joined(after.chars().next(), end);
            return alone.then_some(Told::Surely);
        }
        let begins = |words: &[&str]| words.iter().any(|word| after.starts_with(word));
        let is_called = CALLING.iter().any(|word| before.ends_with(word));
        let stands_out = begins(DOING) || is_called || gap(at) != Gap::None && gap(end) != Gap::None;
        let certainty = if stands_out { Told::Surely } else { Told::Perhaps };
        let is_word = |part: &[char]| WORDS.contains(&&*part.iter().collect::<String>());
        if name.len() > 2 {
            let may_be_words = name.len() == 3 && (is_word(&name[..2]) || is_word(&name[1..]));
            return Some(if may_be_words { certainty } else { Told::Surely });
        }
        let title: String = name[1..].iter().copied().chain(after.chars().next()).collect();
        if gap(at + 1) == Gap::Stop || gap(end) == Gap::None && TITLES.contains(&&*title) {
            return None;
        }
        if !is_word(name) {
            return Some(certainty);
        }
        (begins(DOING) || !begins(MANNER) && is_called).then_some(Told::Surely)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_name_tells_it_from_a_word() {
        for (words, name) in [
            ("许清水已出院", "许清水"),
            ("今年许 清 水住院", "许清水"),
            ("买买提.吐尔逊", "买买提·吐尔逊"),
            ("王二", "王二"),
            ("今年王二住院", "王二"),
            ("到王主家", "王主"),
            ("王主，任务已完成", "王主"),
            ("慰问高兴500元", "高兴"),
            ("户主高兴", "高兴"),
            ("高兴已出院", "高兴"),
            ("Li Ming was there", "li ming"),
        ] {
            assert_eq!(Said::new(words).names(name), Some(Told::Surely), "{words}");
        }
        // Nothing around them decides.
        for (words, name) in
            [("村里王二很勤快", "王二"), ("屋后田埂已加固", "后田"), ("今年高考生两名", "高考生"), ("收下温暖袋一个", "温暖袋")]
        {
            assert_eq!(Said::new(words).names(name), Some(Told::Perhaps), "{words}");
        }
        for (words, name) in [
            ("老人很高兴", "高兴"),
            ("高兴地收下", "高兴"),
            ("户主高兴地收下", "高兴"),
            ("村支部王主任", "王主"),
            ("李书记", "李书"),
            ("户主病情稳定", "户主"),
            ("户主长子已就业", "户主长子"),
            ("国王。二人", "王二"),
            ("Alice Lin", "Li"),
            ("李子树", "李"),
            ("", "许清水"),
        ] {
            assert_eq!(Said::new(words).names(name), None, "{words}");
        }
    }
}
