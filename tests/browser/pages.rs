//! Every page, in both languages, on a phone, an office screen and a wide one: axe finds nothing, the log has no errors, nothing
//! scrolls sideways, and there are a title and one main heading. With `BAISHE_PICTURES=1` each page leaves a picture in
//! `target/browser/pages`.

use std::collections::{BTreeMap, BTreeSet};

use contract::Lang;
use serde_json::{Value, json};

use super::harness::{Browser, Demo, target};
use crate::api::DOMAINS;

const WIDTHS: [u32; 3] = [1366, 1920, 360];

/// Pages outside the domains, each with the demo account that visits it.
const PAGES: &[(&str, &str)] = &[
    ("bureau", "/"),
    ("town", "/"),
    ("village", "/"),
    ("organisation", "/"),
    ("institution", "/"),
    ("leader", "/"),
    ("cadre", "/"),
    ("auditor", "/"),
    ("admin", "/"),
    ("security", "/"),
    ("bureau", "/on-site"),
    ("town", "/on-site"),
    ("bureau", "/nowhere"),
];

/// These pages and those of all domains, by account. `{}` stands for the first id or code that an earlier page links to. A page
/// that another one links to and that is missing here fails the test.
fn pages() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES.iter().chain(DOMAINS.iter().flat_map(|domain| domain.pages)).copied()
}

