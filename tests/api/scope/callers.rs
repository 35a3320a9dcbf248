//! Everybody who may be calling.

use contract::users::Place;
use contract::{CodedEnum, Permission, Role};
use uuid::Uuid;

use crate::support::*;

/// A village of town A where nobody ever did anything.
pub const QUIET_VILLAGE: &str = "350582104202";
/// What is open to people of one county who have nothing else in common, and what is attached to it.
const CATALOGUE: &[&str] =
    &["/areas", "/attachments", "/campaigns", "/enrolments", "/organisations", "/users/organisations", "/villages"];
/// What is open to people of two counties: areas, and what the system did by itself.
const NOBODYS: &[&str] = &["/areas", "/audit-blocks", "/audit-events"];
/// Somebody who may be calling.
pub struct Caller {
    pub role: Role,
    pub area: &'static str,
    pub organisation: Option<Uuid>,
    pub client: Client,
}

/// Every role in every place where there is something, and where there is nothing.
pub async fn callers(app: &TestApp) -> Vec<Caller> {
    let idle = app.bureau().post("/organisations", organisation(90, TOWN_A)).await.is(201).id().parse().expect("an id");
    let (own, other) = (app.world.organisation_a, app.world.organisation_b);
    let organisations =
        [(COUNTY, Some(own)), (TOWN_B, Some(other)), (OTHER_COUNTY, Some(app.world.other_organisation)), (TOWN_A, Some(idle))];
    let in_areas = |areas: &[&'static str]| areas.iter().map(|area| (*area, None)).collect();
    let mut callers = Vec::new();
    for role in Role::ALL {
        let places: Vec<(&'static str, Option<Uuid>)> = match role.place() {
            Place::County => in_areas(&[COUNTY, OTHER_COUNTY]),
            Place::Town => in_areas(&[TOWN_A, TOWN_B, OTHER_TOWN]),
            Place::Village => in_areas(&[VILLAGE_A, VILLAGE_B, QUIET_VILLAGE, OTHER_VILLAGE]),
            Place::Organisation => organisations.into(),
        };
        for (area, organisation) in places {
            let client = app.joined(&format!("caller-{}", callers.len()), *role, area, organisation).await;
            callers.push(Caller { role: *role, area, organisation, client });
        }
    }
    callers
}

impl Caller {
    pub fn may(&self, permission: Option<Permission>) -> bool {
        permission.is_none_or(|permission| permission.held_by(self.role, false))
    }

    /// For whoever reads that the test has failed.
    pub fn name(&self) -> String {
        format!("{:?} of {}{}", self.role, self.area, self.organisation.map(|id| format!(" for {id}")).unwrap_or_default())
    }

    /// Whether two have nothing of a kind in common: people of two counties, but for what is nobody's; and but for the catalogue,
    /// two areas of which neither lies in the other, and two organisations.
    pub fn is_apart_from(&self, other: &Self, kind: &str) -> bool {
        let apart = |one: &str, other: &str| !one.starts_with(other) && !other.starts_with(one);
        let two_organisations =
            self.organisation.is_some() && other.organisation.is_some() && self.organisation != other.organisation;
        let two_areas = self.organisation.is_none() && other.organisation.is_none() && apart(self.area, other.area);
        let counties = apart(&self.area[..6], &other.area[..6]);
        !NOBODYS.contains(&kind) && (counties || !CATALOGUE.contains(&kind) && (two_organisations || two_areas))
    }

    /// Whether the one sees all of a kind that the other sees: their area holds the other's, and they see as much of families.
    pub fn is_above(&self, other: &Self, kind: &str) -> bool {
        let families = [Permission::ReadAssistance, Permission::ReadHouseholds, Permission::RevealHouseholds];
        let alike = families.into_iter().all(|permission| self.may(Some(permission)) == other.may(Some(permission)));
        let two_areas = self.organisation.is_none() && other.organisation.is_none();
        alike && two_areas && kind != "/attachments" && other.area.starts_with(self.area)
    }
}
