//! What a form counts as help. Each record is in one form. If a record is confirmed or corrected after the form of its month was
//! accepted, the next form carries the difference (补报).

use std::collections::{BTreeMap, BTreeSet};

use contract::assistance::{AidKind, RecordState};
use contract::reports::ReportState;
use contract::{Lang, Month};
use entities::assistance::{Column, Entity};
use entities::pairings::{Column as Pairing, Entity as Pairings};
use entities::reports::counted::{Column as Entry, Entity as Entries, Model};
use entities::reports::{Column as Report, Entity as Reports};
use platform::Result;
use platform::coded::{Code, Written, codes};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Query, SelectStatement};
use sea_orm::{Condition, ConnectionTrait, FromQueryResult, JoinType, QuerySelect};

use crate::assistance::policy::{Given, summary};

/// Aliases of the joins to the entries of the form that counts a record, and of the one that takes it back.
const COUNTING: &str = "counting";
const TAKING_BACK: &str = "taking_back";
/// Aliases of the joins to the entry of the form that counts what a record corrects, and to that form.
const REPLACED: &str = "replaced";
const REPLACED_IN: &str = "replaced_in";

/// A record that was confirmed, with the form that counts it and the one that takes it back.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Record {
    pub record_id: Uuid,
    pub organisation_id: Uuid,
    pub village_code: String,
    pub household_id: Uuid,
    pub kind: Code<AidKind>,
    pub happened_on: Date,
    pub amount_fen: Option<i64>,
    pub state: Code<RecordState>,
    pub counted_in: Option<Uuid>,
    pub counted_month: Option<Written<Month>>,
    pub counted_state: Option<Code<ReportState>>,
    pub taken_back_in: Option<Uuid>,
    /// The form that counts the record which this one corrects, if it is accepted.
    pub replaced_in: Option<Uuid>,
    pub replaced_month: Option<Written<Month>>,
}

impl Record {
    fn month(&self) -> Month {
        Month::of(self.happened_on)
    }

    /// The month whose form must be accepted before a later one carries the record: its own; or that of the form which counts what
    /// it corrects, because only the two together tell the difference.
    fn home(&self, report_id: Uuid) -> Month {
        let replaced = self.replaced_month.as_ref().filter(|_| self.replaced_in != Some(report_id));
        replaced.map_or(self.month(), |month| Ord::max(month.0, self.month()))
    }
}

/// A record that a form counts or takes back.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    pub record: Record,
    /// 1 if it is counted, -1 if it is taken back.
    pub sign: i32,
    /// Whether it belongs to a month before the form's.
    pub carried: bool,
}

impl Counted {
    /// The stored entry for the row of a pairing.
    pub fn entry(&self, report_id: Uuid, pairing_id: Uuid) -> Model {
        Model { record_id: self.record.record_id, sign: self.sign, report_id, pairing_id, carried: self.carried }
    }
}

/// What a form says about the help of one organisation for the families of a village.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aid {
    /// The help in the form's month.
    pub given: Option<String>,
    /// Changes in closed months, one line each.
    pub carried: Option<String>,
    pub counted: Vec<Counted>,
}

/// Organisation and village.
pub type Parties = (Uuid, String);

/// What a town's form has to count, by organisation and village, given the months whose forms are accepted.
pub async fn of_town(
    db: &impl ConnectionTrait,
    campaign_id: Uuid,
    town_code: &str,
    form: (Uuid, Month),
) -> Result<BTreeMap<Parties, Aid>> {
    let closed = closed(db, campaign_id, town_code).await?;
    let pending = read(db, records(campaign_id, town_code).cond_where(may_count(form)).to_owned()).await?;
    let counted: Vec<_> = pending.into_iter().filter_map(|record| count(record, form, &closed)).collect();
    let carried = || counted.iter().filter(|counted| counted.carried).map(|counted| counted.record.month());
    let others = match (carried().min(), carried().max()) {
        (Some(first), Some(last)) => {
            let elsewhere = Condition::all()
                .add(Column::HappenedOn.between(first.first_day(), last.last_day()))
                .add(Expr::col((COUNTING, Entry::ReportId)).ne(form.0))
                .add(
                    Expr::col((TAKING_BACK, Entry::ReportId)).is_null().or(Expr::col((TAKING_BACK, Entry::ReportId)).eq(form.0)),
                );
            read(db, records(campaign_id, town_code).cond_where(elsewhere).to_owned()).await?
        }
        _ => Vec::new(),
    };
    let mut by_parties: BTreeMap<Parties, Vec<Counted>> = BTreeMap::new();
    for counted in counted {
        let parties = (counted.record.organisation_id, counted.record.village_code.clone());
        by_parties.entry(parties).or_default().push(counted);
    }
    let aid = by_parties.into_iter().map(|(parties, counted)| {
        let theirs = |record: &&Record| (record.organisation_id, &record.village_code) == (parties.0, &parties.1);
        let others: Vec<_> = others.iter().filter(theirs).collect();
        let aid = Aid { given: given(&counted), carried: carried_words(&counted, &others), counted };
        (parties, aid)
    });
    Ok(aid.collect())
}

