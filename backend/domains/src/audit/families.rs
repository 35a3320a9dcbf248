//! What entries of the trail hold of a family in plain, and how it is kept from those who may not know the family.

use contract::audit::HistoryEntry;
use serde_json::Value;

/// Fields that say who a family is, what it suffers from and lives on.
const OF_FAMILIES: [&str; 8] =
    ["agreed_by", "category", "head_name", "household", "income_per_head_fen", "main_cause", "member_name", "secondary_causes"];

/// Takes out of an entry what its fields say of a family. The reader learns that something of one changed, and not what it is.
pub fn hide(entry: &mut HistoryEntry) {
    blank(entry, &OF_FAMILIES);
}

/// Takes out of an entry of a pairing with a family what [`hide`] does, and all that was said in words: why it was proposed,
/// accepted or ended is about the family.
pub fn hide_pairing(entry: &mut HistoryEntry) {
    hide(entry);
    blank(entry, &["note"]);
    (entry.note, entry.on_behalf_reason) = (None, None);
}

fn blank(entry: &mut HistoryEntry, fields: &[&str]) {
    for change in entry.changes.iter_mut().filter(|change| fields.contains(&change.field.as_str())) {
        (change.from, change.to) = (Value::Null, Value::Null);
    }
}
