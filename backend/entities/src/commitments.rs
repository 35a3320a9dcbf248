//! Table `commitments`: what projects, pairings and assistance records take of entries of the catalogue.

use contract::CodedEnum;
use contract::assistance::RecordState;
use contract::catalogue::{CommitmentStage, CommittedEntry};
use contract::pairings::PairingState;
use contract::projects::ProjectState;
use platform::Result;
use platform::coded::Code;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{SelectStatement, SimpleExpr};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DerivePartialModel, QueryOrder, QuerySelect, QueryTrait};

use crate::{assistance, catalogue, pairings, projects};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "commitments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub entry_id: Uuid,
    pub project_id: Option<Uuid>,
    pub record_id: Option<Uuid>,
    pub pairing_id: Option<Uuid>,
    pub quantity: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "catalogue::Entity", from = "Column::EntryId", to = "catalogue::Column::Id")]
    Entry,
    #[sea_orm(belongs_to = "projects::Entity", from = "Column::ProjectId", to = "projects::Column::Id")]
    Project,
    #[sea_orm(belongs_to = "assistance::Entity", from = "Column::RecordId", to = "assistance::Column::Id")]
    Record,
    #[sea_orm(belongs_to = "pairings::Entity", from = "Column::PairingId", to = "pairings::Column::Id")]
    Pairing,
}

impl ActiveModelBehavior for ActiveModel {}

impl Related<catalogue::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Entry.def()
    }
}

/// Who takes something of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Project(Uuid),
    Record(Uuid),
    Pairing(Uuid),
}

impl Holder {
    /// The condition that a commitment is the holder's.
    pub fn holds(self) -> SimpleExpr {
        match self {
            Self::Project(id) => Column::ProjectId.eq(id),
            Self::Record(id) => Column::RecordId.eq(id),
            Self::Pairing(id) => Column::PairingId.eq(id),
        }
    }

    /// The row for what it takes of an entry.
    pub fn takes(self, entry_id: Uuid, quantity: i64) -> ActiveModel {
        let (mut project_id, mut record_id, mut pairing_id) = (None, None, None);
        match self {
            Self::Project(id) => project_id = Some(id),
            Self::Record(id) => record_id = Some(id),
            Self::Pairing(id) => pairing_id = Some(id),
        }
        ActiveModel {
            id: Set(Uuid::now_v7()),
            entry_id: Set(entry_id),
            project_id: Set(project_id),
            record_id: Set(record_id),
            pairing_id: Set(pairing_id),
            quantity: Set(quantity),
        }
    }
}

/// The condition on a commitment that is joined with its holder that it counts in these stages.
fn counts(stages: &[CommitmentStage]) -> String {
    fn codes<S: CodedEnum>(states: impl Iterator<Item = S>) -> String {
        states.map(|state| format!("'{}'", state.code())).collect::<Vec<_>>().join(", ")
    }
    let projects = codes(stages.iter().flat_map(|stage| stage.of_projects()).copied());
    let pairings = codes(stages.iter().flat_map(|stage| stage.of_pairings()).copied());
    let records = codes(stages.iter().flat_map(|stage| stage.of_records()).copied());
    let recorded = RecordState::Recorded.code();
    let mut ways = vec![format!("projects.state IN ({projects})"), format!("pairings.state IN ({pairings})")];
    if !records.is_empty() {
        // Until a correction is confirmed, what it corrects counts in its place.
        let waits = format!("assistance_records.state = '{recorded}' AND assistance_records.corrects_id IS NOT NULL");
        ways.push(format!("(assistance_records.state IN ({records}) AND NOT ({waits}))"));
    }
    format!("({})", ways.join(" OR "))
}

/// What is taken of the selected entry in these stages. It finds the commitments by their index on the entry.
pub fn taken(stages: &[CommitmentStage]) -> SimpleExpr {
    Expr::cust(format!(
        "(SELECT CAST(COALESCE(SUM(commitments.quantity), 0) AS bigint) FROM commitments \
         LEFT JOIN projects ON projects.id = commitments.project_id \
         LEFT JOIN assistance_records ON assistance_records.id = commitments.record_id \
         LEFT JOIN pairings ON pairings.id = commitments.pairing_id \
         WHERE commitments.entry_id = catalogue_entries.id AND {})",
        counts(stages)
    ))
}

