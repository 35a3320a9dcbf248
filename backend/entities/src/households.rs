//! Tables `households`, `household_members`, `household_statuses`, `household_visits` and `household_merges`.
//!
//! Whatever identifies a family is sealed in `personal`. Beside it stand the hashes that it is found by and the columns that
//! lists filter by.

use contract::households::{
    Cause, Consent, ConsentShown, Group, Household, HouseholdAction, HouseholdCategory, HouseholdHead, HouseholdInput,
    HouseholdStatus, HouseholdSummary, LeaveReason, Member, MemberInput, MergedFile, MissingPart, SplitFile,
};
use contract::mask::UNREADABLE;
use contract::{ObjectKind, Role, mask};
use platform::coded::{AsJson, Code};
use platform::crypto::Sealed;
use platform::{Result, Vault, object};
use sea_orm::DerivePartialModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, ExprTrait, Func, IntoColumnRef, Query, SelectStatement, SimpleExpr};
use serde::{Deserialize, Serialize};

use crate::areas;

/// The name of this kind of object in the audit trail. Sealed values are bound to it.
pub const OBJECT: &str = ObjectKind::Household.name();

/// The place that sealed members are bound to ([`Vault::seal`]).
pub const MEMBERS: &str = "household_members";

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "households")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub village_code: String,
    /// The code that its number begins with: where the village has replaced another, that of the other one for its files.
    pub numbered_in: String,
    pub sequence: i32,
    pub status: Code<HouseholdStatus>,
    pub status_since: Date,
    /// When the status was entered. `status_since` is the day from which it applies.
    pub status_at: Option<DateTimeUtc>,
    pub registered_on: Date,
    pub category: Code<HouseholdCategory>,
    pub main_cause: Code<Cause>,
    pub secondary_causes: AsJson<Vec<Cause>>,
    pub groups: AsJson<Vec<Group>>,
    pub income_per_head_fen: Option<i64>,
    pub member_count: i32,
    pub consented: bool,
    /// When the consent, or its withdrawal, was entered. The day from which it applies is in `personal`.
    pub consent_at: Option<DateTimeUtc>,
    pub missing: AsJson<Vec<MissingPart>>,
    pub complete: bool,
    pub personal: Sealed,
    pub phone_hash: Option<Vec<u8>>,
    /// The hash of the second number, if the field `phone` has two.
    pub second_phone_hash: Option<Vec<u8>>,
    pub leave_reason: Option<Code<LeaveReason>>,
    /// The file of the household that its members left to found this one.
    pub split_from_id: Option<Uuid>,
    pub anonymised_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "areas::Entity", from = "Column::VillageCode", to = "areas::Column::Code")]
    Village,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a household's own row seals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Personal {
    pub head_name: String,
    pub address: String,
    pub phone: Option<String>,
    pub bank_account: Option<String>,
    pub consent: Option<Consent>,
}

/// Members. Everything about a member is sealed.
pub mod member {
    use sea_orm::entity::prelude::*;
    use sea_orm::sea_query::SimpleExpr;

