//! Tables `reports` and `report_records`.

use std::collections::HashMap;

use contract::campaigns::{CampaignSettings, DueDay};
use contract::reports::{Report, ReportAction, ReportRow, ReportState, ReportSummary, ReportTiming};
use contract::{Month, ObjectKind};
use platform::clock::local_date;
use platform::coded::{AsJson, Code, Written};
use platform::{Result, Tx, object};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Func, SimpleExpr};
use sea_orm::{DerivePartialModel, FromQueryResult, QueryOrder, QuerySelect, QueryTrait};

use crate::{areas, campaigns, enrolments, pairings};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Report.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub town_code: String,
    /// The name of the town when the form was drafted. Sending the form updates it.
    pub town_name: String,
    pub month: Written<Month>,
    pub state: Code<ReportState>,
    pub unit: String,
    pub filled_on: Option<Date>,
    pub rows: AsJson<Vec<ReportRow>>,
    pub row_count: i32,
    pub left_out: AsJson<Vec<Uuid>>,
    pub return_reason: Option<String>,
    pub submitted_at: Option<DateTimeUtc>,
    pub resubmitted_at: Option<DateTimeUtc>,
    /// The day on which the form was due. `None` until it is sent.
    pub due_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "campaigns::Entity", from = "Column::CampaignId", to = "campaigns::Column::Id")]
    Campaign,
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::TownCode", to = "areas::Column::Code")]
    Town,
    /// Joins on the campaign alone, so the pairings of every town and month match.
    #[sea_orm(belongs_to = "pairings::Entity", from = "Column::CampaignId", to = "pairings::Column::CampaignId")]
    Pairing,
    /// Joins on the campaign alone, too: a town owes a form as soon as a village of it is among these.
    #[sea_orm(belongs_to = "enrolments::Entity", from = "Column::CampaignId", to = "enrolments::Column::CampaignId")]
    Enrolment,
}

impl ActiveModelBehavior for ActiveModel {}

/// Table `report_records`: the assistance records that each form counts. The primary key prevents a record from being counted
/// twice, and from being taken back twice.
pub mod counted {
    use sea_orm::entity::prelude::*;
    use sea_orm::sea_query::SelectStatement;
    use sea_orm::{QuerySelect, QueryTrait};

    use crate::assistance;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "report_records")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub record_id: Uuid,
        /// 1 if the form counts the record. -1 if the form takes it back, because it was corrected after the form that counts it
        /// had been accepted.
        #[sea_orm(primary_key, auto_increment = false)]
        pub sign: i32,
        pub report_id: Uuid,
        /// The pairing whose row of the form includes the record.
        pub pairing_id: Uuid,
        /// Whether the record belongs to a month before the month of the form.
        pub carried: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "assistance::Entity", from = "Column::RecordId", to = "assistance::Column::Id")]
        Record,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// The records that a form carries over from earlier months.
    pub fn carried_in(report_id: Uuid) -> SelectStatement {
        let carried = Entity::find().filter(Column::ReportId.eq(report_id)).filter(Column::Carried.eq(true));
        carried.select_only().column(Column::RecordId).into_query()
    }
}

/// A report with the name of its campaign, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub campaign_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Settings))")]
    pub settings: AsJson<CampaignSettings>,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::DueDays))")]
    pub due_days: AsJson<Vec<DueDay>>,
    pub town_code: String,
    pub town_name: String,
    pub month: Written<Month>,
    pub state: Code<ReportState>,
    pub unit: String,
    pub filled_on: Option<Date>,
    pub rows: AsJson<Vec<ReportRow>>,
    pub left_out: AsJson<Vec<Uuid>>,
    pub return_reason: Option<String>,
    pub submitted_at: Option<DateTimeUtc>,
    pub resubmitted_at: Option<DateTimeUtc>,
    pub due_on: Option<Date>,
    #[sea_orm(from_expr = "paired()")]
    pub paired: bool,
    #[sea_orm(from_expr = "owed()")]
    pub owed: bool,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

impl Row {
    /// Whether the form is on time, judged on a day.
    pub fn timing(&self, today: Date) -> ReportTiming {
        ReportTiming::of(
            self.due_on.unwrap_or_else(|| DueDay::of(&self.due_days.0, &self.settings.0, self.month.0)),
            self.owed,
            Some(self.state.0),
            self.submitted_at.map(local_date),
            self.resubmitted_at.map(local_date),
            today,
        )
    }

    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_report(self, editable: bool, allowed_actions: Vec<ReportAction>, today: Date) -> Report {
        let ReportTiming { due_on, standing, late, overdue, resubmitted_late } = self.timing(today);
        object!(Report {
            nil: self.state.0.is_nil(self.rows.0.len()),
            due_on, standing, late, overdue, resubmitted_late, editable, allowed_actions,
            ..self.{
                id, campaign_id, campaign_title, town_code, town_name, month, state, unit, filled_on, rows, left_out,
                return_reason, submitted_at, resubmitted_at, created_at, updated_at, version,
            }
        })
    }
}

