//! Table `assistance_records`. The goods and the description are sealed in `texts`.

use contract::assistance::{AidKind, AssistanceRecord, Goods, RecordAction, RecordState};
use contract::mask::UNREADABLE;
use contract::{Month, ObjectKind, Role};
use platform::coded::{Code, Written};
use platform::crypto::Sealed;
use platform::{Result, Vault, object};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, DerivePartialModel, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};

use crate::{areas, commitments, households, measures, organisations, pairings, reports};

/// The name of this kind of object in the audit trail. Sealed values are bound to it.
pub const OBJECT: &str = ObjectKind::AssistanceRecord.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assistance_records")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub household_id: Uuid,
    /// The village of the household, which never changes.
    pub village_code: String,
    pub pairing_id: Option<Uuid>,
    pub member_id: Option<Uuid>,
    pub measure_id: Option<Uuid>,
    pub corrects_id: Option<Uuid>,
    pub kind: Code<AidKind>,
    pub happened_on: Date,
    pub amount_fen: Option<i64>,
    pub texts: Sealed,
    pub recorded_by: Code<Role>,
    pub state: Code<RecordState>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "households::Entity", from = "Column::HouseholdId", to = "households::Column::Id")]
    Household,
    #[sea_orm(belongs_to = "pairings::Entity", from = "Column::PairingId", to = "pairings::Column::Id")]
    Pairing,
    #[sea_orm(belongs_to = "households::member::Entity", from = "Column::MemberId", to = "households::member::Column::Id")]
    Member,
    #[sea_orm(belongs_to = "measures::Entity", from = "Column::MeasureId", to = "measures::Column::Id")]
    Measure,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a record seals, because it may name people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Texts {
    pub goods: Vec<Goods>,
    pub description: Option<String>,
}

/// A record with the names of its household, organisation and member, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
pub struct Row {
    #[sea_orm(nested)]
    pub own: Model,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::NumberedIn))")]
    pub numbered_in: String,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::Sequence))")]
    pub sequence: i32,
    #[sea_orm(from_expr = "Expr::col((households::Entity, households::Column::Personal))")]
    pub head: Sealed,
    #[sea_orm(from_expr = "households::consents((Entity, Column::HouseholdId))")]
    pub consented: bool,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Name))")]
    pub town_name: String,
    #[sea_orm(from_expr = "Expr::col((pairings::Entity, pairings::Column::CampaignId))")]
    pub campaign_id: Option<Uuid>,
    #[sea_orm(from_expr = "Expr::col((organisations::Entity, organisations::Column::Name))")]
    pub organisation_name: Option<String>,
    #[sea_orm(from_expr = "Expr::col((households::member::Entity, households::member::Column::Personal))")]
    pub member: Option<Sealed>,
    #[sea_orm(from_expr = "Expr::col((commitments::Entity, commitments::Column::EntryId))")]
    pub entry_id: Option<Uuid>,
    #[sea_orm(from_expr = "Expr::col((commitments::Entity, commitments::Column::Quantity))")]
    pub entry_quantity: Option<i64>,
    #[sea_orm(from_expr = "commitments::entry_title()")]
    pub entry_title: Option<String>,
    #[sea_orm(from_expr = "commitments::entry_unit()")]
    pub entry_unit: Option<String>,
    #[sea_orm(from_expr = "correction()")]
    pub corrected_by_id: Option<Uuid>,
    #[sea_orm(from_expr = "reported_in()")]
    pub reported_in: Option<Written<Month>>,
}

own_columns!(Row);

/// Stands for a name that the caller may not see.
const NOBODY: &str = "*";

/// What a caller may do with a record, and which parts of it they may read.
#[derive(Clone, Debug)]
pub struct Leave {
    pub allowed_actions: Vec<RecordAction>,
    pub editable: bool,
    /// Whether goods and description are included.
    pub texts: bool,
    /// Whether the names of head and member are included, masked.
    pub names: bool,
}

impl Row {
    /// Opens the sealed texts.
    ///
    /// # Errors
    /// Internal, if they cannot be opened.
    pub fn open(&self, vault: &Vault) -> Result<Texts> {
        vault.open(OBJECT, self.id, &self.texts)
    }