    use platform::crypto::Sealed;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "household_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub household_id: Uuid,
        pub position: i32,
        pub personal: Sealed,
        pub name_hash: Vec<u8>,
        pub identity_hash: Option<Vec<u8>>,
        /// The day on which the member was removed from the file. The row stays because a measure or a record names the member.
        pub left_on: Option<Date>,
    }

    /// The condition that a member has not been removed.
    pub fn is_member() -> SimpleExpr {
        Column::LeftOn.is_null()
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The history of statuses, each with its day.
pub mod status {
    use contract::households::{HouseholdStatus, LeaveReason};
    use contract::ledger::LedgerFigure;
    use sea_orm::entity::prelude::*;

    use platform::coded::Code;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "household_statuses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub household_id: Uuid,
        pub status: Code<HouseholdStatus>,
        pub since: Date,
        pub note: Option<String>,
        /// The heading that the ledger counts the change under. Set only if the household enters or leaves the ledger with it.
        pub heading: Option<Code<LedgerFigure>>,
        pub leave_reason: Option<Code<LeaveReason>>,
        /// The village in which the ledger counts the change.
        pub village_code: String,
        /// The day as of which it does: later than `since` if the change was entered after that month was closed.
        pub counted_on: Date,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::Entity", from = "Column::HouseholdId", to = "super::Column::Id")]
        Household,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Visits. The visitors and the findings are sealed.
pub mod visit {
    use contract::households::Visit;
    use contract::mask::UNREADABLE;
    use sea_orm::DerivePartialModel;
    use sea_orm::entity::prelude::*;
    use sea_orm::sea_query::{Alias, ExprTrait, Query, SimpleExpr};
    use serde::{Deserialize, Serialize};

    use platform::crypto::Sealed;
    use platform::{Vault, object};

    /// The place that sealed visits are bound to.
    pub const PLACE: &str = "household_visits";

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "household_visits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub household_id: Uuid,
        pub visited_on: Date,
        pub personal: Sealed,
        pub created_at: DateTimeUtc,
        pub corrects_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    /// What a visit seals.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Personal {
        pub visitors: String,
        pub note: Option<String>,
        pub recorded_by: Option<String>,
    }

    /// A visit with the id of the visit that corrects it, in one query.
    #[derive(Clone, Debug, DerivePartialModel)]
    #[sea_orm(entity = "Entity")]
    pub struct Row {
        pub id: Uuid,
        pub household_id: Uuid,
        pub visited_on: Date,
        pub personal: Sealed,
        pub created_at: DateTimeUtc,
        pub corrects_id: Option<Uuid>,
        #[sea_orm(from_expr = "correction()")]
        pub corrected_by_id: Option<Uuid>,
    }

    /// A subquery for the visit that corrects the selected one.
    fn correction() -> SimpleExpr {
        let other = || Alias::new("correction");
        let select = Query::select()
            .column((other(), Column::Id))
            .from_as(Entity, other())
            .and_where(Expr::col((other(), Column::CorrectsId)).equals((Entity, Column::Id)))
            .to_owned();
        SimpleExpr::SubQuery(None, Box::new(select.into()))
    }

    impl Row {
        /// Converts the row into the contract's type.
        pub fn into_visit(self, vault: &Vault) -> Visit {
            let nothing = || Personal { visitors: UNREADABLE.to_owned(), note: None, recorded_by: None };
            let Personal { visitors, note, recorded_by } = vault.show(PLACE, self.id, &self.personal).unwrap_or_else(nothing);
            object!(Visit { visitors, note, recorded_by, ..self.{
                id, household_id, visited_on, corrects_id, corrected_by_id, created_at,
            } })
        }
    }
}

/// Which file of a family continues in which other file: merges that have not been undone, with what undoing them needs, and
/// moves to another village.
pub mod merge {
    use contract::households::{MergePart, Relation as Kinship};
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    use platform::coded::AsJson;
    use platform::crypto::Sealed;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "household_merges")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kept_id: Uuid,
        pub merged_id: Uuid,
        pub merged_at: DateTimeUtc,
        pub origins: AsJson<Vec<Origin>>,
        pub taken: AsJson<Vec<MergePart>>,
        pub personal: Sealed,
        /// The day of the move, or of joining another household. `None` for a merge of two files of the same family.
        pub moved_on: Option<Date>,
    }

    /// The file that a member came from, in the order of that file.
    #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Origin {
        pub member_id: Uuid,
        pub household_id: Uuid,
        pub relation: Kinship,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The number of a file: the village where it was opened and its number there. It stays if another village replaces that one.
pub fn file_number(village_code: &str, sequence: i32) -> String {
    format!("{village_code}-{sequence:04}")
}

/// Splits the number of a file into the village and the number within it. `None` if the text is no such number.
pub fn parts(number: &str) -> Option<(&str, i32)> {
    let (village_code, sequence) = number.trim().split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (village_code.len() == 12 && digits(village_code) && digits(sequence)).then_some(village_code).zip(sequence.parse().ok())
}

