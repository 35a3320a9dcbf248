//! Who sees which rows. All of it is on this page.
//!
//! Each function returns the rows of a table that exist for a caller. A row that does not exist is not listed, counted, found or
//! exported, and reading it answers 404. A table that is not named here is reached through one that is: members, visits and
//! statuses through their household, donations through their organisation, sessions through their account, and attachments
//! through the object that they are attached to. Areas, and the blocks that seal the trail, are the same for everyone who may
//! list them.
//!
//! Two other questions are answered elsewhere. `contract::permission` says which operations a role may call. Which parts of a row
//! are masked or left out stands beside its domain: for families in `households/policy.rs` and `households/consent.rs`, for
//! assistance records in `assistance/policy.rs`, for the household of a pairing in `pairings/list.rs`, for photos in
//! `attachments/access.rs`, and for small numbers in `views/ledger/suppression.rs` and `assistance/figures.rs`.

use contract::audit::AuditOutcome;
use contract::cases::CaseState;
use contract::catalogue::CatalogueEntryState;
use contract::enrolments::EnrolmentState;
use contract::publications::PublicationState;
use contract::rankings::RankingState;
use contract::tallies::TallyFigure;
use contract::{Permission, Role};
use platform::Caller;
use platform::area::{county_of, lies_in, outside, within};
use platform::audit as trail;
use platform::coded::{Code, codes};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, IntoColumnRef, IntoIden, SimpleExpr};
use sea_orm::{Condition, JoinType, QuerySelect, QueryTrait, RelationTrait, Select};

use crate::*;

// The responsibilities of a caller.

/// The organisation that a caller acts for.
pub fn organisation(caller: &Caller) -> Option<Uuid> {
    caller.organisation_id.filter(|_| caller.role == Role::Organisation)
}

/// The institution that a caller acts for.
pub fn institution(caller: &Caller) -> Option<Uuid> {
    caller.institution_id.filter(|_| caller.role == Role::Institution)
}

/// The area that a caller is responsible for: a county, a town or a village. `None` for callers who act for an organisation or an
/// institution.
pub fn area(caller: &Caller) -> Option<&str> {
    organisation(caller).or(institution(caller)).is_none().then_some(caller.area_code.as_str())
}

/// Whether a caller is responsible for an area. A role that may write, writes only there.
pub fn covers(caller: &Caller, area_code: &str) -> bool {
    area(caller).is_some_and(|own| area_code.starts_with(own))
}

/// Whether a caller may act on something that lies in an area and may concern an organisation.
pub fn owns(caller: &Caller, area_code: &str, organisation_id: Option<Uuid>) -> bool {
    match organisation(caller) {
        Some(own) => organisation_id == Some(own),
        None => covers(caller, area_code),
    }
}

/// Whether a caller may act on an institution that lies in an area.
pub fn owns_institution(caller: &Caller, area_code: &str, id: Uuid) -> bool {
    institution(caller).map_or_else(|| covers(caller, area_code), |own| own == id)
}

/// Whether a caller sees all of an area. If only the part `inside` another area is asked for, the first must lie within the
/// second.
pub fn sees_all_of(caller: &Caller, area_code: &str, inside: Option<&str>) -> bool {
    covers(caller, area_code) && inside.is_none_or(|inside| area_code.starts_with(inside))
}

/// Whether an area lies in the caller's county.
pub fn in_county(caller: &Caller, area_code: &str) -> bool {
    area_code.starts_with(county_of(&caller.area_code))
}

// The catalogue. Both sides choose each other (双向选择), so it is open to everyone in a county and closed to those outside.

/// The villages of the county.
pub fn villages(caller: &Caller) -> Select<villages::Entity> {
    villages::Entity::find().filter(of_county((villages::Entity, villages::Column::Code), caller))
}

/// The organisations registered in the county.
pub fn organisations(caller: &Caller) -> Select<organisations::Entity> {
    organisations::Entity::find().filter(of_county((organisations::Entity, organisations::Column::AreaCode), caller))
}

/// The institutions of the caller's area; one of them sees itself.
pub fn institutions(caller: &Caller) -> Select<institutions::Entity> {
    use institutions::{Column, Entity};
    let own = match institution(caller) {
        Some(id) => Column::Id.eq(id),
        None => in_own_area((Entity, Column::AreaCode), caller),
    };
    Entity::find().filter(own)
}