    /// Converts the row into the contract's type, with masked names.
    pub fn into_record(self, vault: &Vault, leave: Leave) -> AssistanceRecord {
        let unreadable = || Texts { description: Some(UNREADABLE.to_owned()), ..Texts::default() };
        let shown = leave.texts.then(|| vault.show(OBJECT, self.id, &self.texts).unwrap_or_else(unreadable));
        let texts = shown.unwrap_or_default();
        let member = self.member_id.zip(self.member.as_ref()).filter(|_| leave.names);
        let member_name = member.map(|(id, personal)| households::member_name(vault, id, personal));
        let head_name = match leave.names {
            true => households::head_name(vault, self.household_id, &self.head),
            false => NOBODY.to_owned(),
        };
        object!(AssistanceRecord {
            file_number: households::file_number(&self.numbered_in, self.sequence),
            goal: self.kind.0.goal(),
            goods: texts.goods,
            description: texts.description,
            editable: leave.editable,
            allowed_actions: leave.allowed_actions,
            head_name, member_name,
            ..self.{
                village_name, town_name, campaign_id, organisation_name, corrected_by_id, reported_in, entry_id, entry_title,
                entry_quantity, entry_unit,
            },
            ..(self.own).{
                id, household_id, village_code, pairing_id, member_id, measure_id, corrects_id, kind, happened_on, amount_fen,
                recorded_by, state, created_at, updated_at, version,
            }
        })
    }
}

/// Two subqueries over the confirmed records of a measure: their number, and the sum of their amounts. `measure` is the column of
/// the outer select that contains the measure's id.
pub fn of_measure(measure: (&'static str, &'static str)) -> (SimpleExpr, SimpleExpr) {
    let confirmed = || {
        Entity::find()
            .select_only()
            .filter(Expr::col((Entity, Column::MeasureId)).equals(measure))
            .filter(Column::State.eq(Code(RecordState::Confirmed)))
    };
    let sub = |select: SelectStatement| SimpleExpr::SubQuery(None, Box::new(select.into()));
    let sum = Func::coalesce([Expr::col((Entity, Column::AmountFen)).sum(), Expr::val(0)]);
    (
        sub(confirmed().expr(Column::Id.count()).into_query()),
        sub(confirmed().expr(Expr::from(sum).cast_as("bigint")).into_query()),
    )
}

/// A subquery for the record that corrects the selected one. Rejected corrections do not count.
pub fn correction() -> SimpleExpr {
    let other = || Alias::new("correction");
    let select = Query::select()
        .column((other(), Column::Id))
        .from_as(Entity, other())
        .and_where(Expr::col((other(), Column::CorrectsId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((other(), Column::State)).ne(Code(RecordState::Rejected)))
        .to_owned();
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

/// A subquery for the month of the form that counts the selected record.
fn reported_in() -> SimpleExpr {
    use reports::counted::{Column as Entry, Entity as Entries};
    let report = Expr::col((reports::Entity, reports::Column::Id)).equals((Entries, Entry::ReportId));
    let select = Query::select()
        .column((reports::Entity, reports::Column::Month))
        .from(Entries)
        .inner_join(reports::Entity, report)
        .and_where(Expr::col((Entries, Entry::RecordId)).equals((Entity, Column::Id)))
        .and_where(Entry::Sign.eq(1))
        .to_owned();
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

/// Whether any record of these households was written or changed at or after an instant.
pub async fn any_since(db: &impl ConnectionTrait, households: &[Uuid], since: DateTimeUtc) -> Result<bool> {
    let theirs = Entity::find().filter(Column::HouseholdId.is_in(households.iter().copied()));
    Ok(theirs.filter(Column::UpdatedAt.gte(since)).count(db).await? > 0)
}

/// The members of these households that a record names.
pub async fn members_named(db: &impl ConnectionTrait, households: &[Uuid]) -> Result<Vec<Uuid>> {
    let theirs = Entity::find().filter(Column::HouseholdId.is_in(households.iter().copied()));
    let named = theirs.filter(Column::MemberId.is_not_null()).select_only().column(Column::MemberId).distinct();
    Ok(named.into_tuple().all(db).await?)
}

/// Whether a pairing has a record that nobody has confirmed or rejected yet.
pub async fn any_recorded(db: &impl ConnectionTrait, pairing_id: Uuid) -> Result<bool> {
    let waiting = Entity::find().filter(Column::PairingId.eq(pairing_id)).filter(Column::State.eq(Code(RecordState::Recorded)));
    Ok(waiting.count(db).await? > 0)
}

/// The households with a confirmed record in a month.
pub fn helped_in(month: Month) -> SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::HouseholdId)
        .filter(Column::State.eq(Code(RecordState::Confirmed)))
        .filter(Column::HappenedOn.between(month.first_day(), month.last_day()))
        .into_query()
}
