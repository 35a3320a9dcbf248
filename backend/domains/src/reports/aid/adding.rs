//! Whatever is confirmed late, corrected, moved to another month, rejected, taken out or opened again: the forms of all months
//! together count each record once, and so does every sum of them, from village to city and from month to year.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::reports::counting;
use crate::reports::policy::{left_out, redraft};
use crate::reports::source::{Source, example};
use contract::reports::ReportRow;

/// Two villages in each of two towns, each paired with one organisation.
const VILLAGES: [&str; 4] = ["350582104206", "350582104207", "350582105206", "350582105207"];
/// The months of records, and those of forms, which are one more.
const MONTHS: u8 = 6;

#[derive(Clone, Debug)]
enum Deed {
    /// Somebody enters what a family of a village received in a month.
    Enter {
        village: usize,
        family: u128,
        month: u8,
        fen: i64,
    },
    /// A correction with another month or amount replaces a confirmed record.
    Correct {
        record: usize,
        month: u8,
        fen: i64,
    },
    Confirm {
        record: usize,
    },
    Reject {
        record: usize,
    },
    /// A town drafts the form of a month, or drafts it anew.
    Draft {
        town: usize,
        month: u8,
    },
    Edit {
        town: usize,
        month: u8,
        row: usize,
    },
    TakeOut {
        town: usize,
        month: u8,
        row: usize,
    },
    Send {
        town: usize,
        month: u8,
    },
    Accept {
        town: usize,
        month: u8,
    },
    /// The bureau returns a form, or opens it again.
    Open {
        town: usize,
        month: u8,
    },
}

#[derive(Clone, Debug)]
struct Entered {
    village: usize,
    family: u128,
    month: Month,
    fen: i64,
    state: RecordState,
    corrects: Option<usize>,
}

#[derive(Clone, Debug)]
struct Form {
    id: Uuid,
    state: ReportState,
    rows: Vec<ReportRow>,
    left_out: Vec<Uuid>,
    counted: Vec<Model>,
}

/// What stands in the database.
#[derive(Default)]
struct World {
    records: Vec<Entered>,
    forms: BTreeMap<(usize, Month), Form>,
}

fn month(number: u8) -> Month {
    Month::new(2020, u32::from(number) + 1).unwrap()
}

fn record_id(index: usize) -> Uuid {
    Uuid::from_u128(index as u128 + 1)
}

fn town_of(village: usize) -> usize {
    village / 2
}

impl World {
    /// The form that has an entry of a record.
    fn entry(&self, index: usize, sign: i32) -> Option<(Month, &Form)> {
        let has = |form: &Form| form.counted.iter().any(|entry| entry.record_id == record_id(index) && entry.sign == sign);
        self.forms.iter().find(|(_, form)| has(form)).map(|((_, month), form)| (*month, form))
    }

    /// A record as the query reads it.
    fn read(&self, index: usize) -> Record {
        let entered = &self.records[index];
        let counted = self.entry(index, 1);
        let replaced = entered.corrects.and_then(|index| self.entry(index, 1));
        let replaced = replaced.filter(|(_, form)| form.state == ReportState::Accepted);
        Record {
            record_id: record_id(index),
            organisation_id: Uuid::from_u128(200),
            village_code: VILLAGES[entered.village].to_owned(),
            household_id: Uuid::from_u128(entered.family),
            kind: Code(AidKind::Visit),
            happened_on: entered.month.first_day(),
            amount_fen: Some(entered.fen),
            state: Code(entered.state),
            counted_in: counted.map(|(_, form)| form.id),
            counted_month: counted.map(|(month, _)| Written(month)),
            counted_state: counted.map(|(_, form)| Code(form.state)),
            taken_back_in: self.entry(index, -1).map(|(_, form)| form.id),
            replaced_in: replaced.map(|(_, form)| form.id),
            replaced_month: replaced.map(|(month, _)| Written(month)),
        }
    }

    /// The sources of a form, as the service collects them.
    fn sources(&self, town: usize, form: (Uuid, Month)) -> Vec<Source> {
        let accepted = |form: &Form| form.state == ReportState::Accepted;
        let closed = self.forms.iter().filter(|((of, _), form)| *of == town && accepted(form)).map(|((_, month), _)| *month);
        let closed: BTreeSet<_> = closed.collect();
        let villages = (0..VILLAGES.len()).filter(|village| town_of(*village) == town);
        let sources = villages.map(|village| {
            let known = self.records.iter().enumerate().filter(|(_, record)| record.village == village);
            let known = known.filter(|(_, record)| matches!(record.state, RecordState::Confirmed | RecordState::Corrected));
            let counted: Vec<_> = known.filter_map(|(index, _)| count(self.read(index), form, &closed)).collect();
            let aid = Aid { given: given(&counted), carried: carried_words(&counted, &[]), counted };
            Source { aid, village_code: VILLAGES[village].to_owned(), ..example(village as u8 + 1, None) }
        });
        sources.collect()
    }