/// The working calendar, which is the same for everyone.
pub fn calendar(_: &Caller) -> Select<calendar_days::Entity> {
    calendar_days::Entity::find()
}

/// The campaigns run within the county, and those run by a larger area that contains it.
pub fn campaigns(caller: &Caller) -> Select<campaigns::Entity> {
    campaigns::Entity::find().filter(of_campaigns(caller))
}

/// The condition that a selected campaign exists for a caller.
fn of_campaigns(caller: &Caller) -> Condition {
    use campaigns::{Column, Entity};
    let own = county_of(&caller.area_code);
    let around: Vec<String> = (2..own.len()).step_by(2).filter_map(|length| own.get(..length)).map(str::to_owned).collect();
    let inside = of_county((Entity, Column::AreaCode), caller);
    Condition::any().add(inside).add(Expr::col((Entity, Column::AreaCode)).is_in(around))
}

/// The caller's own enrolments, and the confirmed ones of the county, because both sides choose among them.
pub fn enrolments(caller: &Caller) -> Select<enrolments::Entity> {
    use enrolments::{Column, Entity};
    let own = match organisation(caller) {
        Some(id) => Column::OrganisationId.eq(id),
        None => in_own_area((Entity, Column::AreaCode), caller),
    };
    Entity::find()
        .filter(in_own_county(Entity, caller))
        .filter(Condition::any().add(own).add(Column::State.eq(Code(EnrolmentState::Confirmed))))
}

/// The caller's own entries of the catalogue of needs and offers, and those of the county that are or were published, because both
/// sides choose among them.
pub fn catalogue(caller: &Caller) -> Select<catalogue::Entity> {
    use catalogue::{Column, Entity};
    let own = match organisation(caller) {
        Some(id) => Column::OrganisationId.eq(id),
        None => in_own_area((Entity, Column::AreaCode), caller),
    };
    Entity::find()
        .filter(in_own_county(Entity, caller))
        .filter(Condition::any().add(own).add(Column::State.is_in(codes(CatalogueEntryState::PUBLIC))))
}

/// The condition that a row with an `area_code` lies in the caller's county, or in a larger area. Counties have a column of their
/// own, which is indexed in the order of the list.
fn in_own_county(table: impl IntoIden, caller: &Caller) -> SimpleExpr {
    match county_of(&caller.area_code) {
        county if county.len() == 6 => Expr::col((table, "county_code")).eq(county),
        larger => within((table, "area_code"), larger),
    }
}

/// What both sides rank. Until the deadline a ranking is its own side's, and that of the town which ranked for a village; then the
/// area's too, but never the other side's.
pub fn rankings(caller: &Caller) -> Select<rankings::Entity> {
    use rankings::{Column, Entity};
    if let Some(id) = organisation(caller) {
        return Entity::find().filter(Column::OrganisationId.eq(id));
    }
    let own = Entity::find().filter(in_own_area((Entity, Column::AreaCode), caller));
    let closed = Column::State.eq(Code(RankingState::Closed));
    match caller.role {
        Role::Village => own.filter(Column::VillageCode.is_not_null()),
        Role::Town => own.filter(closed.or(Column::OnBehalfReason.is_not_null())),
        _ => own.filter(closed),
    }
}

/// The assignments of the caller's area.
pub fn assignments(caller: &Caller) -> Select<assignments::Entity> {
    use assignments::{Column, Entity};
    Entity::find().filter(in_own_area((Entity, Column::AreaCode), caller))
}

/// The lines of these assignments.
pub fn assignment_lines(caller: &Caller) -> Select<assignments::line::Entity> {
    use assignments::line::{Entity, Relation};
    let of_assignment = Entity::find().join(JoinType::LeftJoin, Relation::Assignment.def());
    of_assignment.filter(in_own_area((assignments::Entity, assignments::Column::AreaCode), caller))
}

/// The condition that a column contains the code of an area in the caller's county.
fn of_county(column: impl IntoColumnRef, caller: &Caller) -> SimpleExpr {
    within(column, county_of(&caller.area_code))
}

// Cooperation. A caller with an area sees what lies in it, an organisation what it takes part in.

