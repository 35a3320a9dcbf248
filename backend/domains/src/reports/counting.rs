//! What a form counts after its rows have changed: pure decisions.

use contract::reports::ReportRow;
use entities::reports::counted::Model;
use uuid::Uuid;

use super::source::Source;

/// What a form counts after its rows are renewed. A row edited by hand keeps its text about the form's month, and so the records
/// that this text counts. So does a row without a source. Records without a row are not counted, and wait for the next form.
pub fn renewed(report_id: Uuid, rows: &[ReportRow], kept: &[Model], sources: &[Source]) -> Vec<Model> {
    let mut entries = Vec::new();
    for (row, pairing_id) in rows.iter().filter_map(|row| Some((row, row.pairing_id?))) {
        let source = sources.iter().find(|source| source.pairing_id == pairing_id);
        let keeps = |entry: &&Model| entry.pairing_id == pairing_id && !entry.carried && (source.is_none() || row.edited);
        entries.extend(kept.iter().filter(keeps).cloned());
        let counted = source.into_iter().flat_map(|source| &source.aid.counted);
        let counts = counted.filter(|counted| !row.edited || counted.carried);
        entries.extend(counts.map(|counted| counted.entry(report_id, pairing_id)));
    }
    entries
}

/// What a form counts after an edit: what it counted before, without the rows that were taken out. A row that was put in only
/// counts what is carried. Its other text is the editor's, so what that leaves out is carried into the next form.
pub fn edited(report_id: Uuid, before: &[ReportRow], rows: &[ReportRow], kept: &[Model], sources: &[Source]) -> Vec<Model> {
    let mut entries = Vec::new();
    for pairing_id in rows.iter().filter_map(|row| row.pairing_id) {
        if before.iter().any(|row| row.pairing_id == Some(pairing_id)) {
            entries.extend(kept.iter().filter(|entry| entry.pairing_id == pairing_id).cloned());
        } else {
            let source = sources.iter().filter(|source| source.pairing_id == pairing_id);
            let counted = source.flat_map(|source| &source.aid.counted).filter(|counted| counted.carried);
            entries.extend(counted.map(|counted| counted.entry(report_id, pairing_id)));
        }
    }
    entries
}
