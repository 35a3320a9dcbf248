//! The form as laid out in the notice's annex, the same for reading, editing and printing on A4. Its words are Chinese in both
//! languages, as on paper.

use contract::Lang;
use contract::reports::{NIL_WORDS, Report, ReportRow};
use leptos::prelude::*;

use crate::format;
use crate::i18n::texts;

/// The text columns: their names in the annex and as fields, and whether they take several lines.
pub const COLUMNS: [(&str, &str, bool); 4] = [
    ("村（社区）", "village_name", false),
    ("社会组织名称", "organisation_name", false),
    ("具体帮扶内容", "content", true),
    ("进展情况", "progress", true),
];

/// The annex with the rows of a report.
pub fn annex(report: &Report) -> AnyView {
    let filled = report.filled_on.map(|day| format::date(day, Lang::ZhCn)).unwrap_or_default();
    let head = view! { <span>"填报单位：" {report.unit.clone()}</span><span>"填报时间：" {filled}</span> };
    let nil = report.nil.then(|| view! { <tr><td class="nil" colspan="5">{NIL_WORDS}</td></tr> });
    frame("annex", head.into_any(), view! { <tbody>{report.rows.iter().map(row).collect_view()}{nil}</tbody> }.into_any())
}

/// The frame of the annex around its head line and rows.
pub fn frame(class: &'static str, head: AnyView, body: AnyView) -> AnyView {
    let title = texts::reports::HEADING.zh;
    view! {
        <section class=class lang="zh-CN">
            <h2 class="annex-title">{title}</h2>
            <div class="annex-head">{head}</div>
            <div class="table-wrap">
                <table>
                    <caption class="visually-hidden">{title}</caption>
                    <colgroup><col class="no"/><col class="name"/><col class="name"/><col/><col/></colgroup>
                    <thead>
                        <tr>
                            <th scope="col" rowspan="2">"序号"</th>
                            <th scope="colgroup" colspan="2">"合作村社"</th>
                            <th scope="col" rowspan="2">"具体帮扶内容"</th>
                            <th scope="col" rowspan="2">"进展情况"</th>
                        </tr>
                        <tr><th scope="col">"村（社区）"</th><th scope="col">"社会组织名称"</th></tr>
                    </thead>
                    {body}
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(row: &ReportRow) -> AnyView {
    let texts = [&row.village_name, &row.organisation_name, &row.content, &row.progress];
    let cells = COLUMNS.iter().zip(texts).map(|(&(label, name, _), text)| {
        // 补报 stands out from what the town says of the month itself, on a line of its own.
        let carried = row.carried.clone().filter(|text| name == "progress" && !text.is_empty());
        let carried = carried.map(|carried| view! { <strong class="carried">{carried}</strong> });
        view! { <td data-label=label>{text.clone()}{carried}</td> }.into_any()
    });
    view! { <tr><td class="no">{row.position}</td>{cells.collect_view()}</tr> }.into_any()
}