/// The months of a town's accepted forms.
async fn closed(db: &impl ConnectionTrait, campaign_id: Uuid, town_code: &str) -> Result<BTreeSet<Month>> {
    let months = Reports::find()
        .select_only()
        .column(Report::Month)
        .filter(Report::CampaignId.eq(campaign_id))
        .filter(Report::TownCode.eq(town_code))
        .filter(Report::State.eq(Code(ReportState::Accepted)))
        .into_tuple::<Written<Month>>()
        .all(db)
        .await?;
    Ok(months.into_iter().map(|month| month.0).collect())
}

/// The records of a town's pairings that were ever confirmed, each with its entries in forms.
fn records(campaign_id: Uuid, town_code: &str) -> SelectStatement {
    let entry = |name: &'static str, sign: i32| {
        Condition::all()
            .add(Expr::col((name, Entry::RecordId)).equals((Entity, Column::Id)))
            .add(Expr::col((name, Entry::Sign)).eq(sign))
    };
    let replaced = Condition::all()
        .add(Expr::col((REPLACED, Entry::RecordId)).equals((Entity, Column::CorrectsId)))
        .add(Expr::col((REPLACED, Entry::Sign)).eq(1));
    let accepted = Condition::all()
        .add(Expr::col((REPLACED_IN, Report::Id)).equals((REPLACED, Entry::ReportId)))
        .add(Expr::col((REPLACED_IN, Report::State)).eq(Code(ReportState::Accepted)));
    Query::select()
        .expr_as(Expr::col((Entity, Column::Id)), "record_id")
        .columns([Pairing::OrganisationId, Pairing::VillageCode].map(|column| (Pairings, column)))
        .columns(
            [Column::HouseholdId, Column::Kind, Column::HappenedOn, Column::AmountFen, Column::State]
                .map(|column| (Entity, column)),
        )
        .expr_as(Expr::col((COUNTING, Entry::ReportId)), "counted_in")
        .expr_as(Expr::col((Reports, Report::Month)), "counted_month")
        .expr_as(Expr::col((Reports, Report::State)), "counted_state")
        .expr_as(Expr::col((TAKING_BACK, Entry::ReportId)), "taken_back_in")
        .expr_as(Expr::col((REPLACED_IN, Report::Id)), "replaced_in")
        .expr_as(Expr::col((REPLACED_IN, Report::Month)), "replaced_month")
        .from(Entity)
        .inner_join(Pairings, Expr::col((Pairings, Pairing::Id)).equals((Entity, Column::PairingId)))
        .join_as(JoinType::LeftJoin, Entries, COUNTING, entry(COUNTING, 1))
        .join_as(JoinType::LeftJoin, Entries, TAKING_BACK, entry(TAKING_BACK, -1))
        .left_join(Reports, Expr::col((Reports, Report::Id)).equals((COUNTING, Entry::ReportId)))
        .join_as(JoinType::LeftJoin, Entries, REPLACED, replaced)
        .join_as(JoinType::LeftJoin, Reports, REPLACED_IN, accepted)
        .and_where(Pairing::CampaignId.eq(campaign_id))
        .and_where(entities::pairings::lies_in(town_code))
        .and_where(Column::State.is_in(codes(&[RecordState::Confirmed, RecordState::Corrected])))
        .to_owned()
}

/// The records that [`count`] needs: those of the month; and earlier ones that no form counts, that this form counts or takes
/// back, or that were corrected and not taken back.
fn may_count((report_id, month): (Uuid, Month)) -> Condition {
    let corrected = Column::State.eq(Code(RecordState::Corrected));
    let open = Condition::any()
        .add(Expr::col((COUNTING, Entry::RecordId)).is_null())
        .add(Expr::col((COUNTING, Entry::ReportId)).eq(report_id))
        .add(Expr::col((TAKING_BACK, Entry::ReportId)).eq(report_id))
        .add(corrected.and(Expr::col((TAKING_BACK, Entry::RecordId)).is_null()));
    Condition::any()
        .add(Column::HappenedOn.between(month.first_day(), month.last_day()))
        .add(Condition::all().add(Column::HappenedOn.lt(month.first_day())).add(open))
}