    /// Drafts a form anew, and with it the later ones that give something back.
    fn draft(&mut self, town: usize, month: Month) {
        let new = || Form {
            id: Uuid::from_u128(((town as u128) << 64) + u128::from(month.number()) + 1_000),
            state: ReportState::Draft,
            rows: Vec::new(),
            left_out: Vec::new(),
            counted: Vec::new(),
        };
        let form = self.forms.entry((town, month)).or_insert_with(new);
        if !ReportState::EDITABLE.contains(&form.state) {
            return;
        }
        let own: BTreeSet<_> =
            (0..self.records.len()).filter(|index| self.records[*index].month == month).map(record_id).collect();
        let mut again = vec![month];
        for ((of, later), form) in &mut self.forms {
            if *of == town && *later > month && ReportState::EDITABLE.contains(&form.state) {
                let before = form.counted.len();
                form.counted.retain(|entry| !own.contains(&entry.record_id));
                again.extend((form.counted.len() < before).then_some(*later));
            }
        }
        for month in again {
            let mut form = self.forms[&(town, month)].clone();
            let sources = self.sources(town, (form.id, month));
            form.rows = redraft(form.rows, &sources, &form.left_out);
            form.counted = counting::renewed(form.id, &form.rows, &form.counted, &sources);
            self.forms.insert((town, month), form);
        }
    }

    /// Changes the rows of a form that is in the town's hands.
    fn change(&mut self, town: usize, month: Month, rows: impl FnOnce(&mut Vec<ReportRow>)) {
        let Some(mut form) = self.forms.get(&(town, month)).cloned().filter(|form| ReportState::EDITABLE.contains(&form.state))
        else {
            return;
        };
        let sources = self.sources(town, (form.id, month));
        let before = form.rows.clone();
        rows(&mut form.rows);
        form.counted = counting::edited(form.id, &before, &form.rows, &form.counted, &sources);
        form.left_out = left_out(&form.left_out, &before, &form.rows);
        self.forms.insert((town, month), form);
    }

    fn step(&mut self, town: usize, month: Month, from: &[ReportState], to: ReportState) {
        if let Some(form) = self.forms.get_mut(&(town, month)).filter(|form| from.contains(&form.state)) {
            form.state = to;
        }
    }

    fn does(&mut self, deed: Deed) {
        use ReportState::{Accepted, Returned, Submitted};
        let count = self.records.len();
        match deed {
            Deed::Enter { village, family, month: at, fen } => {
                self.records.push(Entered {
                    village,
                    family,
                    month: month(at),
                    fen,
                    state: RecordState::Recorded,
                    corrects: None,
                });
            }
            Deed::Correct { record, month: at, fen } if count > 0 => {
                let index = record % count;
                if self.records[index].state == RecordState::Confirmed {
                    let other = Entered { month: month(at), fen, corrects: Some(index), ..self.records[index].clone() };
                    self.records[index].state = RecordState::Corrected;
                    self.records.push(other);
                }
            }
            Deed::Confirm { record } | Deed::Reject { record } if count > 0 => {
                let to = if matches!(deed, Deed::Confirm { .. }) { RecordState::Confirmed } else { RecordState::Rejected };
                let record = &mut self.records[record % count];
                record.state = if record.state == RecordState::Recorded { to } else { record.state };
            }
            Deed::Draft { town, month: at } => self.draft(town, month(at)),
            Deed::Edit { town, month: at, row } => self.change(town, month(at), |rows| {
                let number = rows.len().max(1);
                rows.get_mut(row % number).into_iter().for_each(|row| row.edited = true);
            }),
            Deed::TakeOut { town, month: at, row } => self.change(town, month(at), |rows| {
                if !rows.is_empty() {
                    rows.remove(row % rows.len());
                }
            }),
            Deed::Send { town, month: at } => self.step(town, month(at), ReportState::EDITABLE, Submitted),
            Deed::Accept { town, month: at } => self.step(town, month(at), &[Submitted], Accepted),
            Deed::Open { town, month: at } => self.step(town, month(at), &[Submitted, Accepted], Returned),
            Deed::Correct { .. } | Deed::Confirm { .. } | Deed::Reject { .. } => {}
        }
    }

