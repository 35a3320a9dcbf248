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

    /// Picks one of a pair of texts.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::ZhCn => zh,
            Self::En => en,
        }
    }
}
