//! Every kind of caller.

use contract::users::Place;
use contract::{CodedEnum, Permission, Role};
use uuid::Uuid;

use crate::support::*;

/// A village of town A in which nothing ever happened.
pub const QUIET_VILLAGE: &str = "350582104202";
/// Lists that callers of one county share although they have nothing else in common, and their attachments.
const CATALOGUE: &[&str] = &[
    "/adoptions/cadres",
    "/areas",
    "/attachments",
    "/campaigns",
    "/case-uptakes",
    "/cases",
    "/catalogue-entries",
    "/checklists",
    "/enrolments",
    // A town sees the rounds of its county.
    "/inspection-rounds",
    // Whoever takes part in a meeting sees it.
    "/meetings",
    "/organisations",
    "/publications",
    "/publicity-items",
    "/users/organisations",
    "/villages",
];
/// Lists that callers of different counties share: areas, holidays, events of the system itself, and what everybody may read.
const NOBODYS: &[&str] = &["/areas", "/audit-blocks", "/audit-events", "/calendar-days", "/public-cases", "/public-figures"];
/// Somebody who may call.
pub struct Caller {
    pub role: Role,
    pub area: &'static str,
    /// The organisation or institution that they act for.
    pub party: Option<Uuid>,
    pub client: Client,
}

/// Every role in every place, some with objects and some without.
pub async fn callers(app: &TestApp) -> Vec<Caller> {
    let idle = app.bureau().post("/organisations", organisation(90, TOWN_A)).await.is(201).id().parse().expect("an id");
    let (own, other) = (app.world.organisation_a, app.world.organisation_b);
    let organisations =
        [(COUNTY, Some(own)), (TOWN_B, Some(other)), (OTHER_COUNTY, Some(app.world.other_organisation)), (TOWN_A, Some(idle))];
    let other = app.bureau().post("/institutions", institution(91, TOWN_B)).await.is(201).id().parse().expect("an id");
    let institutions = [(TOWN_A, Some(app.world.institution)), (TOWN_B, Some(other))];
    let in_areas = |areas: &[&'static str]| areas.iter().map(|area| (*area, None)).collect();
    let mut callers = Vec::new();
    for role in Role::ALL {
        let places: Vec<(&'static str, Option<Uuid>)> = match role.place() {
            Place::County => in_areas(&[COUNTY, OTHER_COUNTY]),
            Place::Town => in_areas(&[TOWN_A, TOWN_B, OTHER_TOWN]),
            Place::Village => in_areas(&[VILLAGE_A, VILLAGE_B, QUIET_VILLAGE, OTHER_VILLAGE]),
            Place::Organisation => organisations.into(),
            Place::Institution => institutions.into(),
        };
        for (area, party) in places {
            let client = app.joined(&format!("caller-{}", callers.len()), *role, area, party).await;
            callers.push(Caller { role: *role, area, party, client });
        }
    }
    callers
}

impl Caller {
    pub fn may(&self, permission: Option<Permission>) -> bool {
        permission.is_none_or(|permission| permission.held_by(self.role, false))
    }

    /// A name for failure messages.
    pub fn name(&self) -> String {
        format!("{:?} of {}{}", self.role, self.area, self.party.map(|id| format!(" for {id}")).unwrap_or_default())
    }

    /// Whether two callers must share nothing of a kind. That holds for callers of different counties, except for areas and the
    /// system's own events. Outside the catalogue it also holds for two areas of which neither contains the other, and for two
    /// parties.
    pub fn is_apart_from(&self, other: &Self, kind: &str) -> bool {
        let apart = |one: &str, other: &str| !one.starts_with(other) && !other.starts_with(one);
        let two_parties = self.party.is_some() && other.party.is_some() && self.party != other.party;
        let two_areas = self.party.is_none() && other.party.is_none() && apart(self.area, other.area);
        let counties = apart(&self.area[..6], &other.area[..6]);
        !NOBODYS.contains(&kind) && (counties || !CATALOGUE.contains(&kind) && (two_parties || two_areas))
    }

    /// Whether one caller sees all of a kind that the other sees: their area contains the other's, and they see as much of
    /// families. What a village ranks is nobody else's before the deadline.
    pub fn is_above(&self, other: &Self, kind: &str) -> bool {
        let families = [Permission::ReadAssistance, Permission::ReadHouseholds, Permission::RevealHouseholds];
        let alike = families.into_iter().all(|permission| self.may(Some(permission)) == other.may(Some(permission)));
        let two_areas = self.party.is_none() && other.party.is_none();
        // A cadre sees what they take part in.
        let own = self.role == Role::Cadre && ["/adoptions", "/adoption-updates", "/help-records"].contains(&kind);
        // Those who neither take part nor decide read what is published.
        let own = own || (kind == "/cases" && [Role::Cadre, Role::Admin, Role::SecurityAdmin].contains(&self.role));
        alike && two_areas && !own && !["/attachments", "/rankings"].contains(&kind) && other.area.starts_with(self.area)
    }
}
