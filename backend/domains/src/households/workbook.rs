//! Households as a workbook, with their members on a second sheet: template and import. The import also reads exported files.

use std::collections::{BTreeSet, HashMap, HashSet};

use contract::codes::{DocumentKind, Sex};
use contract::households::{
    Cause, ConsentScope, DisabilityKind, Group, Health, HouseholdCategory, HouseholdInput, HouseholdStatus, Labour, LeaveReason,
    MemberInput, Relation, Schooling,
};
use contract::imports::ImportReport;
use contract::{CodedEnum, FieldError, Lang, mask, typed, validation};
use entities::households::{MEMBERS, OBJECT, parts};
use platform::audit::to_map;
use platform::excel::{self, Choices, Column as Cell, Kind, Of, Report, Row, Sheet, Table};
use platform::{Caller, Error, Result, Tx, budget};
use serde_json::{Map, json};
use uuid::Uuid;

use super::doubles;
use super::renewal;
use super::service::{identified, keeps};
use super::uniqueness::{self, LOOK_UPS, Reach, UNDISCLOSED};
use super::writing::{self, New};
use crate::areas;
use crate::villages;

/// The column that identifies a household within a workbook.
pub(super) const REFERENCE: &str = "household_reference";
/// The most members of a household.
const FAMILY: usize = 20;

/// The action in the trail of an import that wrote nothing.
pub(super) const CHECK_IMPORT: &str = "check_import";

/// The sheets of the workbook.
pub static SHEETS: &[&Sheet] = &[
    &Sheet {
        name: OBJECT,
        personal: true,
        columns: &[
            Cell::required(REFERENCE, Kind::Key, "1"),
            Cell::required("village_code", Kind::Text, "350582101001"),
            Cell::required("registered_on", Kind::Date, "2020-04-16"),
            Cell::required("category", Kind::Code(&Of::<HouseholdCategory>::ALL), "低保"),
            Cell::required("main_cause", Kind::Code(&Of::<Cause>::ALL), "因病"),
            Cell::new("secondary_causes", Kind::Codes(&Of::<Cause>::ALL), "因残、缺劳力"),
            Cell::new("income_per_head_fen", Kind::Money, "6200"),
            Cell::required("address", Kind::Text, "某某村 12 号").masked(hidden),
            Cell::new("phone", Kind::Text, "0595-85000000").masked(mask::phone),
            Cell::new("bank_account", Kind::Text, "6217000000000000000").masked(mask::bank_account),
            Cell::new("consent/given_on", Kind::Date, "2020-04-16").needed(),
            Cell::new("consent/given_by", Kind::Text, "许建国").needed().masked(mask::name),
            Cell::new("consent/scope", Kind::Codes(&Of::<ConsentScope>::ALL), "建档与结对帮扶").needed(),
            Cell::new("consent/withdrawn_on", Kind::Date, "2020-04-17"),
            Cell::new("not_a_double", Kind::Flag, "是"),
            Cell::read_only("town_name", Kind::Text, "shown_by_code"),
            Cell::read_only("village_name", Kind::Text, "shown_by_code"),
            Cell::read_only("head_name", Kind::Text, "changed_with_members").masked(mask::name),
            Cell::read_only("consented", Kind::Flag, "changed_on_page"),
            Cell::read_only("status", Kind::Code(&Of::<HouseholdStatus>::ALL), "changed_by_step"),
            Cell::read_only("status_since", Kind::Date, "changed_by_step"),
            Cell::read_only("leave_reason", Kind::Code(&Of::<LeaveReason>::ALL), "changed_by_step"),
            Cell::version(),
        ],
    },
    &Sheet {
        name: MEMBERS,
        personal: true,
        columns: &[
            Cell::required(REFERENCE, Kind::Key, "1"),
            Cell::required("name", Kind::Text, "许建国").named("display_name").masked(mask::name),
            Cell::required("relation", Kind::Code(&Of::<Relation>::ALL), "户主"),
            Cell::new("document_kind", Kind::Code(&Of::<DocumentKind>::ALL), "居民身份证"),
            Cell::new("identity_number", Kind::Text, "11010519491231002X").masked(mask::document_number),
            Cell::new("sex", Kind::Code(&Of::<Sex>::ALL), "女"),
            Cell::new("born_on", Kind::Date, "1949-12-31").masked(hidden),
            Cell::required("health", Kind::Code(&Of::<Health>::ALL), "残疾"),
            Cell::new("disability/kind", Kind::Code(&Of::<DisabilityKind>::ALL), "肢体残疾").named("disability_kind").needed(),
            Cell::new("disability/level", Kind::Integer, "2").named("disability_level").needed(),
            Cell::required("schooling", Kind::Code(&Of::<Schooling>::ALL), "小学"),
            Cell::required("labour", Kind::Code(&Of::<Labour>::ALL), "丧失劳动力"),
            Cell::new("groups", Kind::Codes(&Of::<Group>::ALL), "空巢老人、残疾人"),
            Cell::row_id(),
        ],
    },
];

