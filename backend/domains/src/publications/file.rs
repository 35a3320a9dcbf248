//! Published figures as open data.

use contract::publications::{PublicFigure, PublicTable};
use contract::{CodedEnum, Lang};
use platform::crypto::hex;
use sha2::{Digest, Sha256};

/// The figures as a .csv file (RFC 4180), without byte order mark. A figure that is held back has no value. The names are Chinese; the
/// codes are those of the document of the API.
pub fn csv(figures: &[PublicFigure]) -> String {
    let mut file = "table,table_name,area_code,area_name,column,column_name,value\r\n".to_owned();
    for figure in figures {
        let column = figure.column.as_deref().unwrap_or_default();
        let value = figure.value.map(|value| value.to_string()).unwrap_or_default();
        let names = (figure.table.label(Lang::ZhCn), column_name(figure.table, figure.column.as_deref(), Lang::ZhCn));
        let cells = [figure.table.code(), names.0, &figure.area_code, &figure.area_name, column, names.1, &value];
        file.push_str(&cells.map(cell).join(","));
        file.push_str("\r\n");
    }
    file
}

/// The name of a column; without one, of the sum.
pub fn column_name(table: PublicTable, column: Option<&str>, lang: Lang) -> &'static str {
    let all = lang.pick("合计", "Total");
    column.map_or(all, |column| table.columns(lang).into_iter().find(|(code, _)| *code == column).map_or("", |(_, label)| label))
}

/// A cell that is text to a spreadsheet, whatever it begins with.
fn cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The digest of the figures: that of the file, so that anybody can compare it.
pub fn digest(figures: &[PublicFigure]) -> String {
    hex(&Sha256::digest(csv(figures)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_is_shown_and_leaves_out_what_is_held_back() {
        let figure = |area_name: &str, column: Option<&str>, value| PublicFigure {
            table: PublicTable::Households,
            area_code: "350582104".to_owned(),
            area_name: area_name.to_owned(),
            column: column.map(str::to_owned),
            value,
        };
        let figures = [figure("东石镇", Some("medical"), Some(12)), figure("=1+1, \"镇\"", None, None)];
        let told = csv(&figures);
        let lines: Vec<_> = told.split("\r\n").collect();
        assert_eq!(lines[1], "households,受帮扶户（户次）,350582104,东石镇,medical,助医,12");
        assert_eq!(lines[2], "households,受帮扶户（户次）,350582104,\"'=1+1, \"\"镇\"\"\",,合计,");
        assert_eq!(digest(&figures).len(), 64);
        assert_ne!(digest(&figures), digest(&figures[..1]));
    }
}