/// The pairings of the caller. Each of the following tables hangs on a pairing, and is visible with it.
pub fn pairings(caller: &Caller) -> Select<pairings::Entity> {
    pairings::Entity::find().filter(of_pairings(caller))
}

/// The condition that a selected pairing exists for a caller. Roles that see households only in aggregate do not see pairings
/// with single households.
pub fn of_pairings(caller: &Caller) -> Condition {
    let own = Condition::all().add(on_pairing(pairings::Entity, caller));
    if caller.may(Permission::ReadAssistance) { own } else { own.add(pairings::with_village()) }
}

/// The agreements of the caller's pairings.
pub fn agreements(caller: &Caller) -> Select<agreements::Entity> {
    with_pairing(agreements::Relation::Pairing, caller)
}

/// The projects of the caller's pairings.
pub fn projects(caller: &Caller) -> Select<projects::Entity> {
    with_pairing(projects::Relation::Pairing, caller)
}

/// The tasks of the caller's projects.
pub fn tasks(caller: &Caller) -> Select<tasks::Entity> {
    let with_project = tasks::Entity::find().join(JoinType::LeftJoin, tasks::Relation::Project.def());
    let with_pairing = with_project.join(JoinType::LeftJoin, projects::Relation::Pairing.def());
    with_pairing.filter(on_pairing(tasks::Entity, caller))
}

/// The progress updates of the caller's pairings.
pub fn progress(caller: &Caller) -> Select<progress::Entity> {
    with_pairing(progress::Relation::Pairing, caller)
}

/// The outcomes of the caller's pairings.
pub fn outcomes(caller: &Caller) -> Select<outcomes::Entity> {
    with_pairing(outcomes::Relation::Pairing, caller)
}

/// The inspections of the caller's pairings. The selects join the round.
pub fn inspections(caller: &Caller) -> Select<inspections::Entity> {
    with_pairing(inspections::Relation::Pairing, caller).join(JoinType::LeftJoin, inspections::Relation::Round.def())
}

/// The findings at the caller's pairings. The selects join inspection and round.
pub fn findings(caller: &Caller) -> Select<findings::Entity> {
    with_pairing(findings::Relation::Pairing, caller)
        .join(JoinType::LeftJoin, findings::Relation::Inspection.def())
        .join(JoinType::LeftJoin, inspections::Relation::Round.def())
}

/// The checklists of the county.
pub fn checklists(caller: &Caller) -> Select<checklists::Entity> {
    checklists::Entity::find().filter(of_county((checklists::Entity, checklists::Column::AreaCode), caller))
}

/// The rounds that offices of the caller's area hold, and for a town those of its county, because they come to it.
pub fn rounds(caller: &Caller) -> Select<inspection_rounds::Entity> {
    use inspection_rounds::{Column, Entity};
    let county = area(caller).map(|own| Column::AreaCode.eq(county_of(own)));
    let own = Condition::any().add(in_own_area((Entity, Column::AreaCode), caller)).add_option(county);
    Entity::find().filter(own)
}

/// The accounts of the caller's area that can inspect.
pub fn inspectors(caller: &Caller) -> Select<users::Entity> {
    let roles = codes(contract::inspections::INSPECTORS);
    users(Some(caller)).filter(users::Column::Role.is_in(roles)).filter(users::Column::Disabled.eq(false))
}

fn with_pairing<E: EntityTrait>(pairing: impl RelationTrait, caller: &Caller) -> Select<E> {
    E::find().join(JoinType::LeftJoin, pairing.def()).filter(on_pairing(E::default(), caller))
}

/// The condition on rows of a `table` that has the columns of its village and is joined with its pairing.
fn on_pairing(table: impl IntoIden, caller: &Caller) -> SimpleExpr {
    match organisation(caller) {
        Some(id) => pairings::Column::OrganisationId.eq(id),
        None => area(caller).map_or_else(nothing, |own| lies_in(table, own)),
    }
}

/// The adoptions of the caller: a cadre's and an institution's own, or those of institutions in the caller's area. The selects join
/// cadre and institution.
pub fn adoptions(caller: &Caller) -> Select<adoptions::Entity> {
    adoptions::sides(adoptions::Entity::find()).filter(of_adoptions(caller))
}

/// The monthly updates of the caller's adoptions.
pub fn adoption_updates(caller: &Caller) -> Select<adoption_updates::Entity> {
    with_adoption(adoption_updates::Relation::Adoption, caller)
}