/// The mask of a text or day that would reveal where a family lives, or how old somebody is.
fn hidden(_: &str) -> String {
    "***".to_owned()
}

/// Opens a file for each household, or changes the file whose number is its reference; all or none.
///
/// A dry run looks persons up only in files that the caller may see. An import reports persons who are known elsewhere only if it
/// has no other fault, and so would be written. Beyond the daily budget a dry run looks nobody up, and a refused import says only
/// that somebody is known.
///
/// # Errors
/// `validation_failed` with every bad cell, `too_many_requests`.
pub async fn import(tx: &Tx, tables: &[Table], dry_run: bool, lang: Lang) -> Result<ImportReport> {
    let caller = tx.caller()?;
    let (table, members) = (&tables[0], &tables[1]);
    let mut report = Report::new(tables, dry_run, lang);
    let mut families: HashMap<&str, Vec<&Row>> = HashMap::new();
    members.rows.iter().for_each(|row| families.entry(row.key()).or_default().push(row));
    let codes = table.rows.iter().filter_map(village_code).collect();
    let villages = villages::service::known(&tx.asker()?, codes).await?;
    let ended = areas::service::ended(&tx.connection, villages.iter().map(String::as_str)).await?;
    let kept: BTreeSet<_> = villages.iter().filter(|code| keeps(caller, code) && !ended.contains(*code)).cloned().collect();
    let mut numbers = if dry_run { HashMap::new() } else { writing::numbers(tx, &Vec::from_iter(kept)).await? };
    let mut seen = HashSet::new();
    let settled = renewal::settled(tx, members).await?;
    let persons = members.rows.iter().filter_map(document_key).filter(|number| !settled.contains(number)).count() as u64;
    let left = LOOK_UPS.left(tx).await?;
    let disclosed = persons <= left;
    let reach = if dry_run { Some(Reach::Own).filter(|_| disclosed) } else { Some(Reach::All) };
    // The cost of the answer if nothing is written.
    let cost = match (disclosed, dry_run) {
        (true, _) => persons.max(1),
        (false, true) => 1,
        (false, false) => UNDISCLOSED,
    };
    LOOK_UPS.check(tx, cost).await?;
    let (elsewhere, known) = (HashMap::new(), Vec::new());
    let mut persons = Persons { members, today: tx.today(), settled, seen: HashSet::new(), reach, elsewhere, known };
    let (mut twins, mut alike) = (Twins::default(), Vec::new());
    for batch in table.rows.chunks(excel::BATCH) {
        let family = |row: &Row| families.get(row.key()).map_or(&[][..], |rows| &rows[..]);
        persons.look_up(tx, batch.iter().flat_map(family).copied()).await?;
        let known = renewal::known(tx, batch).await?;
        let (mut entered, mut files, mut renewed) = (Vec::new(), Vec::new(), Vec::new());
        for row in batch {
            // A missing reference was reported already.
            let first = row.key().is_empty() || seen.insert(row.key());
            if let Some((village, sequence)) = parts(row.key()) {
                match known.get(&(village.to_owned(), sequence)) {
                    _ if !first => report.fault(table, row, REFERENCE, "duplicate"),
                    Some(file) => {
                        let file = file.renewed(tx, &mut report, table, row, family(row), &mut persons);
                        renewed.extend(file.map(|file| (row, file)));
                    }
                    None => report.fault(table, row, REFERENCE, "unknown"),
                }
                continue;
            }
            let family = Some(family(row)).filter(|_| first && !row.key().is_empty());
            let input = household(&mut report, table, row, family, &mut persons);
            let fault = if first { village_fault(caller, [&villages, &ended], row) } else { Some((REFERENCE, "duplicate")) };
            if let Some((field, code)) = fault {
                report.fault(table, row, field, code);
            }
            if let (Some(input), None) = (input, fault) {
                entered.push((row, input));
            }
        }
        let renamed = renewed.iter().filter_map(|(_, file)| file.renamed());
        twins.look_up(tx, entered.iter().map(|(_, input)| input).chain(renamed)).await?;
        let mut changed = Vec::new();
        for (row, file) in renewed {
            if let Some(other) = file.renamed().and_then(|renamed| twins.of(tx, renamed, Some(file.id()))) {
                alike.push((row, other));
                continue;
            }
            report.updated();
            changed.push(file);
        }
        for (row, input) in entered {
            if let Some(file) = twins.of(tx, &input, None) {
                alike.push((row, file));
                continue;
            }
            report.compare(table, row, &renewal::of_new(&input));
            report.created();
            if report.writes() && persons.known.is_empty() && alike.is_empty() {
                let number = numbers.entry(input.village_code.clone()).and_modify(|last| *last += 1).or_insert(1);
                files.push(New::of(tx, Uuid::now_v7(), *number, &identified(input))?);
            }
        }
        if report.writes() && persons.known.is_empty() && alike.is_empty() {
            if !files.is_empty() {
                writing::open(tx, files).await?;
            }
            renewal::write(tx, changed).await?;
        }
    }
    for row in members.rows.iter().filter(|row| row.key().is_empty() || !seen.contains(row.key())) {
        persons.member(&mut report, row, None);
        if !row.key().is_empty() {
            report.fault(members, row, REFERENCE, "unknown");
        }
    }
    // An import with other faults would not be written, so it discloses nobody.
    let answers = report.writes() && !persons.known.is_empty();
    if answers && !disclosed {
        let untold = Error::field("/file", "known_elsewhere_untold");
        return Err(untold.traced(OBJECT, "*", CHECK_IMPORT).spending(&LOOK_UPS, cost));
    }
    if answers {
        for (row, file) in std::mem::take(&mut persons.known) {
            report.add(members, row, uniqueness::known_elsewhere("", file.as_deref()));
        }
    }
    for (row, file) in alike {
        let file = file.map(|file| ("file".to_owned(), file.into()));
        report.add(table, row, FieldError::new("/not_a_double", "likely_double", file.into_iter().collect()));
    }
    let cost = if dry_run || answers { cost } else { 1 };
    let refused = |refused: Error| refused.traced(OBJECT, "*", CHECK_IMPORT).spending(&LOOK_UPS, cost);
    let mut report = report.finish(tx, OBJECT).await.map_err(refused)?;
    if dry_run {
        report.persons_unchecked = !disclosed;
        LOOK_UPS.take(tx, cost).await?;
        let mut fields = budget::note(cost);
        fields["rows"] = report.rows.into();
        fields["errors_total"] = report.errors_total.into();
        excel::record_bulk(tx, OBJECT, CHECK_IMPORT, &fields).await?;
    }
    Ok(report)
}