/// A household with the names of its areas, in one query.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Row {
    pub id: Uuid,
    pub village_code: String,
    #[sea_orm(from_expr = "Expr::col((areas::Entity, areas::Column::Name))")]
    pub village_name: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Code))")]
    pub town_code: String,
    #[sea_orm(from_expr = "Expr::col((\"town\", areas::Column::Name))")]
    pub town_name: String,
    pub numbered_in: String,
    pub sequence: i32,
    pub status: Code<HouseholdStatus>,
    pub status_since: Date,
    pub leave_reason: Option<Code<LeaveReason>>,
    pub split_from_id: Option<Uuid>,
    pub registered_on: Date,
    pub category: Code<HouseholdCategory>,
    pub main_cause: Code<Cause>,
    pub secondary_causes: AsJson<Vec<Cause>>,
    pub groups: AsJson<Vec<Group>>,
    pub income_per_head_fen: Option<i64>,
    pub member_count: i32,
    pub consented: bool,
    pub missing: AsJson<Vec<MissingPart>>,
    pub personal: Sealed,
    pub anonymised_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

/// A household with its sealed parts opened.
#[derive(Clone, Debug)]
pub struct Whole {
    pub row: Row,
    pub personal: Personal,
    pub members: Vec<(Uuid, MemberInput)>,
}

/// What a caller may do with a household, and where its file continues.
#[derive(Clone, Debug)]
pub struct Leave {
    pub role: Role,
    pub allowed_actions: Vec<HouseholdAction>,
    pub editable: bool,
    pub revealable: bool,
    pub merged_into: Option<MergedFile>,
    pub merged_files: Vec<MergedFile>,
    pub split_from: Option<SplitFile>,
    pub split_files: Vec<SplitFile>,
}

impl Row {
    /// Opens the sealed part of the household's own row.
    ///
    /// # Errors
    /// Internal, if it cannot be opened.
    pub fn open(&self, vault: &Vault) -> Result<Personal> {
        vault.open(OBJECT, self.id, &self.personal)
    }

    /// Opens the sealed part for display. Every text reads [`UNREADABLE`] if it cannot be opened.
    pub fn open_or_unreadable(&self, vault: &Vault) -> Personal {
        vault.show(OBJECT, self.id, &self.personal).unwrap_or_else(|| Personal {
            head_name: UNREADABLE.to_owned(),
            address: UNREADABLE.to_owned(),
            phone: None,
            bank_account: None,
            consent: None,
        })
    }

    /// Whether the household has moved to another village or joined another household, where its file continues.
    pub fn has_moved(&self) -> bool {
        let is_double = self.leave_reason.is_some_and(|reason| reason.0 == LeaveReason::Duplicate);
        self.status.0 == HouseholdStatus::Transferred && !is_double
    }

    /// The number that people know the file by.
    pub fn file_number(&self) -> String {
        file_number(&self.numbered_in, self.sequence)
    }

    fn into_head(self, personal: &Personal, allowed_actions: Vec<HouseholdAction>) -> HouseholdHead {
        let consent = personal.consent.as_ref();
        object!(HouseholdHead {
            file_number: self.file_number(),
            head_name: mask::name(&personal.head_name),
            consents_to: consent
                .filter(|consent| consent.withdrawn_on.is_none())
                .map(|consent| consent.scope.clone())
                .unwrap_or_default(),
            consent_withdrawn_on: consent.and_then(|consent| consent.withdrawn_on),
            leave_reason: self.leave_reason.map(|reason| reason.0),
            allowed_actions,
            ..self.{
                id, village_code, village_name, town_code, town_name, status, status_since, category, main_cause,
                secondary_causes, groups, member_count, consented, missing, anonymised_on, created_at, updated_at, version,
            }
        })
    }

    /// Converts the row into an entry of a list, with the steps that the caller may take.
    pub fn into_summary(self, vault: &Vault, allowed_actions: Vec<HouseholdAction>) -> HouseholdSummary {
        let personal = self.open_or_unreadable(vault);
        HouseholdSummary { head: self.into_head(&personal, allowed_actions), members: None }
    }
}