/// The help recorded under the caller's adoptions.
pub fn help_records(caller: &Caller) -> Select<help_records::Entity> {
    with_adoption(help_records::Relation::Adoption, caller)
}

fn with_adoption<E: EntityTrait>(adoption: impl RelationTrait, caller: &Caller) -> Select<E> {
    adoptions::sides(E::find().join(JoinType::LeftJoin, adoption.def())).filter(of_adoptions(caller))
}

/// The condition on rows that are joined with an adoption and its institution.
fn of_adoptions(caller: &Caller) -> SimpleExpr {
    use adoptions::{Column, Entity};
    match (caller.role, institution(caller)) {
        (Role::Cadre, _) => Expr::col((Entity, Column::CadreId)).eq(caller.user_id),
        (_, Some(id)) => Expr::col((Entity, Column::InstitutionId)).eq(id),
        _ => in_own_area((institutions::Entity, institutions::Column::AreaCode), caller),
    }
}

/// The difficulties of the institutions that exist for the caller: cadres choose by them. The selects join the institution, and the
/// cadre under whose adoption one was solved.
pub fn difficulties(caller: &Caller) -> Select<difficulties::Entity> {
    use difficulties::{Entity, Relation};
    let own = match institution(caller) {
        Some(id) => difficulties::Column::InstitutionId.eq(id),
        None => in_own_area((institutions::Entity, institutions::Column::AreaCode), caller),
    };
    Entity::find()
        .join(JoinType::LeftJoin, Relation::Institution.def())
        .join(JoinType::LeftJoin, Relation::Adoption.def())
        .join(JoinType::LeftJoin, adoptions::Relation::Cadre.def())
        .filter(own)
}

/// The accounts of cadres in the caller's county, whom an institution may propose to.
pub fn cadres(caller: &Caller) -> Select<users::Entity> {
    let theirs = of_county((users::Entity, users::Column::AreaCode), caller);
    users::Entity::find().filter(users::Column::Role.eq(Code(Role::Cadre))).filter(theirs)
}

/// Cases and good practices. All of the county reads what is published, so that villages and organisations learn from each other
/// (相互取经); the rest is for its own sides, and for those who answer for the area.
pub fn cases(caller: &Caller) -> Select<cases::Entity> {
    cases::Entity::find().filter(of_cases(caller))
}

/// Who has taken up a case, for whoever reads that. The selects join the case.
pub fn case_uptakes(caller: &Caller) -> Select<case_uptakes::Entity> {
    use case_uptakes::{Entity, Relation};
    Entity::find().join(JoinType::LeftJoin, Relation::Case.def()).filter(of_cases(caller))
}

/// The condition that a selected case exists for a caller.
fn of_cases(caller: &Caller) -> Condition {
    use cases::{Column, Entity};
    let own = match (organisation(caller), caller.role) {
        (Some(id), _) => Expr::col((Entity, Column::OrganisationId)).eq(id),
        (None, Role::Bureau | Role::LeadingGroup | Role::Town | Role::Village | Role::Auditor) => {
            in_own_area((Entity, Column::AreaCode), caller)
        }
        _ => nothing(),
    };
    let published = Expr::col((Entity, Column::State)).eq(Code(CaseState::Published));
    Condition::all().add(in_own_county(Entity, caller)).add(Condition::any().add(own).add(published))
}

/// What has appeared in public, which is no secret in the county.
pub fn publicity(caller: &Caller) -> Select<publicity::Entity> {
    publicity::Entity::find().filter(in_own_county(publicity::Entity, caller))
}

/// The publications of the caller's campaigns, also those that are withdrawn. The selects join the campaign.
pub fn publications(caller: &Caller) -> Select<publications::Entity> {
    let with_campaign = publications::Entity::find().join(JoinType::LeftJoin, publications::Relation::Campaign.def());
    with_campaign.filter(of_campaigns(caller))
}

/// The tallies of campaigns. Everyone in a county sees the enrolments; the rest is visible to those responsible for the area.
pub fn tallies(caller: &Caller) -> Select<tallies::Entity> {
    let in_area = || (tallies::Entity, tallies::Column::AreaCode);
    let mut seen = Condition::any().add(tallies::Column::Figure.eq(Code(TallyFigure::Enrolments)));
    if let Some(own) = area(caller) {
        seen = seen.add(within(in_area(), own));
    }
    tallies::Entity::find().filter(of_county(in_area(), caller)).filter(seen)
}