/// The entries of which somebody takes something, in the order in which they were made.
pub async fn entries_of(db: &impl ConnectionTrait, holder: Holder) -> Result<Vec<CommittedEntry>> {
    let rows = Entity::find().filter(holder.holds()).order_by_asc(Column::EntryId);
    let rows = rows.find_also_related(catalogue::Entity).all(db).await?;
    let entries = rows.into_iter().filter_map(|(taken, entry)| Some((taken, entry?)));
    let shown = |(taken, entry): (Model, catalogue::Model)| CommittedEntry {
        entry_id: entry.id,
        side: entry.side.0,
        title: entry.title,
        state: entry.state.0,
        quantity: taken.quantity,
        quantity_unit: entry.quantity_unit,
    };
    Ok(entries.map(shown).collect())
}

/// The title of the joined entry.
pub fn entry_title() -> SimpleExpr {
    Expr::col((catalogue::Entity, catalogue::Column::Title))
}

/// What the joined entry is counted in.
pub fn entry_unit() -> SimpleExpr {
    Expr::col((catalogue::Entity, catalogue::Column::QuantityUnit))
}

/// The projects that take something of an entry.
pub fn projects_of(entry_id: Uuid) -> SelectStatement {
    let those = Entity::find().filter(Column::EntryId.eq(entry_id)).filter(Column::ProjectId.is_not_null());
    those.select_only().column(Column::ProjectId).into_query()
}

/// The name of the organisation that takes something or gives it; none where a village helped its own.
fn organisation_name() -> SimpleExpr {
    Expr::cust(
        "(SELECT organisations.name FROM pairings pair JOIN organisations ON organisations.id = pair.organisation_id \
         WHERE pair.id = COALESCE(commitments.pairing_id, projects.pairing_id, assistance_records.pairing_id))",
    )
}

/// The name of the village for which something is taken.
fn village_name() -> SimpleExpr {
    Expr::cust(
        "(SELECT areas.name FROM areas \
         WHERE areas.code = COALESCE(projects.village_code, pairings.village_code, assistance_records.village_code))",
    )
}

/// What somebody takes of an entry, with what there is to say of them. Nothing of it tells of a family.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Taking {
    pub project_id: Option<Uuid>,
    pub record_id: Option<Uuid>,
    pub pairing_id: Option<Uuid>,
    pub quantity: i64,
    #[sea_orm(from_expr = "Expr::col((projects::Entity, projects::Column::Title))")]
    pub title: Option<String>,
    #[sea_orm(from_expr = "Expr::col((projects::Entity, projects::Column::State))")]
    pub project_state: Option<Code<ProjectState>>,
    #[sea_orm(from_expr = "Expr::col((pairings::Entity, pairings::Column::State))")]
    pub pairing_state: Option<Code<PairingState>>,
    #[sea_orm(from_expr = "Expr::col((assistance::Entity, assistance::Column::State))")]
    pub record_state: Option<Code<RecordState>>,
    #[sea_orm(from_expr = "organisation_name()")]
    pub organisation_name: Option<String>,
    #[sea_orm(from_expr = "village_name()")]
    pub village_name: Option<String>,
}

impl Taking {
    /// The stage that the state of the holder says.
    pub fn stage(&self) -> Option<CommitmentStage> {
        CommitmentStage::ALL.iter().copied().find(|stage| {
            self.project_state.is_some_and(|state| stage.of_projects().contains(&state.0))
                || self.pairing_state.is_some_and(|state| stage.of_pairings().contains(&state.0))
                || self.record_state.is_some_and(|state| stage.of_records().contains(&state.0))
        })
    }
}

/// The condition that the selected commitment, joined with its holder, counts at all.
pub fn counted() -> SimpleExpr {
    Expr::cust(counts(CommitmentStage::ALL))
}
