//! The two languages people read.

/// A language of messages and labels. Simplified Chinese is the staff's own and the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    #[default]
    ZhCn,
    En,
}

impl Lang {
    /// The better of the two for an `Accept-Language` header: English only where it is named before Chinese.
    pub fn from_accept_language(header: &str) -> Self {
        header
            .split(',')
            .map(|range| range.trim().to_ascii_lowercase())
            .find_map(|range| match range.get(..2) {
                Some("zh") => Some(Self::ZhCn),
                Some("en") => Some(Self::En),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// BCP 47 tag, as in `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// The half of `中文 / English`, a text that says the same in both languages. A text in one language is returned whole.
    pub fn half(self, text: &str) -> &str {
        text.split_once(" / ").map_or(text, |(zh, en)| self.pick(zh, en))
    }

    /// Picks one of a pair of texts.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::ZhCn => zh,
            Self::En => en,
        }
    }
}