/// The tallies of the caller's own area, whose sum is how many rows exist for the caller. `None` for callers who act for an
/// organisation, and for areas smaller than those of the tallies.
pub fn own_tallies(caller: &Caller) -> Option<Select<tallies::Entity>> {
    let own = area(caller).filter(|own| own.len() <= tallies::SMALLEST)?;
    Some(tallies::Entity::find().filter(within((tallies::Entity, tallies::Column::AreaCode), own)))
}

/// The reports of towns in the caller's area. Organisations do not see any, because nobody reports on them.
pub fn reports(caller: &Caller) -> Select<reports::Entity> {
    reports::Entity::find().filter(in_own_area((reports::Entity, reports::Column::TownCode), caller))
}

/// The supervision orders that the caller's area issues or receives, or that the organisation receives. Whoever receives one sees it
/// from the day on which it is issued.
pub fn supervision_orders(caller: &Caller) -> Select<supervision_orders::Entity> {
    use supervision_orders::{Column, Entity};
    let issued = Column::Number.is_not_null();
    let seen = match organisation(caller) {
        Some(id) => Condition::all().add(Column::OrganisationId.eq(id)).add(issued),
        None => Condition::any()
            .add(in_own_area((Entity, Column::IssuerCode), caller))
            .add(in_own_area((Entity, Column::AreaCode), caller).and(issued)),
    };
    Entity::find().filter(seen)
}

/// The meetings that are called inside of the caller's area, and those in which somebody inside of it takes part; of an organisation
/// those in which it takes part. The selects join campaign and office.
pub fn meetings(caller: &Caller) -> Select<meetings::Entity> {
    use meetings::{Column, Entity, Relation, participant};
    let theirs = |own: SimpleExpr| {
        let theirs = participant::Entity::find().select_only().column(participant::Column::MeetingId).filter(own);
        Expr::col((Entity, Column::Id)).in_subquery(theirs.into_query())
    };
    let seen = match organisation(caller) {
        Some(id) => Condition::all().add(theirs(participant::Column::OrganisationId.eq(id))),
        None => Condition::any()
            .add(in_own_area((Entity, Column::AreaCode), caller))
            .add(theirs(in_own_area((participant::Entity, participant::Column::AreaCode), caller))),
    };
    let named = Entity::find().join(JoinType::LeftJoin, Relation::Campaign.def()).join(JoinType::LeftJoin, Relation::Area.def());
    named.filter(seen)
}

/// The areas within the caller's own, which include the towns that report.
pub fn own_areas(caller: &Caller) -> Select<areas::Entity> {
    areas::Entity::find().filter(in_own_area((areas::Entity, areas::Column::Code), caller))
}

fn in_own_area(column: impl IntoColumnRef, caller: &Caller) -> SimpleExpr {
    area(caller).map_or_else(nothing, |own| within(column, own))
}

/// The condition that no row meets.
fn nothing() -> SimpleExpr {
    Expr::val(1).eq(0)
}

// Families. A caller with an area writes or examines the files in it. An organisation sees the families that it helps, as long as
// they consent (个人信息保护法第十三条、第十五条).

/// The households of the caller. A file that continues in another one, after a merge or a move, is no longer a household.
pub fn households(caller: &Caller) -> Select<households::Entity> {
    households::Entity::find().filter(of_households(caller))
}

/// The files of households, including those that continue in others. They remain visible so that an old number leads to the
/// current file, and so that past months of the ledger stay complete.
pub fn files(caller: &Caller) -> Select<households::Entity> {
    households::Entity::find().filter(of_files(caller))
}

/// The condition that a selected household exists for a caller.
pub fn of_households(caller: &Caller) -> Condition {
    of_files(caller).add(households::not_merged((households::Entity, households::Column::Id)))
}

/// The condition that a selected file exists for a caller.
pub fn of_files(caller: &Caller) -> Condition {
    on_file(households::Entity, caller)
}

/// The plans for the caller's households.
pub fn plans(caller: &Caller) -> Select<plans::Entity> {
    use plans::{Column, Entity, Relation};
    let once = households::not_twice((Entity, Column::HouseholdId));
    Entity::find().join(JoinType::LeftJoin, Relation::Household.def()).filter(on_file(Entity, caller).add(once))
}