    /// No record is counted twice or taken back twice, nor taken back where nothing counts it.
    fn counts_once(&self) -> Result<(), TestCaseError> {
        for index in 0..self.records.len() {
            let times = |sign| {
                let entries = self.forms.values().flat_map(|form| &form.counted);
                entries.filter(|entry| entry.record_id == record_id(index) && entry.sign == sign).count()
            };
            prop_assert!(times(1) <= 1 && times(-1) <= 1, "record {index}");
        }
        Ok(())
    }

    /// What the accepted forms say, by village and the month of each record.
    fn reported(&self) -> BTreeMap<(usize, Month), i64> {
        let mut sums = BTreeMap::new();
        for entry in self.forms.values().filter(|form| form.state == ReportState::Accepted).flat_map(|form| &form.counted) {
            let record = &self.records[entry.record_id.as_u128() as usize - 1];
            *sums.entry((record.village, record.month)).or_default() += i64::from(entry.sign) * record.fen;
        }
        sums.retain(|_, fen| *fen != 0);
        sums
    }

    /// What holds today.
    fn confirmed(&self) -> BTreeMap<(usize, Month), i64> {
        let mut sums = BTreeMap::new();
        for record in self.records.iter().filter(|record| record.state == RecordState::Confirmed) {
            *sums.entry((record.village, record.month)).or_default() += record.fen;
        }
        sums
    }
}

/// Sums by anything.
fn by<K: Ord>(sums: &BTreeMap<(usize, Month), i64>, key: impl Fn(usize, Month) -> K) -> BTreeMap<K, i64> {
    let mut by = BTreeMap::new();
    for ((village, month), fen) in sums {
        *by.entry(key(*village, *month)).or_default() += fen;
    }
    by
}

fn deed() -> impl Strategy<Value = Deed> {
    let (record, month, town, row) = (0usize..40, 0u8..MONTHS, 0usize..2, 0usize..4);
    let fen = 1i64..1_000;
    prop_oneof![
        4 => (select(vec![0usize, 1, 2, 3]), 0u128..3, month.clone(), fen.clone())
            .prop_map(|(village, family, month, fen)| Deed::Enter { village, family, month, fen }),
        5 => record.clone().prop_map(|record| Deed::Confirm { record }),
        1 => record.clone().prop_map(|record| Deed::Reject { record }),
        3 => (record, month.clone(), fen).prop_map(|(record, month, fen)| Deed::Correct { record, month, fen }),
        5 => (town.clone(), month.clone()).prop_map(|(town, month)| Deed::Draft { town, month }),
        1 => (town.clone(), month.clone(), row.clone()).prop_map(|(town, month, row)| Deed::Edit { town, month, row }),
        1 => (town.clone(), month.clone(), row).prop_map(|(town, month, row)| Deed::TakeOut { town, month, row }),
        3 => (town.clone(), month.clone()).prop_map(|(town, month)| Deed::Send { town, month }),
        3 => (town.clone(), month.clone()).prop_map(|(town, month)| Deed::Accept { town, month }),
        2 => (town, month).prop_map(|(town, month)| Deed::Open { town, month }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_forms_of_all_months_add_up_to_all_records_at_every_level(deeds in prop::collection::vec(deed(), 0..80)) {
        let mut world = World::default();
        for deed in deeds {
            world.does(deed);
            world.counts_once()?;
        }
        // The year ends: each month is drafted, sent and accepted in its turn, and one more after the last of them.
        for number in 0..=MONTHS {
            for town in 0..2 {
                world.draft(town, month(number));
                world.counts_once()?;
                world.step(town, month(number), ReportState::EDITABLE, ReportState::Submitted);
                world.step(town, month(number), &[ReportState::Submitted], ReportState::Accepted);
            }
        }
        let (reported, confirmed) = (world.reported(), world.confirmed());
        prop_assert_eq!(&reported, &confirmed);
        // From village to town and city, from month to quarter, half-year and year.
        let quarter = |month: Month| (month.number() - 1) / 3;
        let half = |month: Month| (month.number() - 1) / 6;
        let quarters = |sums| by(sums, |village, month| (town_of(village), quarter(month)));
        prop_assert_eq!(quarters(&reported), quarters(&confirmed));
        let city = by(&reported, |_, month| half(month));
        prop_assert_eq!(&by(&by(&reported, |village, month| (town_of(village), month)), |_, month| half(month)), &city);
        let live = world.records.iter().filter(|record| record.state == RecordState::Confirmed);
        prop_assert_eq!(city.values().sum::<i64>(), live.map(|record| record.fen).sum::<i64>());
        // Nothing is left for another form.
        for town in 0..2 {
            let next = (Uuid::from_u128(7), month(MONTHS + 1));
            prop_assert!(world.sources(town, next).iter().all(|source| source.aid.counted.is_empty()));
        }
    }
}
