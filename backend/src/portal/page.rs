//! What all pages of the portal have, and who reads them.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use contract::{Lang, Month};
use domains::official;
use platform::Error;
use platform::Result;

use super::html::Html;
use super::is_missing;

/// Nothing is loaded but the style sheet, and nothing runs.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The longest cursor that is passed on.
const LONGEST: usize = 1000;

/// The language of a reader, and the address that they read.
#[derive(Debug)]
pub struct Reader {
    pub lang: Lang,
    /// Whether the address says the language, and so those that it leads to.
    chosen: bool,
    path: String,
    cursor: Option<String>,
}

impl Reader {
    /// `?lang=` decides, or else what the browser asks for.
    pub fn of(request: &HttpRequest) -> Self {
        let parameter = |name: &str| {
            request.query_string().split('&').filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name)
        };
        let chosen = parameter("lang").and_then(|(_, lang)| match lang {
            "en" => Some(Lang::En),
            "zh" | "zh-CN" => Some(Lang::ZhCn),
            _ => None,
        });
        let asked = || request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let lang = chosen.unwrap_or_else(|| asked().map(Lang::from_accept_language).unwrap_or_default());
        let cursor = parameter("cursor").map(|(_, cursor)| cursor.to_owned()).filter(|cursor| cursor.len() <= LONGEST);
        Self { lang, chosen: chosen.is_some(), path: request.path().to_owned(), cursor }
    }

    /// Where the page that is asked for begins.
    pub fn cursor(&self) -> Option<String> {
        self.cursor.clone()
    }

    /// The text in their language.
    pub fn pick(&self, zh: &'static str, en: &'static str) -> &'static str {
        self.lang.pick(zh, en)
    }

    /// A path of the portal, in the language that they chose.
    pub fn path(&self, path: &str) -> String {
        if self.chosen { Self::path_in(path, self.lang) } else { path.to_owned() }
    }

    fn path_in(path: &str, lang: Lang) -> String {
        let glue = if path.contains('?') { '&' } else { '?' };
        format!("{path}{glue}lang={}", lang.pick("zh", "en"))
    }

    /// A month as people write it.
    pub fn month(&self, month: Month) -> String {
        match self.lang {
            Lang::ZhCn => month.words(self.lang),
            Lang::En => month.to_string(),
        }
    }

    /// A day as people write it.
    pub fn day(&self, day: NaiveDate) -> String {
        match self.lang {
            Lang::ZhCn => official::day(day),
            Lang::En => day.to_string(),
        }
    }

    /// The page of what was found, or the page that says that it is not there.
    ///
    /// # Errors
    /// Any error but that there is no such thing.
    pub fn or_missing<T>(self, found: Result<T>, draw: impl FnOnce(&Self, T) -> HttpResponse) -> Result<HttpResponse, Error> {
        match found {
            Ok(found) => Ok(draw(&self, found)),
            Err(error) if is_missing(&error) => Ok(missing(&self)),
            Err(error) => Err(error),
        }
    }
}

/// What stands in the head of a page.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    pub title: &'a str,
    pub description: &'a str,
}

impl Page<'_> {
    /// The page around what `main` writes below its heading.
    pub fn answer(&self, reader: &Reader, status: StatusCode, main: impl FnOnce(&mut Html)) -> HttpResponse {
        let mut html = Html::default();
        let site = reader.pick("百社解千难公众门户", "Baishe public portal");
        html.element("html", &[("lang", reader.lang.tag())], |html| {
            html.element("head", &[], |html| {
                html.begin("meta", &[("charset", "utf-8")]);
                html.begin("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
                html.short("title", &format!("{} · {site}", self.title));
                html.begin("meta", &[("name", "description"), ("content", self.description)]);
                html.begin("link", &[("rel", "stylesheet"), ("href", "/public/portal.css")]);
            });
            html.element("body", &[], |html| {
                html.element("a", &[("class", "skip"), ("href", "#main")], |html| html.text(reader.pick("跳到正文", "Skip to content")));
                html.element("header", &[], |html| header_bar(html, reader, site));
                html.element("main", &[("id", "main"), ("tabindex", "-1")], |html| {
                    html.short("h1", self.title);
                    main(html);
                });
                html.element("footer", &[], |html| {
                    html.short("p", reader.pick(
                        "数据由民政局按月公布；不足5的数字，以及可据以推算出它们的数字，不予公布。",
                        "The civil affairs bureau publishes the figures by month. Numbers below 5, and those that would tell them, are held back.",
                    ));
                });
            });
        });
        let page = format!("<!DOCTYPE html>{}", html.into_string());
        HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "public, no-cache"))
            .insert_header((header::VARY, "Accept-Language"))
            .insert_header((header::CONTENT_LANGUAGE, reader.lang.tag()))
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            .body(page)
    }
}

fn header_bar(html: &mut Html, reader: &Reader, site: &str) {
    html.element("p", &[("class", "site")], |html| html.link(&reader.path("/public"), site));
    html.element("nav", &[("aria-label", reader.pick("主导航", "Main"))], |html| {
        html.element("ul", &[], |html| {
            let entries = [
                ("/public/figures", reader.pick("公开数据", "Open data")),
                ("/public/cases", reader.pick("典型案例", "Cases")),
                ("/", reader.pick("工作人员登录", "Sign in")),
            ];
            for (path, text) in entries {
                let href = if path == "/" { path.to_owned() } else { reader.path(path) };
                html.element("li", &[], |html| html.link(&href, text));
            }
            let (other, name) = if reader.lang == Lang::En { (Lang::ZhCn, "中文") } else { (Lang::En, "English") };
            let href = Reader::path_in(&reader.path, other);
            html.element("li", &[], |html| {
                html.element("a", &[("href", &*href), ("hreflang", other.tag()), ("lang", other.tag())], |html| html.text(name));
            });
        });
    });
}

/// What it is about, in the words of the notice.
pub fn intro(html: &mut Html, reader: &Reader) {
    html.short("p", reader.pick(
        "动员社会组织与村（社区）结对共建、与相对贫困户结对帮扶，发挥整合力量、调动资源和专业技术的优势，助力解决民生热点难点问题。",
        "Social organisations pair up with villages and stand by low-income families, with their people, means and skills.",
    ));
}

/// The link to where a list goes on.
pub fn next(html: &mut Html, reader: &Reader, path: &str, cursor: Option<&str>) {
    if let Some(cursor) = cursor {
        let href = reader.path(&format!("{path}?cursor={cursor}"));
        html.element("p", &[], |html| html.link(&href, reader.pick("下一页", "Next page")));
    }
}

/// The page that says that there is none.
pub fn missing(reader: &Reader) -> HttpResponse {
    let page = Page {
        title: reader.pick("没有这个页面", "There is no such page"),
        description: reader.pick("内容不存在，或已撤下。", "It does not exist, or was taken down."),
    };
    page.answer(reader, StatusCode::NOT_FOUND, |html| {
        html.short("p", page.description);
        html.element("p", &[], |html| html.link(&reader.path("/public"), reader.pick("返回首页", "To the front page")));
    })
}