/// The household of a row and its members' rows, unless they have faults. `family` is `None` if the row's reference is missing or
/// repeated.
fn household<'a>(
    report: &mut Report,
    table: &Table,
    row: &Row,
    family: Option<&[&'a Row]>,
    persons: &mut Persons<'a>,
) -> Option<HouseholdInput> {
    let rows = family.unwrap_or_default();
    let members: Vec<_> = rows.iter().map(|row| persons.member(report, row, None)).collect();
    let whole = members.iter().all(Option::is_some) && (1..=FAMILY).contains(&members.len());
    let members: Vec<_> = members.into_iter().flatten().collect();
    // The household's own cells are checked even if a member is missing or faulty.
    let given = if whole { json!(members) } else { json!([SHEETS[1].example()]) };
    let current = Map::from_iter([("members".to_owned(), given)]);
    let input = report.check::<HouseholdInput>(table, row, current);
    match family.map(<[_]>::len) {
        Some(0) => report.fault(table, row, REFERENCE, "head_missing"),
        Some(count) if count > FAMILY => report.fault(table, row, REFERENCE, "too_many"),
        _ => {}
    }
    let input = input?;
    let faults = input.between(persons.today);
    let faultless = faults.is_empty() && whole;
    for fault in faults {
        match member_fault(&fault) {
            // If a member is missing or faulty, only the members' own faults are reported.
            Some(_) if !whole => {}
            Some((index, pointer)) => report.add(persons.members, rows[index], FieldError { pointer, ..fault }),
            None => report.add(table, row, fault),
        }
    }
    faultless.then_some(input)
}

