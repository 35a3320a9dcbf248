//! Writes HTML. Tags and names of attributes are part of the program; every text and every value is escaped.

/// A page, or a part of one.
#[derive(Debug, Default)]
pub struct Html(String);

/// Names and values of attributes.
pub type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Html {
    /// What was written.
    pub fn into_string(self) -> String {
        self.0
    }

    /// An element with what `inner` writes into it.
    pub fn element(&mut self, tag: &'static str, attributes: Attributes<'_>, inner: impl FnOnce(&mut Self)) {
        self.begin(tag, attributes);
        inner(self);
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push('>');
    }

    /// An element with a text.
    pub fn short(&mut self, tag: &'static str, text: &str) {
        self.element(tag, &[], |html| html.text(text));
    }

    /// A link.
    pub fn link(&mut self, href: &str, text: &str) {
        self.element("a", &[("href", href)], |html| html.text(text));
    }

    /// A text in paragraphs, one for each of its lines.
    pub fn paragraphs(&mut self, text: &str) {
        text.lines().filter(|line| !line.trim().is_empty()).for_each(|line| self.short("p", line));
    }

    /// An element that holds nothing and has no end.
    pub fn begin(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.text(value);
            self.0.push('"');
        }
        self.0.push('>');
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_somebody_wrote_is_text() {
        let mut html = Html::default();
        html.link("/public?a=\"><script>", "<b>'&'</b>");
        html.paragraphs("一\r\n\n二<br>");
        let expected =
            "<a href=\"/public?a=&quot;&gt;&lt;script&gt;\">&lt;b&gt;&#39;&amp;&#39;&lt;/b&gt;</a><p>一</p><p>二&lt;br&gt;</p>";
        assert_eq!(html.into_string(), expected);
    }
}
