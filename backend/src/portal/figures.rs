//! The published figures: tables, charts, and where the open data are.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use contract::portal::{PublishedFigures, PublishedFiguresHead};
use contract::publications::{PublicFigure, PublicTable};
use contract::{CodedEnum, Page as Listed};
use domains::publications::file::column_name;
use platform::api::BASE;

use super::html::Html;
use super::page::{Page, Reader};

/// What stands where a figure is held back.
const HELD_BACK: &str = "—";
/// The width of a chart, the height of a bar with its label, and the room of its number.
const WIDTH: i64 = 360;
const LINE: i64 = 44;
const NUMBER: i64 = 70;

/// A number with separators, or that it is held back.
fn told(value: Option<i64>) -> String {
    let Some(value) = value else { return HELD_BACK.to_owned() };
    let digits = value.to_string();
    let mut told = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

fn name(reader: &Reader, head: &PublishedFiguresHead) -> String {
    let until = reader.pick("截至", "until ");
    format!("{} · {until}{}", head.area_name, reader.month(head.month))
}

/// The sums of all, and where to read more.
pub fn summary(html: &mut Html, reader: &Reader, published: &PublishedFigures) {
    let head = &published.head;
    html.element("p", &[("class", "muted")], |html| html.text(&name(reader, head)));
    html.element("dl", &[("class", "sums")], |html| {
        for &table in PublicTable::ALL {
            let sum = published.figures.iter().find(|figure| is(figure, table, &head.area_code, None));
            html.element("div", &[], |html| {
                html.short("dt", table.label(reader.lang));
                html.short("dd", &told(sum.and_then(|sum| sum.value)));
            });
        }
    });
    let href = reader.path(&format!("/public/figures/{}", head.id));
    html.element("p", &[], |html| html.link(&href, reader.pick("分镇（街道）数据和图表", "By town, with charts")));
}

fn is(figure: &PublicFigure, table: PublicTable, area_code: &str, column: Option<&str>) -> bool {
    (figure.table, &*figure.area_code, figure.column.as_deref()) == (table, area_code, column)
}

/// Of which months there are figures.
pub fn months(html: &mut Html, reader: &Reader, months: &Listed<PublishedFiguresHead>) {
    if months.items.is_empty() {
        return;
    }
    html.element("ul", &[("class", "months")], |html| {
        for head in &months.items {
            let href = reader.path(&format!("/public/figures/{}", head.id));
            html.element("li", &[], |html| {
                html.link(&href, &name(reader, head));
                html.text(" · ");
                html.text(&head.campaign_title);
            });
        }
    });
}

/// The page of a publication.
pub fn page(reader: &Reader, published: &PublishedFigures) -> HttpResponse {
    let head = &published.head;
    let title = name(reader, head);
    let description = reader.pick(
        "结对、合作项目、帮扶成效、受帮扶户：分镇（街道）数据、图表和可下载的开放数据。",
        "Pairings, projects, results and households helped: by town, with charts and open data to download.",
    );
    Page { title: &title, description }.answer(reader, StatusCode::OK, |html| {
        html.element("p", &[("class", "muted")], |html| html.text(&head.campaign_title));
        html.short("p", reader.pick(
            "均为活动开始至本月末的累计数。“—”表示不公布：数字不足5，或可据以推算出不公布的数字。",
            "All figures count from the beginning of the campaign. “—” is held back: it is below 5, or would tell another that is.",
        ));
        for &table in PublicTable::ALL {
            section(html, reader, published, table);
        }
        open_data(html, reader, head);
    })
}

fn section(html: &mut Html, reader: &Reader, published: &PublishedFigures, table: PublicTable) {
    let (whole, figures) = (published.head.area_code.as_str(), &published.figures);
    let columns: Vec<Option<&str>> = table.columns(reader.lang).into_iter().map(|(code, _)| Some(code)).chain([None]).collect();
    let mut areas: Vec<(&str, &str)> = Vec::new();
    for figure in figures.iter().filter(|figure| figure.table == table) {
        if areas.last().is_none_or(|(code, _)| *code != figure.area_code) {
            areas.push((&figure.area_code, &figure.area_name));
        }
    }
    let value = |area: &str, column: Option<&str>| {
        figures.iter().find(|figure| is(figure, table, area, column)).and_then(|figure| figure.value)
    };
    let (title, id) = (table.label(reader.lang), table.code());
    html.element("section", &[("aria-labelledby", id)], |html| {
        html.element("h2", &[("id", id)], |html| html.text(title));
        // By column, or where there is one alone by town.
        let bars: Vec<(String, Option<i64>)> = if columns.len() > 1 {
            let parts = columns.iter().filter(|column| column.is_some());
            parts.map(|&column| (column_name(table, column, reader.lang).to_owned(), value(whole, column))).collect()
        } else {
            areas.iter().filter(|(code, _)| *code != whole).map(|&(code, name)| (name.to_owned(), value(code, None))).collect()
        };
        chart(html, reader, title, &bars);
        // Wide tables scroll by keyboard too, under a name of their own.
        let label = format!("{title}{}", reader.pick("（表）", " (table)"));
        let scrolls = [("class", "wide"), ("role", "region"), ("tabindex", "0"), ("aria-label", &*label)];
        html.element("div", &scrolls, |html| {
            html.element("table", &[], |html| {
                html.short("caption", title);
                html.element("thead", &[], |html| {
                    html.element("tr", &[], |html| {
                        html.element("th", &[("scope", "col")], |html| html.text(reader.pick("镇（街道）", "Town")));
                        for &column in &columns {
                            html.element("th", &[("scope", "col")], |html| html.text(column_name(table, column, reader.lang)));
                        }
                    });
                });
                html.element("tbody", &[], |html| {
                    for &(code, area) in areas.iter().filter(|(code, _)| *code != whole) {
                        row(html, area, columns.iter().map(|&column| value(code, column)));
                    }
                });
                html.element("tfoot", &[], |html| {
                    row(html, reader.pick("合计", "Total"), columns.iter().map(|&column| value(whole, column)));
                });
            });
        });
    });
}

fn row(html: &mut Html, name: &str, values: impl Iterator<Item = Option<i64>>) {
    html.element("tr", &[], |html| {
        html.element("th", &[("scope", "row")], |html| html.text(name));
        values.for_each(|value| html.short("td", &told(value)));
    });
}

/// Bars with their names above them and their numbers beside them. The table below says the same.
fn chart(html: &mut Html, reader: &Reader, title: &str, bars: &[(String, Option<i64>)]) {
    let most = bars.iter().filter_map(|(_, value)| *value).max().unwrap_or_default().max(1);
    let height = LINE * i64::try_from(bars.len()).unwrap_or_default();
    if height == 0 {
        return;
    }
    let label = format!("{title}{}", reader.pick("（图，数字见下表）", " (chart; the numbers are in the table below)"));
    let view = format!("0 0 {WIDTH} {height}");
    html.element("svg", &[("class", "chart"), ("viewBox", &*view), ("role", "img"), ("aria-label", &*label)], |html| {
        for ((name, value), top) in bars.iter().zip((0..).step_by(LINE.unsigned_abs() as usize)) {
            let (text, bar) = ((top + 16i64).to_string(), (top + 22).to_string());
            html.element("text", &[("x", "0"), ("y", &*text)], |html| html.text(name));
            let width = value.unwrap_or_default() * (WIDTH - NUMBER) / most;
            let (wide, at, beside) = (width.to_string(), (width + 6).to_string(), (top + 34).to_string());
            html.element("rect", &[("x", "0"), ("y", &*bar), ("width", &*wide), ("height", "14")], |_| {});
            html.element("text", &[("class", "number"), ("x", &*at), ("y", &*beside)], |html| html.text(&told(*value)));
        }
    });
}

fn open_data(html: &mut Html, reader: &Reader, head: &PublishedFiguresHead) {
    let base = format!("{BASE}/public-figures/{}", head.id);
    html.element("section", &[("aria-labelledby", "data")], |html| {
        html.element("h2", &[("id", "data")], |html| html.text(reader.pick("开放数据", "Open data")));
        html.element("ul", &[], |html| {
            for (href, text) in [
                (format!("{base}/file?bom=true"), reader.pick("CSV（用 Excel 打开）", "CSV for Excel")),
                (format!("{base}/file"), reader.pick("CSV（供程序使用）", "CSV for programs")),
                (base.clone(), "JSON"),
            ] {
                html.element("li", &[], |html| html.link(&href, text));
            }
        });
        let day = reader.day(head.published_on);
        let said = match reader.lang {
            contract::Lang::ZhCn => format!("第{}号，{day}公布。CSV（供程序使用）的 SHA-256：", head.issue_number),
            contract::Lang::En => format!("No. {}, published on {day}. SHA-256 of the CSV for programs: ", head.issue_number),
        };
        html.element("p", &[("class", "muted")], |html| {
            html.text(&said);
            html.short("code", &head.digest);
        });
    });
}