/// A report in a list, without its rows.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct SummaryRow {
    pub id: Uuid,
    pub campaign_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Settings))")]
    pub settings: AsJson<CampaignSettings>,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::DueDays))")]
    pub due_days: AsJson<Vec<DueDay>>,
    pub town_code: String,
    pub town_name: String,
    pub month: Written<Month>,
    pub state: Code<ReportState>,
    pub row_count: i32,
    pub submitted_at: Option<DateTimeUtc>,
    pub resubmitted_at: Option<DateTimeUtc>,
    pub due_on: Option<Date>,
    #[sea_orm(from_expr = "owed()")]
    pub owed: bool,
    pub updated_at: DateTimeUtc,
}

impl SummaryRow {
    /// Converts the row into the contract's type.
    pub fn into_summary(self, today: Date) -> ReportSummary {
        let ReportTiming { due_on, standing, late, overdue, resubmitted_late } = ReportTiming::of(
            self.due_on.unwrap_or_else(|| DueDay::of(&self.due_days.0, &self.settings.0, self.month.0)),
            self.owed,
            Some(self.state.0),
            self.submitted_at.map(local_date),
            self.resubmitted_at.map(local_date),
            today,
        );
        object!(ReportSummary {
            row_count: self.row_count.unsigned_abs(),
            nil: self.state.0.is_nil(self.row_count.unsigned_abs() as usize),
            due_on, standing, late, overdue, resubmitted_late,
            ..self.{ id, campaign_id, town_code, town_name, month, state, submitted_at, resubmitted_at, updated_at }
        })
    }
}

/// A town in the city's overview of a month, with its report if there is one.
#[derive(Clone, Debug, FromQueryResult)]
pub struct TownRow {
    pub town_code: String,
    pub town_name: String,
    pub pairing_count: Option<i64>,
    pub takes_part: bool,
    pub report_id: Option<Uuid>,
    pub state: Option<Code<ReportState>>,
    pub row_count: Option<i32>,
    pub submitted_at: Option<DateTimeUtc>,
    pub resubmitted_at: Option<DateTimeUtc>,
    pub due_on: Option<Date>,
}

/// Whether a pairing with a village of the town was active in the month.
fn paired() -> SimpleExpr {
    use pairings::Column as Pairing;
    let month_of = |day: Pairing| {
        let text = Expr::col((pairings::Entity, day)).cast_as("text");
        Expr::from(Func::cust("substr").args([text, 1.into(), 7.into()]))
    };
    let month = || Expr::col((Entity, Column::Month));
    let goes_on = Expr::col((pairings::Entity, Pairing::EndedOn)).is_null().or(month_of(Pairing::EndedOn).gte(month()));
    let active = pairings::Entity::find()
        .select_only()
        .column(Pairing::Id)
        .filter(Expr::col((pairings::Entity, Pairing::CampaignId)).equals((Entity, Column::CampaignId)))
        .filter(Expr::col((pairings::Entity, "town_code")).equals((Entity, Column::TownCode)))
        .filter(pairings::with_village())
        .filter(month_of(Pairing::ActiveSince).lte(month()))
        .filter(goes_on);
    Expr::exists(active.into_query())
}

/// Whether the town owes the form: it has a row, a pairing was active, or a village of the town takes part.
fn owed() -> SimpleExpr {
    let own = |column| Expr::col((Entity, column));
    let takes_part = enrolments::takes_part(own(Column::CampaignId), own(Column::TownCode), own(Column::Month));
    Column::RowCount.gt(0).or(paired()).or(takes_part)
}

/// Whether a town's form for a month is accepted, so that what it counts may no longer change. The form is locked until the
/// transaction ends.
pub async fn is_closed(tx: &Tx, campaign_id: Uuid, town_code: &str, month: Month) -> Result<bool> {
    let form = Entity::find()
        .filter(Column::CampaignId.eq(campaign_id))
        .filter(Column::TownCode.eq(town_code))
        .filter(Column::Month.eq(Written(month)))
        .lock_shared()
        .one(&tx.connection)
        .await?;
    Ok(form.is_some_and(|form| form.state.0 == ReportState::Accepted))
}

/// The first day after the last month that an accepted form closes in each of these towns, in whatever campaign; of months from
/// `first` on. None of the forms of these months is accepted or opened again before the transaction ends.
pub async fn open_since(tx: &Tx, towns: impl IntoIterator<Item = &str>, first: Month) -> Result<HashMap<String, Date>> {
    let forms = Entity::find()
        .select_only()
        .columns([Column::TownCode, Column::Month, Column::State])
        .filter(Column::TownCode.is_in(towns))
        .filter(Column::Month.gte(Written(first)))
        .order_by_asc(Column::Id)
        .lock_shared()
        .into_tuple::<(String, Written<Month>, Code<ReportState>)>()
        .all(&tx.connection)
        .await?;
    let mut open = HashMap::new();
    for (town, month, _) in forms.into_iter().filter(|(_, _, state)| state.0 == ReportState::Accepted) {
        let next = month.0.next().first_day();
        open.entry(town).and_modify(|day| *day = Ord::max(*day, next)).or_insert(next);
    }
    Ok(open)
}