/// Faults of the current page.
const LOOK: &str = r#"
    const faults = [];
    const root = document.documentElement;
    if (root.lang !== arguments[0]) faults.push(`the language is ${root.lang}`);
    if (!document.title.trim()) faults.push("no title");
    const headings = document.querySelectorAll("h1").length;
    if (headings !== 1) faults.push(`${headings} main headings`);
    if (root.scrollWidth > root.clientWidth) {
        const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1);
        const names = wide.slice(0, 4).map(e => `${e.tagName.toLowerCase()}.${e.className}`);
        faults.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth} px: ${names.join(", ")}`);
    }
    const bars = ["body > header a", "body > header button", ...["a", "button", "input", "select"].map(e => `main .filters ${e}`)];
    const controls = [...document.querySelectorAll(bars.join(", "))].map(e => [e, e.getBoundingClientRect()]);
    for (const [a, ra] of controls)
        for (const [b, rb] of controls)
            if (a !== b && ra.width && ra.left < rb.left && ra.right > rb.left + 1 && ra.top < rb.bottom && ra.bottom > rb.top)
                faults.push(`${a.innerText || a.id} lies over ${b.innerText || b.id}`);
    return faults;
"#;

/// The pages that the current page links to.
const LINKS: &str = r#"
    return [...document.querySelectorAll("a[href]")].filter(a => a.origin === location.origin && !a.hash && !/^\/(api|public)(\/|$)/.test(a.pathname)).map(a => a.pathname);
"#;

/// A test for each account and language, since a browser keeps the session of one account only.
macro_rules! sound {
    ($($account:ident)*) => {
        const ACCOUNTS: &[&str] = &[$(stringify!($account)),*];
        $(
            mod $account {
                #[tokio::test]
                async fn zh_cn() {
                    super::sweep(stringify!($account), contract::Lang::ZhCn).await;
                }

                #[tokio::test]
                async fn en() {
                    super::sweep(stringify!($account), contract::Lang::En).await;
                }
            }
        )*
    };
}

sound! { bureau town village organisation institution leader cadre auditor admin security }

#[test]
fn each_page_has_an_account_that_looks_at_it() {
    let lost: Vec<_> = pages().filter(|(account, _)| !ACCOUNTS.contains(account)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

/// Visits all pages of an account in a language.
async fn sweep(account: &str, lang: Lang) {
    let demo = Demo::start().await;
    let faults = demo
        .browse(&format!("pages-{account}-{}", lang.tag()), async |browser| {
            let mut sweep = Sweep { browser, lang, account, faults: Vec::new(), met: BTreeSet::new(), first: BTreeMap::new() };
            sweep.walk().await;
            sweep.faults
        })
        .await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

struct Sweep<'a> {
    browser: &'a Browser,
    lang: Lang,
    account: &'a str,
    faults: Vec<String>,
    /// The patterns that pages have linked to.
    met: BTreeSet<String>,
    /// The first path of each pattern.
    first: BTreeMap<String, String>,
}

impl Sweep<'_> {
    async fn walk(&mut self) {
        self.browser.visit("/").await;
        if self.lang == Lang::En {
            self.browser.button("English").await;
        }
        if self.account == ACCOUNTS[0] {
            self.look("login").await;
            self.is_awake().await;
            self.first.clear();
        }
        self.browser.sign_in_as(self.account, Demo::PASSWORD, "/").await;
        let account = self.account;
        for (_, pattern) in pages().filter(|(whose, _)| *whose == account) {
            match self.concrete(pattern) {
                Some(path) => {
                    self.browser.visit(&path).await;
                    self.look(pattern).await;
                }
                None => self.faults.push(format!("no page before leads to {pattern}")),
            }
        }
        let known: BTreeSet<_> = pages().map(|(_, pattern)| pattern).collect();
        let unknown: Vec<_> = self.met.iter().filter(|pattern| !known.contains(pattern.as_str())).collect();
        self.faults.extend(unknown.iter().map(|pattern| format!("{pattern} is not in the table of pages")));
    }

    /// A path for a pattern: one that was linked to, or one below it.
    fn concrete(&self, pattern: &str) -> Option<String> {
        let (head, tail) = match pattern.split_once("{}") {
            None => return Some(pattern.to_owned()),
            Some((head, tail)) => (format!("{head}{{}}"), tail),
        };
        Some(format!("{}{tail}", self.first.get(&head)?))
    }

    /// Makes sure that the checks find faults at all.
    async fn is_awake(&self) {
        const SPOIL: &str = "const e = document.createElement('img'); e.id = 'spoil';
            Object.assign(e.style, { display: 'block', width: '3000px', height: '9px' });
            document.querySelector('main').append(e)";
        self.browser.script(SPOIL, Value::Null).await;
        let seen = list(self.browser.script(LOOK, json!(self.lang.tag())).await);
        assert!(seen.iter().any(|fault| fault.starts_with("scrolls sideways")), "{seen:?}");
        let found = self.browser.barriers().await;
        assert!(found.iter().any(|fault| fault.starts_with("image-alt")), "{found:?}");
        self.browser.script("document.getElementById('spoil').remove(); console.error('spoil')", Value::Null).await;
        assert_eq!(self.browser.errors().await.len(), 1);
    }

    /// Checks the current page with all its tabs.
    async fn look(&mut self, pattern: &str) {
        self.follow().await;
        let tabs = self.browser.script("return document.querySelectorAll('[role=tab]').length", Value::Null).await.as_u64();
        self.look_at(pattern, 0).await;
        for tab in 1..tabs.unwrap_or_default() {
            self.browser.script("document.querySelectorAll('[role=tab]')[arguments[0]].click()", json!(tab)).await;
            self.browser.settled().await;
            self.follow().await;
            self.look_at(pattern, tab).await;
        }
        let (lang, account) = (self.lang.tag(), self.account);
        let errors = self.browser.errors().await;
        let shown = errors.into_iter().map(|error| format!("{lang} {account} {pattern}: {error}"));
        self.faults.extend(shown);
        let heading = self.browser.script("return document.querySelector('h1')?.innerText", Value::Null).await;
        let is_missing = heading.as_str() == Some(self.lang.pick("未找到该页面", "Page not found"));
        if is_missing != (pattern == "/nowhere") {
            self.faults.push(format!("{lang} {account} {pattern}: headed {heading}"));
        }
    }

    async fn look_at(&mut self, pattern: &str, tab: u64) {
        let (lang, account) = (self.lang.tag(), self.account);
        for width in WIDTHS {
            self.browser.resize(width).await;
            let mut found = list(self.browser.script(LOOK, json!(lang)).await);
            found.extend(self.browser.barriers().await);
            let place = format!("{lang} {width} {account} {pattern} {tab}");
            if std::env::var_os("BAISHE_PICTURES").is_some() {
                let name = place.replace("/ ", "/home ").replace('/', "-").replace(' ', "_");
                self.browser.picture(&target().join("browser/pages").join(format!("{name}.png"))).await;
            }
            self.faults.extend(found.into_iter().map(|fault| format!("{place}: {fault}")));
        }
    }

    /// Records the pages that the current page links to.
    async fn follow(&mut self) {
        for path in list(self.browser.script(LINKS, Value::Null).await) {
            let pattern = pattern_of(&path);
            self.met.insert(pattern.clone());
            self.first.entry(pattern).or_insert(path);
        }
    }
}

/// A path with `{}` for ids and codes.
fn pattern_of(path: &str) -> String {
    let part = |part: &str| {
        let is_key = part.len() >= 6 && part.chars().all(|c| c.is_ascii_digit()) || part.parse::<uuid::Uuid>().is_ok();
        if is_key { "{}".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn list(value: Value) -> Vec<String> {
    let values = value.as_array().cloned().unwrap_or_else(|| vec![value]);
    values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect()
}