impl Whole {
    /// The unmasked file, as the form edits it.
    pub fn details(&self) -> HouseholdInput {
        let (row, personal) = (&self.row, self.personal.clone());
        HouseholdInput {
            village_code: row.village_code.clone(),
            registered_on: row.registered_on,
            category: row.category.0,
            main_cause: row.main_cause.0,
            secondary_causes: row.secondary_causes.0.clone(),
            income_per_head_fen: row.income_per_head_fen,
            address: personal.address,
            phone: personal.phone,
            bank_account: personal.bank_account,
            consent: personal.consent,
            members: self.members.iter().map(|(id, member)| MemberInput { id: Some(*id), ..member.clone() }).collect(),
            not_a_double: false,
        }
    }

    /// Converts the file into the contract's type, masked. `members` are masked already.
    pub fn into_household(self, leave: Leave, members: Vec<Member>) -> Household {
        let head = self.row.clone().into_head(&self.personal, leave.allowed_actions);
        let personal = self.personal;
        let keeps_files = leave.role != Role::Organisation;
        Household {
            registered_on: self.row.registered_on,
            income_per_head_fen: self.row.income_per_head_fen,
            phone: personal.phone.as_deref().map(mask::phone),
            bank_account: personal.bank_account.as_deref().filter(|_| keeps_files).map(mask::bank_account),
            consent: personal.consent.map(|consent| ConsentShown {
                given_on: consent.given_on,
                given_by: mask::name(&consent.given_by),
                scope: consent.scope,
                withdrawn_on: consent.withdrawn_on,
            }),
            members,
            merged_into: leave.merged_into,
            merged_files: leave.merged_files,
            split_from: leave.split_from,
            split_files: leave.split_files,
            editable: leave.editable,
            revealable: leave.revealable,
            head,
        }
    }
}

/// The condition that the file in column `household` does not continue in another one: it has not been merged, and its family has
/// not moved.
pub fn not_merged(household: impl IntoColumnRef) -> SimpleExpr {
    Expr::exists(goes_on(household)).not()
}

/// The condition that the file in column `household` has not been merged into another file of the same family. A move does not
/// count, so that plans from before a move remain visible.
pub fn not_twice(household: impl IntoColumnRef) -> SimpleExpr {
    let twice = goes_on(household).and_where(Expr::col((merge::Entity, merge::Column::MovedOn)).is_null()).to_owned();
    Expr::exists(twice).not()
}

fn goes_on(household: impl IntoColumnRef) -> SelectStatement {
    Query::select()
        .column((merge::Entity, merge::Column::Id))
        .from(merge::Entity)
        .and_where(Expr::col((merge::Entity, merge::Column::MergedId)).eq(Expr::col(household)))
        .to_owned()
}

/// The condition that a family consents to assistance, and so to being visible to whoever helps it. `household` is the column
/// with the id of its file. After a merge, the consent of the other file counts. The condition is false if there is no file.
pub fn consents(household: impl IntoColumnRef) -> SimpleExpr {
    let household = household.into_column_ref();
    let (family, kept) = (|| Alias::new("family"), || Alias::new("kept"));
    let own = Query::select()
        .column((family(), Column::Consented))
        .from_as(Entity, family())
        .and_where(Expr::col((family(), Column::Id)).eq(Expr::col(household.clone())))
        .to_owned();
    let of_kept = Query::select()
        .column((kept(), Column::Consented))
        .from_as(Entity, kept())
        .inner_join(merge::Entity, Expr::col((merge::Entity, merge::Column::KeptId)).equals((kept(), Column::Id)))
        .and_where(Expr::col((merge::Entity, merge::Column::MergedId)).eq(Expr::col(household)))
        .to_owned();
    let sub = |select: SelectStatement| SimpleExpr::SubQuery(None, Box::new(select.into()));
    Func::coalesce([sub(of_kept), sub(own), Expr::val(false)]).into()
}

/// The masked name of a household's head.
pub fn head_name(vault: &Vault, id: Uuid, personal: &Sealed) -> String {
    vault.show(OBJECT, id, personal).map_or(UNREADABLE.to_owned(), |personal: Personal| mask::name(&personal.head_name))
}

/// The masked name of a member.
pub fn member_name(vault: &Vault, id: Uuid, personal: &Sealed) -> String {
    vault.show(MEMBERS, id, personal).map_or(UNREADABLE.to_owned(), |member: MemberInput| mask::name(&member.name))
}