async fn read(db: &impl ConnectionTrait, select: SelectStatement) -> Result<Vec<Record>> {
    Ok(Record::find_by_statement(db.get_database_backend().build(&select)).all(db).await?)
}

/// What a form does with a record. It counts a record that no other form counts. It takes back a record that an accepted earlier
/// form counts and that was corrected since. A record that another form takes back stays counted here.
pub fn count(record: Record, (report_id, month): (Uuid, Month), closed: &BTreeSet<Month>) -> Option<Counted> {
    let another = |report: Option<Uuid>| report.is_some_and(|other| other != report_id);
    let (own, state, taken_back) = (record.month(), record.state.0, another(record.taken_back_in));
    let does = if another(record.counted_in) {
        let accepted = record.counted_state == Some(Code(ReportState::Accepted));
        let before = record.counted_month.is_some_and(|counted| counted.0 < month);
        (state == RecordState::Corrected && !taken_back && accepted && before).then_some(-1)
    } else {
        let counts = state == RecordState::Confirmed || taken_back;
        let home = record.home(report_id);
        let here = home == month || (home < month && closed.contains(&home));
        (counts && here).then_some(1)
    };
    does.map(|sign| Counted { record, sign, carried: own < month })
}

/// The help in the form's month, in words.
fn given(counted: &[Counted]) -> Option<String> {
    let mut kinds: BTreeMap<AidKind, (BTreeSet<Uuid>, i64)> = BTreeMap::new();
    for Counted { record, .. } in counted.iter().filter(|counted| !counted.carried) {
        let (households, fen) = kinds.entry(record.kind.0).or_default();
        households.insert(record.household_id);
        *fen += record.amount_fen.unwrap_or_default();
    }
    let given = kinds.into_iter().map(|(kind, (households, amount_fen))| Given {
        kind,
        households: i64::try_from(households.len()).unwrap_or(i64::MAX),
        amount_fen,
    });
    summary(&given.collect::<Vec<_>>())
}

/// The changes in closed months, in words, one line each. A family that another form counts under the same kind and month is not
/// counted again, so that the forms of all months together count each once. `others` are the records that those forms count.
fn carried_words(counted: &[Counted], others: &[&Record]) -> Option<String> {
    let carried = || counted.iter().filter(|counted| counted.carried);
    let months: BTreeSet<_> = carried().map(|counted| counted.record.month()).collect();
    let lines = months.into_iter().filter_map(|month| {
        let of_month = || carried().filter(move |counted| counted.record.month() == month);
        let kinds: BTreeSet<_> = of_month().map(|counted| counted.record.kind.0).collect();
        let given = kinds.into_iter().map(|kind| {
            let of_kind = || of_month().filter(move |counted| counted.record.kind.0 == kind);
            // The number of records of each family: in the other forms, and with this one.
            let mut families: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
            for record in others.iter().filter(|record| record.month() == month && record.kind.0 == kind) {
                let (before, after) = families.entry(record.household_id).or_default();
                (*before, *after) = (*before + 1, *after + 1);
            }
            for counted in of_kind() {
                families.entry(counted.record.household_id).or_default().1 += i64::from(counted.sign);
            }
            let households = families.values().map(|&(before, after)| i64::from(after > 0) - i64::from(before > 0)).sum();
            let fen = of_kind().map(|counted| i64::from(counted.sign) * counted.record.amount_fen.unwrap_or_default());
            Given { kind, households, amount_fen: fen.sum() }
        });
        let words = summary(&given.collect::<Vec<_>>())?;
        Some(format!("补报{}：{words}", month.words(Lang::ZhCn)))
    });
    let lines = lines.collect::<Vec<_>>().join("\n");
    (!lines.is_empty()).then_some(lines)
}