/// The measures of the caller's plans.
pub fn measures(caller: &Caller) -> Select<measures::Entity> {
    use measures::{Entity, Relation};
    Entity::find()
        .join(JoinType::LeftJoin, Relation::Plan.def())
        .join(JoinType::LeftJoin, plans::Relation::Household.def())
        .join(JoinType::LeftJoin, Relation::Pairing.def())
        .filter(on_file(Entity, caller).add(households::not_twice((plans::Entity, plans::Column::HouseholdId))))
}

/// The condition on rows of a `table` that has the columns of its village and is joined with its household.
fn on_file(table: impl IntoIden, caller: &Caller) -> Condition {
    match organisation(caller) {
        Some(id) => Condition::all()
            .add(households::Column::Consented.eq(true))
            .add(households::Column::Id.in_subquery(pairings::active_households(id))),
        None => Condition::all().add(area(caller).map_or_else(nothing, |own| lies_in(table, own))),
    }
}

/// The assistance records of the caller. A caller with an area sees all records in it, so that sums are complete; the names of
/// families that do not consent are left out elsewhere. An organisation sees the records of its own pairings, including ended
/// ones, as long as the family consents.
pub fn assistance(caller: &Caller) -> Select<assistance::Entity> {
    let with_pairing = assistance::Entity::find().join(JoinType::LeftJoin, assistance::Relation::Pairing.def());
    with_pairing.filter(of_assistance(assistance::Entity, caller))
}

/// The condition that a selected record exists for a caller. `table` has the columns of the village: the records themselves, or
/// the pairings that they are joined with.
pub fn of_assistance(table: impl IntoIden, caller: &Caller) -> Condition {
    let own = Condition::all().add(on_pairing(table, caller));
    let consents = || households::consents((assistance::Entity, assistance::Column::HouseholdId));
    own.add_option(organisation(caller).map(|_| consents()))
}

// Accounts and the audit trail. Callers see those of their area. A call from the command line has no caller and sees everything.

/// The accounts of the caller's area.
pub fn users(caller: Option<&Caller>) -> Select<users::Entity> {
    users::Entity::find().filter(within((users::Entity, users::Column::AreaCode), area_of_accounts(caller)))
}

/// Requests about accounts whose area, before and after the change, lies in the caller's.
pub fn account_requests(caller: Option<&Caller>) -> Select<account_requests::Entity> {
    use account_requests::{Column, Entity};
    let own = area_of_accounts(caller);
    Entity::find()
        .filter(within((Entity, Column::AreaCode), own))
        .filter(Column::OldAreaCode.is_null().or(within((Entity, Column::OldAreaCode), own)))
}

/// Whether a caller manages the accounts of an area.
pub fn keeps_accounts_of(caller: Option<&Caller>, area_code: &str) -> bool {
    area_code.starts_with(area_of_accounts(caller))
}

fn area_of_accounts(caller: Option<&Caller>) -> &str {
    caller.map_or("", |caller| &caller.area_code)
}

/// The audit trail: the events of accounts in the caller's area, refused attempts in their name, and what the system did by
/// itself. A failed sign-in to an account that does not exist may be a slip of anyone, so it is visible only to callers whose
/// area contains all accounts.
pub fn audit(caller: &Caller) -> Select<trail::Entity> {
    use trail::{Column, Entity};
    let own = within((Entity, Column::ActorAreaCode), &caller.area_code);
    let nobodys = Column::ActorId.is_null().and(Column::ActorAreaCode.is_null());
    let elsewhere = users::Entity::find().filter(outside((users::Entity, users::Column::AreaCode), &caller.area_code));
    let whole = Expr::exists(elsewhere.into_query()).not();
    let system = Column::Outcome.eq(Code(AuditOutcome::Done));
    Entity::find().filter(Condition::any().add(own).add(nobodys.and(system.or(whole))))
}

// The public, which has no account: what is published, of all counties, and nothing else.

/// The published cases and good practices.
pub fn public_cases() -> Select<cases::Entity> {
    cases::Entity::find().filter(Expr::col((cases::Entity, cases::Column::State)).eq(Code(CaseState::Published)))
}

