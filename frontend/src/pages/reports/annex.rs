//! The form as the notice's annex draws it: on the screen and on A4 the same. Its words stay Chinese in both languages, as on paper.

use contract::Lang;
use contract::reports::{Report, ReportRow};
use leptos::prelude::*;

use crate::format;
use crate::t;

/// The annex with the rows of a report.
pub fn annex(report: &Report) -> AnyView {
    let filled = report.filled_on.map(|day| format::date(day, Lang::ZhCn)).unwrap_or_default();
    let unit = report.unit.clone();
    view! {
        <section class="annex" lang="zh-CN">
            <h2 class="annex-title">"合作村社帮扶工作开展情况统计表"</h2>
            <p class="annex-head"><span>{t!(reports::unit, unit)}</span><span>{t!(reports::filled, filled)}</span></p>
            <div class="table-wrap">
                <table>
                    <caption class="visually-hidden">"合作村社帮扶工作开展情况统计表"</caption>
                    <thead>
                        <tr>
                            <th scope="col" rowspan="2">"序号"</th>
                            <th scope="colgroup" colspan="2">"合作村社"</th>
                            <th scope="col" rowspan="2">"具体帮扶内容"</th>
                            <th scope="col" rowspan="2">"进展情况"</th>
                        </tr>
                        <tr><th scope="col">"村（社区）"</th><th scope="col">"社会组织名称"</th></tr>
                    </thead>
                    <tbody>{report.rows.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(row: &ReportRow) -> AnyView {
    let (village, organisation) = (row.village_name.clone(), row.organisation_name.clone());
    view! {
        <tr>
            <td>{row.position}</td>
            <td>{village}</td>
            <td>{organisation}</td>
            <td>{row.content.clone()}</td>
            <td>{row.progress.clone()}</td>
        </tr>
    }
    .into_any()
}