/// The index of the member that a fault is about, and its pointer within the member.
pub(super) fn member_fault(fault: &FieldError) -> Option<(usize, String)> {
    let (index, field) = fault.pointer.strip_prefix("/members/")?.split_once('/')?;
    Some((index.parse().ok()?, format!("/{field}")))
}

/// Families that already have a file, or occur twice in the workbook.
#[derive(Default)]
struct Twins {
    /// Existing files for the batch, by village and name of the head.
    known: HashMap<doubles::Key, Vec<doubles::Known>>,
    /// Families already read, with whether their heads have identity numbers.
    seen: HashMap<doubles::Key, Vec<bool>>,
}

impl Twins {
    async fn look_up<'f>(&mut self, tx: &Tx, files: impl Iterator<Item = &'f HouseholdInput>) -> Result<()> {
        let asked = files.filter(|file| !file.not_a_double);
        self.known = doubles::known(tx, &asked.filter_map(|file| doubles::key(tx, file)).map(|(key, _)| key).collect()).await?;
        Ok(())
    }

    /// Whether a family is likely a duplicate, and the number of the existing file; the inner `None` means another row of the
    /// workbook. Files that this import has opened count as rows of the workbook. `own` is the file that the row changes.
    fn of(&mut self, tx: &Tx, file: &HouseholdInput, own: Option<Uuid>) -> Option<Option<String>> {
        let (key, numbered) = doubles::key(tx, file)?;
        let seen = self.seen.entry(key.clone()).or_default();
        let twice = seen.iter().any(|other| !(*other && numbered));
        seen.push(numbered);
        if file.not_a_double {
            return None;
        }
        let known = self.known.get(&key).into_iter().flatten().find(|known| known.is_like(numbered, own));
        if twice { Some(None) } else { known.map(|known| Some(known.file_number.clone())) }
    }
}

/// The persons of a workbook.
pub(super) struct Persons<'a> {
    pub members: &'a Table,
    pub today: chrono::NaiveDate,
    /// The documents in rows whose members already have them, by key.
    settled: HashSet<String>,
    /// The documents already read, by key.
    seen: HashSet<String>,
    /// The extent of look-ups; `None` if nobody is looked up.
    reach: Option<Reach>,
    /// Persons of the batch who are in another file, with its number if the caller may know it.
    elsewhere: HashMap<String, Option<String>>,
    /// Such persons that an import has found. In the end it reports all of them, or none.
    known: Vec<(&'a Row, Option<String>)>,
}

impl<'a> Persons<'a> {
    async fn look_up(&mut self, tx: &Tx, rows: impl Iterator<Item = &'a Row>) -> Result<()> {
        if let Some(reach) = self.reach {
            let numbers: Vec<_> = rows.filter_map(document_key).filter(|number| !self.settled.contains(number)).collect();
            let found = uniqueness::elsewhere(tx, reach, &numbers.iter().map(String::as_str).collect::<Vec<_>>()).await?;
            self.elsewhere = found.into_iter().map(|(number, file)| (number.to_owned(), file)).collect();
        }
        Ok(())
    }

