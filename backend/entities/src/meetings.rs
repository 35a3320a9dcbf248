//! Tables `meetings` and `meeting_participants`.

use contract::ObjectKind;
use contract::meetings::{
    Attendance, Meeting, MeetingAction, MeetingHead, MeetingInput, MeetingKind, MeetingParty, MeetingState, MeetingSummary,
};
use platform::coded::{AsJson, Code};
use platform::object;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{DerivePartialModel, JoinType, QuerySelect, QueryTrait, RelationTrait};

use crate::{areas, campaigns};

/// The name of this kind of object in the audit trail.
pub const OBJECT: &str = ObjectKind::Meeting.name();

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "meetings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    /// The area of the office that calls it.
    pub area_code: String,
    pub kind: Code<MeetingKind>,
    pub title: String,
    /// What it is found by.
    pub name_words: String,
    pub state: Code<MeetingState>,
    pub held_on: Date,
    pub place: String,
    pub chair: String,
    pub person_count: Option<i32>,
    pub resolutions: Option<String>,
    pub attendance: AsJson<Vec<Attendance>>,
    pub unit_count: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "campaigns::Entity", from = "Column::CampaignId", to = "campaigns::Column::Id")]
    Campaign,
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::AreaCode", to = "areas::Column::Code")]
    Area,
}

impl ActiveModelBehavior for ActiveModel {}

/// Who takes part in a meeting, so that it can be asked for whom it exists.
pub mod participant {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "meeting_participants")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub meeting_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub area_code: Option<String>,
        pub organisation_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A meeting without its texts and participants, which lists leave out.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub campaign_id: Uuid,
    #[sea_orm(from_expr = "Expr::col((campaigns::Entity, campaigns::Column::Title))")]
    pub campaign_title: String,
    pub area_code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub area_name: String,
    pub kind: Code<MeetingKind>,
    pub title: String,
    pub state: Code<MeetingState>,
    pub held_on: Date,
    pub place: String,
    pub chair: String,
    pub person_count: Option<i32>,
    pub unit_count: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

/// A meeting with all that is written of it.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Whole {
    #[sea_orm(nested)]
    pub row: Row,
    pub resolutions: Option<String>,
    pub attendance: AsJson<Vec<Attendance>>,
}

impl Row {
    fn into_head(self, allowed_actions: Vec<MeetingAction>) -> MeetingHead {
        object!(MeetingHead {
            allowed_actions,
            ..self.{ id, campaign_title, area_code, area_name, state, unit_count, created_at, updated_at, version }
        })
    }

    /// Converts the row into an entry of a list, with the steps that the caller may take.
    pub fn into_summary(self, allowed_actions: Vec<MeetingAction>) -> MeetingSummary {
        let row = self.clone();
        object!(MeetingSummary {
            head: self.into_head(allowed_actions),
            ..row.{ campaign_id, kind, title, held_on, place, chair, person_count }
        })
    }
}

impl Whole {
    /// Converts the row into the contract's type, with the steps that the caller may take.
    pub fn into_meeting(self, allowed_actions: Vec<MeetingAction>, editable: bool) -> Meeting {
        let (row, attendance) = (self.row.clone(), self.attendance.0);
        let party = |of: &Attendance| MeetingParty { area_code: of.area_code.clone(), organisation_id: of.organisation_id };
        Meeting {
            details: object!(MeetingInput {
                participants: attendance.iter().map(party).collect(),
                resolutions: self.resolutions,
                ..row.{ campaign_id, kind, title, held_on, place, chair, person_count }
            }),
            attendance,
            head: self.row.into_head(allowed_actions),
            editable,
        }
    }
}

/// Counts the kick-off meetings of a campaign that were held for the whole of it. That of a town is none.
pub fn kick_offs(campaign_id: Uuid) -> SelectStatement {
    Entity::find()
        .join(JoinType::InnerJoin, Relation::Campaign.def())
        .filter(Column::CampaignId.eq(campaign_id))
        .filter(Column::Kind.eq(Code(MeetingKind::KickOff)))
        .filter(Column::State.eq(Code(MeetingState::Held)))
        .filter(Expr::col((Entity, Column::AreaCode)).equals((campaigns::Entity, campaigns::Column::AreaCode)))
        .select_only()
        .column_as(Column::Id.count(), "n")
        .into_query()
}