/// The publications that stand. The selects join the campaign.
pub fn public_publications() -> Select<publications::Entity> {
    let with_campaign = publications::Entity::find().join(JoinType::LeftJoin, publications::Relation::Campaign.def());
    with_campaign.filter(Expr::col((publications::Entity, publications::Column::State)).eq(Code(PublicationState::Published)))
}

#[cfg(test)]
mod rows;

#[cfg(test)]
mod tests {
    use contract::CodedEnum;

    use super::*;

    pub(super) fn caller(role: Role, area_code: &str, organisation_id: Option<Uuid>) -> Caller {
        Caller {
            user_id: Uuid::nil(),
            session_id: Uuid::nil(),
            name: String::new(),
            role,
            area_code: area_code.to_owned(),
            organisation_id,
            institution_id: None,
            must_change_password: false,
            lacks_second_factor: false,
            separate_duties: false,
            address: None,
            request_id: String::new(),
        }
    }

    #[test]
    fn an_organisation_has_its_own_and_everybody_else_an_area() {
        let (code, id) = ("350582104", Uuid::from_u128(1));
        for role in Role::ALL {
            let expected = if *role == Role::Organisation { (None, Some(id)) } else { (Some(code), None) };
            let (with, without) = (caller(*role, code, Some(id)), caller(*role, code, None));
            assert_eq!((area(&with), organisation(&with)), expected, "{role:?}");
            assert_eq!((area(&without), organisation(&without)), (Some(code), None), "{role:?}");
        }
    }

    #[test]
    fn an_institution_has_itself_alone() {
        let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for role in Role::ALL {
            let caller = Caller { institution_id: Some(own), ..caller(*role, "350582104", None) };
            let acts = *role == Role::Institution;
            assert_eq!(institution(&caller), acts.then_some(own), "{role:?}");
            assert_eq!(area(&caller).is_none(), acts, "{role:?}");
            // It lies in the area, and does not answer for it.
            let owns = |area, id| owns_institution(&caller, area, id);
            assert_eq!((owns("350582104206", own), owns("350582104206", other)), (true, !acts), "{role:?}");
            assert_eq!((owns("350582105", own), owns("350582105", other)), (acts, false), "{role:?}");
            assert_eq!(super::owns(&caller, "350582104206", None), !acts, "{role:?}");
        }
    }

    #[test]
    fn all_of_an_area_is_seen_by_whoever_covers_it_and_asks_for_no_less() {
        let seen = |own, area, inside| sees_all_of(&caller(Role::Town, own, None), area, inside);
        assert!(seen("350582", "350582", None) && seen("350582", "350582104", None));
        assert!(!seen("350582104", "350582", None) && !seen("350583", "350582104", None));
        assert!(seen("350582", "350582104", Some("350582104")) && seen("350582", "350582104", Some("350582")));
        assert!(!seen("350582", "350582", Some("350582104")) && !seen("350582", "350582105", Some("350582104")));
        assert!(!seen("350583", "350582104", Some("350582104")));
        let organisation = caller(Role::Organisation, "350582", Some(Uuid::nil()));
        assert!(!covers(&organisation, "350582") && !sees_all_of(&organisation, "350582", None));
    }

    #[test]
    fn whoever_answers_for_a_part_of_a_county_is_in_all_of_it() {
        for own in ["350582", "350582104", "350582104206"] {
            let lies = |area| in_county(&caller(Role::Village, own, None), area);
            assert!(["350582", "350582105", "350582105206"].into_iter().all(lies), "{own}");
            assert!(!["3505", "350583", "350583104206"].into_iter().any(lies), "{own}");
        }
    }

    #[test]
    fn what_is_ones_own_is_the_organisations_or_lies_in_the_area() {
        let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (town, organisation) = (caller(Role::Town, "350582104", None), caller(Role::Organisation, "350582104", Some(own)));
        for (area, of, by_town, by_organisation) in [
            ("350582104206", Some(own), true, true),
            ("350582104206", Some(other), true, false),
            ("350582104206", None, true, false),
            ("350582105206", Some(own), false, true),
            ("350582", None, false, false),
        ] {
            assert_eq!(owns(&town, area, of), by_town, "{area} {of:?}");
            assert_eq!(owns(&organisation, area, of), by_organisation, "{area} {of:?}");
        }
    }
}