#[cfg(test)]
mod adding;

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn record(family: u128, day: &str, fen: i64) -> Record {
        Record {
            record_id: Uuid::from_u128(family + 100),
            organisation_id: OTHER,
            village_code: "350582104206".to_owned(),
            household_id: Uuid::from_u128(family),
            kind: Code(AidKind::Visit),
            happened_on: day.parse().unwrap(),
            amount_fen: Some(fen),
            state: Code(RecordState::Confirmed),
            counted_in: None,
            counted_month: None,
            counted_state: None,
            taken_back_in: None,
            replaced_in: None,
            replaced_month: None,
        }
    }

    fn by(report: Uuid, of: &str, state: ReportState, record: Record) -> Record {
        Record { counted_in: Some(report), counted_month: Some(Written(month(of))), counted_state: Some(Code(state)), ..record }
    }

    fn does(record: Record) -> Option<(i32, bool)> {
        let closed = [month("2020-09"), month("2020-10")].into();
        count(record, (FORM, month("2020-11")), &closed).map(|counted| (counted.sign, counted.carried))
    }

    #[test]
    fn a_form_counts_its_month_and_what_no_form_counts_of_those_that_are_closed() {
        assert_eq!(does(record(1, "2020-11-30", 100)), Some((1, false)));
        assert_eq!(does(record(1, "2020-10-01", 100)), Some((1, true)));
        // A form for August can still be made, and December has its own.
        assert_eq!((does(record(1, "2020-08-31", 100)), does(record(1, "2020-12-01", 100))), (None, None));
        let counted = |report, state| does(by(report, "2020-10", state, record(1, "2020-10-01", 100)));
        assert_eq!(counted(FORM, ReportState::Draft), Some((1, true)));
        assert_eq!((counted(OTHER, ReportState::Draft), counted(OTHER, ReportState::Accepted)), (None, None));
    }

    #[test]
    fn what_was_corrected_is_taken_back_once_from_the_form_before_that_counts_it() {
        let corrected = || Record { state: Code(RecordState::Corrected), ..record(1, "2020-10-01", 100) };
        assert_eq!(does(corrected()), None);
        assert_eq!(does(by(OTHER, "2020-10", ReportState::Accepted, corrected())), Some((-1, true)));
        // A form in hand is redrafted without it. A form of a later month reports it itself.
        for (of, state) in
            [("2020-10", ReportState::Returned), ("2020-10", ReportState::Submitted), ("2020-12", ReportState::Accepted)]
        {
            assert_eq!(does(by(OTHER, of, state, corrected())), None);
        }
        let taken = |report| Record { taken_back_in: Some(report), ..corrected() };
        assert_eq!(does(by(OTHER, "2020-10", ReportState::Accepted, taken(OTHER))), None);
        assert_eq!(does(by(OTHER, "2020-10", ReportState::Accepted, taken(FORM))), Some((-1, true)));
        // A reopened form keeps what another one takes back.
        assert_eq!(does(by(FORM, "2020-11", ReportState::Returned, taken(OTHER))), Some((1, true)));
    }

    #[test]
    fn a_correction_of_what_another_form_carries_is_told_by_a_later_one() {
        let replaced =
            Record { replaced_in: Some(OTHER), replaced_month: Some(Written(month("2020-10"))), ..record(1, "2020-09-01", 100) };
        let does = |report, of: &str, closed: &[&str]| {
            let closed = closed.iter().map(|text| month(text)).collect();
            count(replaced.clone(), (report, month(of)), &closed).map(|counted| (counted.sign, counted.carried))
        };
        // September is opened again, and still does not tell it.
        assert_eq!((does(FORM, "2020-09", &["2020-10"]), does(FORM, "2020-11", &["2020-10"])), (None, Some((1, true))));
        assert_eq!(does(OTHER, "2020-10", &["2020-09"]), Some((1, true)));
    }

    #[test]
    fn what_is_carried_is_told_as_a_difference_month_by_month() {
        let carried = |sign, record| Counted { record, sign, carried: true };
        let other = record(1, "2020-10-02", 50_000);
        // A family that the month already has is not counted again; another one is.
        let late = [carried(1, record(1, "2020-10-20", 100_000)), carried(1, record(2, "2020-10-20", 100_000))];
        assert_eq!(carried_words(&late, &[&other]).as_deref(), Some("补报2020年10月：走访慰问1户，发放资金2000元"));
        assert_eq!(carried_words(&late[..1], &[&other]).as_deref(), Some("补报2020年10月：发放资金1000元"));
        // A correction of the amount, and one that moves the record to another month.
        let less = [carried(-1, other.clone()), carried(1, record(1, "2020-10-02", 30_000))];
        assert_eq!(carried_words(&less, &[&other]).as_deref(), Some("补报2020年10月：核减资金200元"));
        let moved = [carried(-1, other.clone()), carried(1, record(1, "2020-09-30", 50_000))];
        let words = "补报2020年9月：走访慰问1户，发放资金500元\n补报2020年10月：走访慰问核减1户，核减资金500元";
        assert_eq!(carried_words(&moved, &[&other]).as_deref(), Some(words));
        // Without a difference there is no text.
        let same = [carried(-1, other.clone()), carried(1, record(1, "2020-10-03", 50_000))];
        assert_eq!((carried_words(&same, &[&other]), carried_words(&[], &[&other])), (None, None));
    }
}