    /// The member of a row, unless it has faults. `known` is the existing member that the row is about, and the family.
    pub fn member(
        &mut self,
        report: &mut Report,
        row: &'a Row,
        known: Option<(&MemberInput, &[MemberInput])>,
    ) -> Option<MemberInput> {
        let (before, family) = known.unzip();
        let input = match before.map(to_map) {
            Some(before) => report.renew::<MemberInput>(self.members, row, &before, before.clone()),
            None => report.check::<MemberInput>(self.members, row, Map::new()),
        };
        let changed = input.as_ref().filter(|input| before != Some(*input));
        let mut faults = changed.map(|input| input.faults(self.today)).unwrap_or_default();
        if let Some(number) = document_key(row) {
            let has = |member: &MemberInput| member.document_key().as_ref() == Some(&number);
            if self.seen.contains(&number) {
                faults.push(FieldError::at("/identity_number", "duplicate"));
            } else if family.is_some_and(|family| family.iter().any(has)) {
                // A number may move within the family.
            } else if let Some(file) = self.elsewhere.get(&number) {
                match self.reach {
                    Some(Reach::Own) => faults.push(uniqueness::known_elsewhere("", file.as_deref())),
                    _ => self.known.push((row, file.clone())),
                }
            }
            self.seen.insert(number);
        }
        let faultless = faults.is_empty();
        faults.into_iter().for_each(|fault| report.add(self.members, row, fault));
        input.filter(|_| faultless)
    }
}

/// The key that compares the document of a row; `None` if it is invalid, which was already reported.
pub(super) fn document_key(row: &Row) -> Option<String> {
    let number = typed::document_number(row.text(SHEETS[1], "identity_number")?);
    let Some(kind) = row.text(SHEETS[1], "document_kind") else {
        // The kind stays as it is in the file, or is an identity card.
        return DocumentKind::keys(&number).into_iter().next();
    };
    let kind = DocumentKind::from_code(Of::<DocumentKind>::ALL.read(kind)?)?;
    kind.fault(&number).is_none().then(|| kind.key(&number))
}

fn village_code(row: &Row) -> Option<&str> {
    row.text(SHEETS[0], "village_code").filter(|code| validation::village_code(code).is_ok())
}

/// The fault of a row's village. An invalid code was already reported.
fn village_fault(caller: &Caller, [villages, ended]: [&HashSet<String>; 2], row: &Row) -> Option<(&'static str, &'static str)> {
    let code = village_code(row)?;
    if !villages.contains(code) {
        Some(("village_code", "unknown"))
    } else if !keeps(caller, code) {
        Some(("village_code", "outside_own_scope"))
    } else if ended.contains(code) {
        Some(("village_code", "village_ended"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use platform::extract::checked;

    #[test]
    fn every_field_has_a_column() {
        let mut household = SHEETS[0].example();
        household["members"] = json!([SHEETS[1].example()]);
        let household: HouseholdInput = checked(household).unwrap();
        let leaves = |value: Map<String, Value>| -> BTreeSet<String> {
            let mut names = BTreeSet::new();
            for (field, value) in value {
                match value {
                    Value::Object(inner) => names.extend(inner.into_iter().map(|(name, _)| format!("{field}/{name}"))),
                    _ => drop(names.insert(field)),
                }
            }
            names
        };
        let columns = |sheet: &Sheet, more: &str| -> BTreeSet<String> {
            sheet.inputs().map(str::to_owned).chain([more.to_owned()]).collect()
        };
        assert_eq!(leaves(to_map(&household)), columns(SHEETS[0], "members"));
        assert_eq!(leaves(to_map(&household.members[0])), columns(SHEETS[1], "id"));
        assert!(household.faults("2020-04-20".parse().unwrap()).is_empty());
    }
}
