//! A village is merged into another or gets another code (村改居、并村、换码), and the one that replaces it goes on with what is live.
//!
//! Files with all that hangs on them, accounts, live pairings, enrolments and needs in the catalogue follow. What has ended stays
//! under the old code: months of the ledger, forms, pairings, and the trail.

use contract::ObjectKind;
use contract::account_requests::AccountRequestState;
use contract::supervision_orders::SupervisionOrderState;
use contract::villages::{Follows, Succession, SuccessionInput};
use platform::coded::{Code, is_one_of};
use platform::{Error, Result, Tx};
use sea_orm::{ColumnTrait, Condition};

use crate::areas::succession::{Succeeding, end, hold};
use crate::catalogue;
use crate::enrolments;
use crate::households;
use crate::institutions;
use crate::organisations;
use crate::pairings;
use crate::rankings;
use crate::villages;
use entities::{
    account_requests, agreements, assistance, case_uptakes, cases, findings, inspections, measures, outcomes, plans, progress,
    projects, publicity, supervision_orders, tasks, users,
};

/// The most conflicts that are named.
const MOST: usize = 200;

/// Lets a village replace another, or says what that would do.
///
/// # Errors
/// `not_found`, `village_ended`, `validation_failed`.
pub async fn replace(tx: &Tx, code: &str, input: SuccessionInput) -> Result<Succession> {
    let (from, to) = hold(tx, code, &input).await?;
    let mut codes = [from.code.clone(), to.code.clone()];
    codes.sort_unstable();
    villages::service::hold_all(tx, &codes).await?;
    let succeeding = Succeeding { tx, from: &from.code, to: &to.code, dry_run: input.dry_run };
    // Those are locked first that others hang on.
    let following = pairings::succession::following(&succeeding).await?;
    if !following.conflicts.is_empty() && !input.dry_run {
        return Err(Error::field("/successor_code", "paired_twice"));
    }
    let everything = Condition::all;
    let mut follows = Vec::new();
    let mut count = |kind, count| follows.push(Follows { kind, count });
    count(ObjectKind::Village, u64::from(villages::service::hand_down(&succeeding).await?));
    count(ObjectKind::Household, households::succession::follow(&succeeding).await?);
    count(ObjectKind::Plan, succeeding.objects::<plans::Entity>(plans::OBJECT, plans::Column::VillageCode, everything()).await?);
    count(ObjectKind::Measure, succeeding.rows::<measures::Entity>(measures::Column::VillageCode, everything()).await?);
    count(
        ObjectKind::AssistanceRecord,
        succeeding.rows::<assistance::Entity>(assistance::Column::VillageCode, everything()).await?,
    );
    count(ObjectKind::Pairing, pairings::succession::follow(&succeeding, &following).await?);
    let ids = || following.of_village.iter().copied();
    let theirs = agreements::Column::PairingId.is_in(ids());
    count(ObjectKind::Agreement, succeeding.rows::<agreements::Entity>(agreements::Column::VillageCode, theirs).await?);
    let theirs = projects::Column::PairingId.is_in(ids());
    count(ObjectKind::Project, succeeding.rows::<projects::Entity>(projects::Column::VillageCode, theirs).await?);
    let theirs = tasks::Column::ProjectId.in_subquery(projects::of_pairings(ids()));
    count(ObjectKind::Task, succeeding.rows::<tasks::Entity>(tasks::Column::VillageCode, theirs).await?);
    let theirs = progress::Column::PairingId.is_in(ids());
    count(ObjectKind::ProgressUpdate, succeeding.rows::<progress::Entity>(progress::Column::VillageCode, theirs).await?);
    let theirs = outcomes::Column::PairingId.is_in(ids());
    count(ObjectKind::Outcome, succeeding.rows::<outcomes::Entity>(outcomes::Column::VillageCode, theirs).await?);
    let theirs = cases::Column::PairingId.is_in(ids());
    count(ObjectKind::Case, succeeding.rows::<cases::Entity>(cases::Column::AreaCode, theirs).await?);
    let theirs = case_uptakes::Column::PairingId.is_in(ids());
    count(ObjectKind::CaseUptake, succeeding.rows::<case_uptakes::Entity>(case_uptakes::Column::VillageCode, theirs).await?);
    let theirs = publicity::Column::PairingId.is_in(ids());
    count(ObjectKind::PublicityItem, succeeding.rows::<publicity::Entity>(publicity::Column::AreaCode, theirs).await?);
    let theirs = inspections::Column::PairingId.is_in(ids());
    count(ObjectKind::Inspection, succeeding.rows::<inspections::Entity>(inspections::Column::VillageCode, theirs).await?);
    let theirs = findings::Column::PairingId.is_in(ids());
    count(ObjectKind::Finding, succeeding.rows::<findings::Entity>(findings::Column::VillageCode, theirs).await?);
    let (entered, twice) = enrolments::succession::follow(&succeeding).await?;
    count(ObjectKind::Enrolment, entered);
    count(ObjectKind::CatalogueEntry, catalogue::ending::follow(&succeeding).await?);
    count(ObjectKind::Ranking, rankings::ending::follow(&succeeding).await?);
    let open = is_one_of((supervision_orders::Entity, supervision_orders::Column::State), SupervisionOrderState::OPEN);
    let area = supervision_orders::Column::AreaCode;
    count(
        ObjectKind::SupervisionOrder,
        succeeding.objects::<supervision_orders::Entity>(supervision_orders::OBJECT, area, open).await?,
    );
    count(ObjectKind::Organisation, organisations::service::follow(&succeeding).await?);
    count(ObjectKind::Institution, institutions::service::follow(&succeeding).await?);
    count(ObjectKind::User, succeeding.objects::<users::Entity>(users::OBJECT, users::Column::AreaCode, everything()).await?);
    let asked = account_requests::Column::State.eq(Code(AccountRequestState::Asked));
    count(
        ObjectKind::AccountRequest,
        succeeding.rows::<account_requests::Entity>(account_requests::Column::AreaCode, asked).await?,
    );
    if !input.dry_run {
        end(&succeeding, input.ended_on, &input.note).await?;
    }
    follows.retain(|follows| follows.count > 0);
    Ok(Succession {
        dry_run: input.dry_run,
        village_code: from.code,
        village_name: from.name,
        successor_code: to.code,
        successor_name: to.name,
        ended_on: input.ended_on,
        follows,
        conflicts: following.conflicts.into_iter().chain(twice).take(MOST).collect(),
    })
}
