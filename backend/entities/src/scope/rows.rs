//! Who sees which rows, asked of a database. It has the columns of the tables and none of their rules, so that a row has only what
//! it is about.

use std::str::FromStr;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Iterable};

use super::tests::caller;
use super::*;

/// A county, two of its towns, and two villages of the first and one of the second.
const COUNTY: &str = "350582";
const TOWN: &str = "350582104";
const OTHER_TOWN: &str = "350582105";
const VILLAGE: &str = "350582104206";
const NEXT_VILLAGE: &str = "350582104207";
const OTHER_VILLAGE: &str = "350582105206";
/// Another county of the same city, a village of it, and the city.
const ABROAD: &str = "350583";
const VILLAGE_ABROAD: &str = "350583104206";
const CITY: &str = "3505";

fn bureau() -> Caller {
    caller(Role::Bureau, COUNTY, None)
}

fn town() -> Caller {
    caller(Role::Town, TOWN, None)
}

fn village() -> Caller {
    caller(Role::Village, VILLAGE, None)
}

/// Whoever sees families in sums only.
fn group() -> Caller {
    caller(Role::LeadingGroup, COUNTY, None)
}

fn abroad() -> Caller {
    caller(Role::Bureau, ABROAD, None)
}

fn city() -> Caller {
    caller(Role::Bureau, CITY, None)
}

/// An organisation that is registered in the county, and lives in the town.
fn of_organisation(number: u128) -> Caller {
    caller(Role::Organisation, TOWN, Some(Uuid::from_u128(number)))
}

/// An id in SQL.
fn id(number: u128) -> String {
    format!("X'{number:032x}'")
}

struct World(DatabaseConnection);

impl World {
    async fn new() -> Self {
        let mut options = ConnectOptions::new("sqlite::memory:");
        // Each connection would have its own in-memory database.
        options.max_connections(1);
        Self(Database::connect(options).await.unwrap())
    }

    /// Makes a table with these rows, each a list of values in SQL.
    async fn has<E: EntityTrait>(&self, entity: E, columns: &str, rows: &[String]) {
        let table = entity.table_name().to_owned();
        let mut all: Vec<_> = E::Column::iter().map(|column| format!("\"{}\"", column.as_str())).collect();
        let has = |name: &str| all.iter().any(|column| column.trim_matches('"') == name);
        // Whoever takes part is a village or an organisation, and has an area in either case.
        if let Some(code) = ["area_code", "village_code"].into_iter().find(|code| has(code)) {
            let areas = [("county_code", 6), ("town_code", 9)].into_iter().filter(|(area, _)| !has(area)).collect::<Vec<_>>();
            all.extend(areas.iter().map(|(area, length)| format!("{area} GENERATED ALWAYS AS (substr({code}, 1, {length}))")));
        }
        self.0.execute_unprepared(&format!("CREATE TABLE {table} ({})", all.join(", "))).await.unwrap();
        for row in rows {
            self.0.execute_unprepared(&format!("INSERT INTO {table} ({columns}) VALUES ({row})")).await.unwrap();
        }
    }

    /// The last numbers of the ids that are selected.
    async fn ids<E: EntityTrait>(&self, select: Select<E>) -> Vec<u128> {
        let id = E::Column::from_str("id").ok().unwrap();
        let mut ids: Vec<_> = select.select_only().column(id).into_tuple::<Uuid>().all(&self.0).await.unwrap();
        ids.sort_unstable();
        ids.into_iter().map(|id| id.as_u128()).collect()
    }

    /// What is selected of a column with texts.
    async fn texts<E: EntityTrait>(&self, select: Select<E>, column: E::Column) -> Vec<String> {
        let mut texts: Vec<_> = select.select_only().column(column).into_tuple::<String>().all(&self.0).await.unwrap();
        texts.sort_unstable();
        texts
    }
}

#[tokio::test]
async fn the_catalogue_is_open_to_everybody_in_a_county_and_closed_to_others() {
    let world = World::new().await;
    let row = |number: u128, area: &str| format!("{}, '{area}'", id(number));
    world.has(villages::Entity, "code", &[VILLAGE, OTHER_VILLAGE, VILLAGE_ABROAD].map(|code| format!("'{code}'"))).await;
    world.has(organisations::Entity, "id, area_code", &[row(1, COUNTY), row(2, OTHER_TOWN), row(3, ABROAD), row(4, CITY)]).await;
    // Larger areas run campaigns as well, and others run their own.
    let areas = [COUNTY, TOWN, CITY, "35", ABROAD, "3506", "36"];
    let rows: Vec<_> = areas.iter().zip(1..).map(|(area, number)| row(number, area)).collect();
    world.has(campaigns::Entity, "id, area_code", &rows).await;

    let own = (vec![VILLAGE, OTHER_VILLAGE], vec![1, 2], vec![1, 2, 3, 4]);
    let everybody = [bureau(), town(), village(), group(), of_organisation(1), caller(Role::Cadre, OTHER_TOWN, None)];
    let others = [
        (abroad(), (vec![VILLAGE_ABROAD], vec![3], vec![3, 4, 5])),
        (city(), (vec![VILLAGE, OTHER_VILLAGE, VILLAGE_ABROAD], vec![1, 2, 3, 4], vec![1, 2, 3, 4, 5])),
    ];
    for (caller, (codes, of_organisations, of_campaigns)) in
        everybody.map(|caller| (caller, own.clone())).into_iter().chain(others)
    {
        assert_eq!(world.texts(villages(&caller), villages::Column::Code).await, codes, "{caller:?}");
        assert_eq!(world.ids(organisations(&caller)).await, of_organisations, "{caller:?}");
        assert_eq!(world.ids(campaigns(&caller)).await, of_campaigns, "{caller:?}");
    }
}

#[tokio::test]
async fn enrolments_are_ones_own_until_they_are_confirmed() {
    let world = World::new().await;
    let row = |number: u128, area: &str, organisation: Option<u128>, state: &str| {
        format!("{}, '{area}', {}, '{state}'", id(number), organisation.map_or("NULL".to_owned(), id))
    };
    let rows = [
        row(1, VILLAGE, None, "applied"),
        row(2, OTHER_VILLAGE, None, "applied"),
        row(3, COUNTY, Some(1), "applied"),
        row(4, OTHER_VILLAGE, None, "confirmed"),
        row(5, TOWN, Some(2), "nominated"),
        row(6, VILLAGE_ABROAD, None, "confirmed"),
        row(7, ABROAD, Some(1), "applied"),
    ];
    world.has(enrolments::Entity, "id, area_code, organisation_id, state", &rows).await;
    for (caller, seen) in [
        (bureau(), vec![1, 2, 3, 4, 5]),
        (town(), vec![1, 4, 5]),
        (village(), vec![1, 4]),
        (of_organisation(1), vec![3, 4]),
        (of_organisation(2), vec![4, 5]),
        (abroad(), vec![6, 7]),
    ] {
        assert_eq!(world.ids(enrolments(&caller)).await, seen, "{caller:?}");
    }
}

#[tokio::test]
async fn institutions_are_seen_in_their_area_and_by_themselves() {
    let world = World::new().await;
    let places = [VILLAGE, TOWN, COUNTY, OTHER_VILLAGE, VILLAGE_ABROAD];
    let rows: Vec<_> = places.iter().zip(1..).map(|(area, number)| format!("{}, '{area}'", id(number))).collect();
    world.has(institutions::Entity, "id, area_code", &rows).await;
    world.has(enrolments::Entity, "id, area_code, state", &[format!("{}, '{VILLAGE}', 'applied'", id(1))]).await;
    pair(&world, &[(1, "village", VILLAGE, 1, None, "active")]).await;
    let itself = Caller { institution_id: Some(Uuid::from_u128(4)), ..caller(Role::Institution, VILLAGE, None) };
    for (caller, seen) in [
        (bureau(), vec![1, 2, 3, 4]),
        (caller(Role::Cadre, COUNTY, None), vec![1, 2, 3, 4]),
        (town(), vec![1, 2]),
        (village(), vec![1]),
        (abroad(), vec![5]),
        (city(), vec![1, 2, 3, 4, 5]),
        (itself.clone(), vec![4]),
        (of_organisation(1), vec![]),
    ] {
        assert_eq!(world.ids(institutions(&caller)).await, seen, "{caller:?}");
    }
    // Nothing else that lies where it lies is an institution's.
    assert_eq!(world.ids(enrolments(&itself)).await, Vec::<u128>::new());
    assert_eq!(world.ids(pairings(&itself)).await, Vec::<u128>::new());
}

#[tokio::test]
async fn needs_and_offers_are_their_keepers_until_they_are_published() {
    let world = World::new().await;
    let row = |number: u128, area: &str, organisation: Option<u128>, state: &str| {
        format!("{}, '{area}', {}, '{state}'", id(number), organisation.map_or("NULL".to_owned(), id))
    };
    let rows = [
        row(1, VILLAGE, None, "draft"),
        row(2, OTHER_VILLAGE, None, "withdrawn"),
        row(3, COUNTY, Some(1), "draft"),
        row(4, OTHER_VILLAGE, None, "published"),
        row(5, TOWN, Some(2), "expired"),
        row(6, VILLAGE_ABROAD, None, "published"),
        row(7, OTHER_TOWN, Some(3), "fulfilled"),
    ];
    world.has(catalogue::Entity, "id, area_code, organisation_id, state", &rows).await;
    for (caller, seen) in [
        (bureau(), vec![1, 2, 3, 4, 5, 7]),
        (town(), vec![1, 4, 5, 7]),
        (village(), vec![1, 4, 7]),
        (of_organisation(1), vec![3, 4, 7]),
        (of_organisation(2), vec![4, 5, 7]),
        (abroad(), vec![6]),
    ] {
        assert_eq!(world.ids(catalogue(&caller)).await, seen, "{caller:?}");
    }
}

#[tokio::test]
async fn what_is_published_is_read_by_all_of_a_county_and_the_rest_by_its_own_sides() {
    let world = World::new().await;
    let row = |number: u128, area: &str, organisation: Option<u128>, state: &str| {
        format!("{}, '{area}', {}, '{state}'", id(number), organisation.map_or("NULL".to_owned(), id))
    };
    let rows = [
        row(1, VILLAGE, Some(1), "nominated"),
        row(2, OTHER_VILLAGE, Some(2), "returned"),
        row(3, OTHER_VILLAGE, Some(2), "published"),
        row(4, COUNTY, Some(1), "unpublished"),
        row(5, TOWN, None, "selected"),
        row(6, VILLAGE_ABROAD, Some(3), "published"),
    ];
    world.has(cases::Entity, "id, area_code, organisation_id, state", &rows).await;
    let hanging: Vec<_> = (1..=6).map(|number| format!("{0}, {0}", id(number))).collect();
    world.has(case_uptakes::Entity, "id, case_id", &hanging).await;
    let items: Vec<_> = [VILLAGE, VILLAGE_ABROAD].into_iter().zip(1..).map(|(area, n)| format!("{}, '{area}'", id(n))).collect();
    world.has(publicity::Entity, "id, area_code", &items).await;
    let cadre = caller(Role::Cadre, COUNTY, None);
    let admin = caller(Role::Admin, COUNTY, None);
    let institution = Caller { institution_id: Some(Uuid::from_u128(2)), ..caller(Role::Institution, TOWN, None) };
    for (caller, seen) in [
        (bureau(), vec![1, 2, 3, 4, 5]),
        (group(), vec![1, 2, 3, 4, 5]),
        (caller(Role::Auditor, COUNTY, None), vec![1, 2, 3, 4, 5]),
        (town(), vec![1, 3, 5]),
        (village(), vec![1, 3]),
        (of_organisation(1), vec![1, 3, 4]),
        (of_organisation(2), vec![2, 3]),
        (of_organisation(3), vec![3]),
        (cadre, vec![3]),
        (admin, vec![3]),
        (institution, vec![3]),
        (abroad(), vec![6]),
        (city(), vec![1, 2, 3, 4, 5, 6]),
    ] {
        assert_eq!(world.ids(cases(&caller)).await, seen, "{caller:?}");
        assert_eq!(world.ids(case_uptakes(&caller)).await, seen, "{caller:?}");
        let appeared = if caller.area_code.starts_with(ABROAD) {
            vec![2]
        } else if caller.area_code == CITY {
            vec![1, 2]
        } else {
            vec![1]
        };
        assert_eq!(world.ids(publicity(&caller)).await, appeared, "{caller:?}");
    }
}

#[tokio::test]
async fn what_somebody_ranks_is_theirs_until_it_is_closed_and_never_the_other_sides() {
    let world = World::new().await;
    let row = |number: u128, area: &str, organisation: Option<u128>, state: &str, on_behalf: bool| {
        let village = organisation.map_or(format!("'{area}'"), |_| "NULL".to_owned());
        let organisation = organisation.map_or("NULL".to_owned(), id);
        let reason = if on_behalf { "'no account'" } else { "NULL" };
        format!("{}, '{area}', {village}, {organisation}, '{state}', {reason}", id(number))
    };
    let rows = [
        row(1, VILLAGE, None, "open", false),
        row(2, VILLAGE, None, "closed", false),
        row(3, NEXT_VILLAGE, None, "open", true),
        row(4, OTHER_VILLAGE, None, "closed", false),
        row(5, TOWN, Some(1), "open", false),
        row(6, TOWN, Some(1), "closed", false),
        row(7, COUNTY, Some(2), "closed", false),
        row(8, VILLAGE_ABROAD, None, "closed", false),
    ];
    world.has(rankings::Entity, "id, area_code, village_code, organisation_id, state, on_behalf_reason", &rows).await;
    for (caller, seen) in [
        (bureau(), vec![2, 4, 6, 7]),
        (caller(Role::Auditor, COUNTY, None), vec![2, 4, 6, 7]),
        (town(), vec![2, 3, 6]),
        (village(), vec![1, 2]),
        (of_organisation(1), vec![5, 6]),
        (of_organisation(2), vec![7]),
        (of_organisation(3), vec![]),
        (abroad(), vec![8]),
    ] {
        assert_eq!(world.ids(rankings(&caller)).await, seen, "{caller:?}");
    }
    let drafts = [(1, COUNTY), (2, ABROAD)].map(|(number, area)| format!("{}, '{area}'", id(number)));
    world.has(assignments::Entity, "id, area_code", &drafts).await;
    let lines = [1, 2].map(|number| format!("{0}, {0}", id(number)));
    world.has(assignments::line::Entity, "id, assignment_id", &lines).await;
    for (caller, seen) in
        [(bureau(), vec![1]), (abroad(), vec![2]), (city(), vec![1, 2]), (town(), vec![]), (of_organisation(1), vec![])]
    {
        assert_eq!(world.ids(assignments(&caller)).await, seen, "{caller:?}");
        assert_eq!(world.ids(assignment_lines(&caller)).await, seen, "{caller:?}");
    }
}

/// The number of a pairing, its kind, village, organisation, household and state.
type Pair<'a> = (u128, &'a str, &'a str, u128, Option<u128>, &'a str);

/// Enters pairings.
async fn pair(world: &World, pairs: &[Pair<'_>]) {
    let rows: Vec<_> = pairs
        .iter()
        .map(|(number, kind, village, organisation, household, state)| {
            let household = household.map_or("NULL".to_owned(), id);
            format!("{}, '{kind}', '{village}', {}, {household}, '{state}'", id(*number), id(*organisation))
        })
        .collect();
    world.has(pairings::Entity, "id, kind, village_code, organisation_id, household_id, state", &rows).await;
}

#[tokio::test]
async fn a_pairing_and_what_hangs_on_it_is_seen_in_its_area_and_by_its_organisation() {
    let world = World::new().await;
    let pairs = [
        (1, "village", VILLAGE, 1, None, "active"),
        (2, "household", VILLAGE, 1, Some(1), "active"),
        (3, "village", OTHER_VILLAGE, 2, None, "active"),
        (4, "village", VILLAGE_ABROAD, 3, None, "active"),
        (5, "village", NEXT_VILLAGE, 1, None, "declined"),
    ];
    pair(&world, &pairs).await;
    let hanging: Vec<_> = pairs.iter().map(|(number, _, village, ..)| format!("{0}, {0}, '{village}'", id(*number))).collect();
    world.has(agreements::Entity, "id, pairing_id, village_code", &hanging).await;
    world.has(projects::Entity, "id, pairing_id, village_code", &hanging).await;
    world.has(progress::Entity, "id, pairing_id, village_code", &hanging).await;
    world.has(outcomes::Entity, "id, pairing_id, village_code", &hanging).await;
    world.has(tasks::Entity, "id, project_id, village_code", &hanging).await;
    world.has(inspections::Entity, "id, pairing_id, village_code", &hanging).await;
    world.has(findings::Entity, "id, pairing_id, village_code", &hanging).await;
    world.has(inspection_rounds::Entity, "id, area_code", &[]).await;

    for (caller, seen) in [
        (bureau(), vec![1, 2, 3, 5]),
        (caller(Role::Auditor, COUNTY, None), vec![1, 2, 3, 5]),
        (town(), vec![1, 2, 5]),
        (village(), vec![1, 2]),
        (of_organisation(1), vec![1, 2, 5]),
        (of_organisation(2), vec![3]),
        (abroad(), vec![4]),
        (city(), vec![1, 2, 3, 4, 5]),
    ] {
        assert_eq!(world.ids(pairings(&caller)).await, seen, "{caller:?}");
        assert_eq!(world.ids(agreements(&caller)).await, seen, "{caller:?}");
        assert_eq!(world.ids(projects(&caller)).await, seen, "{caller:?}");
        assert_eq!(world.ids(progress(&caller)).await, seen, "{caller:?}");
        assert_eq!(world.ids(outcomes(&caller)).await, seen, "{caller:?}");
        assert_eq!(world.ids(tasks(&caller)).await, seen, "{caller:?}");
        assert_eq!(world.ids(inspections(&caller)).await, seen, "{caller:?}");
        assert_eq!(world.ids(findings(&caller)).await, seen, "{caller:?}");
    }
    // Whoever sees families in sums only does not see with whom one of them is paired.
    for (caller, seen) in [(group(), vec![1, 3, 5]), (caller(Role::Cadre, TOWN, None), vec![1, 5])] {
        assert_eq!(world.ids(pairings(&caller)).await, seen, "{caller:?}");
    }
}

#[tokio::test]
async fn rounds_are_seen_by_their_office_and_those_of_a_county_by_its_towns() {
    let world = World::new().await;
    let areas = [COUNTY, TOWN, OTHER_TOWN, ABROAD];
    let rows: Vec<_> = areas.iter().zip(1..).map(|(area, number)| format!("{}, '{area}'", id(number))).collect();
    world.has(inspection_rounds::Entity, "id, area_code", &rows).await;
    world.has(checklists::Entity, "id, area_code", &rows).await;
    for (caller, of_rounds, of_checklists) in [
        (bureau(), vec![1, 2, 3], vec![1, 2, 3]),
        (town(), vec![1, 2], vec![1, 2, 3]),
        (abroad(), vec![4], vec![4]),
        (city(), vec![1, 2, 3, 4], vec![1, 2, 3, 4]),
        (of_organisation(1), vec![], vec![1, 2, 3]),
    ] {
        assert_eq!(world.ids(rounds(&caller)).await, of_rounds, "{caller:?}");
        assert_eq!(world.ids(checklists(&caller)).await, of_checklists, "{caller:?}");
    }
}

#[tokio::test]
async fn figures_and_reports_are_for_those_who_answer_for_the_area() {
    let world = World::new().await;
    let tally = |key: u128, area: &str, figure: &str| format!("'{key}', '{area}', '{figure}'");
    let rows = [
        tally(1, VILLAGE, "enrolments"),
        tally(2, VILLAGE, "pairings"),
        tally(3, OTHER_VILLAGE, "pairings"),
        tally(4, OTHER_VILLAGE, "enrolments"),
        tally(5, VILLAGE_ABROAD, "enrolments"),
        tally(6, VILLAGE_ABROAD, "pairings"),
    ];
    world.has(tallies::Entity, "\"key\", area_code, figure", &rows).await;
    let towns = [TOWN, OTHER_TOWN, "350583104"];
    let rows: Vec<_> = towns.iter().zip(1..).map(|(town, number)| format!("{}, '{town}'", id(number))).collect();
    world.has(reports::Entity, "id, town_code", &rows).await;
    let all = [CITY, COUNTY, TOWN, OTHER_TOWN, VILLAGE, ABROAD];
    world.has(areas::Entity, "code", &all.map(|code| format!("'{code}'"))).await;

    for (caller, keys, of_reports, codes) in [
        (bureau(), vec!["1", "2", "3", "4"], vec![1, 2], vec![COUNTY, TOWN, VILLAGE, OTHER_TOWN]),
        (town(), vec!["1", "2", "4"], vec![1], vec![TOWN, VILLAGE]),
        (village(), vec!["1", "2", "4"], vec![], vec![VILLAGE]),
        // Nobody reports on organisations, and they have no area.
        (of_organisation(1), vec!["1", "4"], vec![], vec![]),
        (abroad(), vec!["5", "6"], vec![3], vec![ABROAD]),
    ] {
        assert_eq!(world.texts(tallies(&caller), tallies::Column::Key).await, keys, "{caller:?}");
        assert_eq!(world.ids(reports(&caller)).await, of_reports, "{caller:?}");
        assert_eq!(world.texts(own_areas(&caller), areas::Column::Code).await, codes, "{caller:?}");
    }
}

/// Families: two of the village, of which the second does not consent; one of the next village, whose pairing is over; one of the
/// other town; one abroad. The sixth and the seventh file continue in the first: one was of the same family, one has moved.
async fn families(world: &World) {
    let places = [VILLAGE, VILLAGE, NEXT_VILLAGE, OTHER_VILLAGE, VILLAGE_ABROAD, VILLAGE, NEXT_VILLAGE]
        .into_iter()
        .zip(1..)
        .collect::<Vec<_>>();
    let rows: Vec<_> = places.iter().map(|(village, number)| format!("{}, '{village}', {}", id(*number), *number != 2)).collect();
    world.has(households::Entity, "id, village_code, consented", &rows).await;
    let rows = [format!("{}, {}, NULL", id(1), id(6)), format!("{}, {}, '2020-04-20'", id(1), id(7))];
    world.has(households::merge::Entity, "kept_id, merged_id, moved_on", &rows).await;
    let organisation = |number: u128| if number == 4 || number == 5 { 2 } else { 1 };
    let state = |number: u128| if number == 3 || number == 7 { "completed" } else { "active" };
    let pairs: Vec<_> = places
        .iter()
        .map(|(village, number)| (*number, "household", *village, organisation(*number), Some(*number), state(*number)))
        .collect();
    pair(world, &pairs).await;
    let hanging: Vec<_> = places.iter().map(|(village, number)| format!("{0}, {0}, '{village}'", id(*number))).collect();
    world.has(plans::Entity, "id, household_id, village_code", &hanging).await;
    world.has(measures::Entity, "id, plan_id, village_code", &hanging).await;
}

#[tokio::test]
async fn an_organisation_sees_the_families_that_it_helps_and_that_consent_and_others_those_of_their_area() {
    let world = World::new().await;
    families(&world).await;
    for (caller, families, all, planned) in [
        (bureau(), vec![1, 2, 3, 4], vec![1, 2, 3, 4, 6, 7], vec![1, 2, 3, 4, 7]),
        (town(), vec![1, 2, 3], vec![1, 2, 3, 6, 7], vec![1, 2, 3, 7]),
        (village(), vec![1, 2], vec![1, 2, 6], vec![1, 2]),
        (of_organisation(1), vec![1], vec![1, 6], vec![1]),
        (of_organisation(2), vec![4, 5], vec![4, 5], vec![4, 5]),
        (of_organisation(3), vec![], vec![], vec![]),
        (abroad(), vec![5], vec![5], vec![5]),
    ] {
        assert_eq!(world.ids(households(&caller)).await, families, "{caller:?}");
        assert_eq!(world.ids(files(&caller)).await, all, "{caller:?}");
        assert_eq!(world.ids(plans(&caller)).await, planned, "{caller:?}");
        assert_eq!(world.ids(measures(&caller)).await, planned, "{caller:?}");
    }
}

#[tokio::test]
async fn an_organisation_sees_what_it_gave_as_long_as_the_family_consents() {
    let world = World::new().await;
    families(&world).await;
    let row = |number: u128, household: u128, village: &str, pairing: Option<u128>| {
        format!("{}, {}, '{village}', {}", id(number), id(household), pairing.map_or("NULL".to_owned(), id))
    };
    let rows = [
        row(1, 1, VILLAGE, Some(1)),
        row(2, 2, VILLAGE, Some(2)),
        // The pairing has ended.
        row(3, 3, NEXT_VILLAGE, Some(3)),
        row(4, 4, OTHER_VILLAGE, Some(4)),
        // The village itself gave it.
        row(5, 1, VILLAGE, None),
        row(6, 5, VILLAGE_ABROAD, None),
    ];
    world.has(assistance::Entity, "id, household_id, village_code, pairing_id", &rows).await;
    for (caller, seen) in [
        (bureau(), vec![1, 2, 3, 4, 5]),
        (town(), vec![1, 2, 3, 5]),
        (village(), vec![1, 2, 5]),
        (of_organisation(1), vec![1, 3]),
        (of_organisation(2), vec![4]),
        (abroad(), vec![6]),
    ] {
        assert_eq!(world.ids(assistance(&caller)).await, seen, "{caller:?}");
    }
}

#[tokio::test]
async fn accounts_and_requests_about_them_are_those_of_ones_area() {
    let world = World::new().await;
    let areas = [COUNTY, TOWN, VILLAGE, OTHER_TOWN, ABROAD, CITY];
    let rows: Vec<_> = areas.iter().zip(1..).map(|(area, number)| format!("{}, '{area}'", id(number))).collect();
    world.has(users::Entity, "id, area_code", &rows).await;
    let asked = |number: u128, area: &str, old: Option<&str>| {
        format!("{}, '{area}', {}", id(number), old.map_or("NULL".to_owned(), |old| format!("'{old}'")))
    };
    let rows = [
        asked(1, TOWN, None),
        asked(2, TOWN, Some(OTHER_TOWN)),
        // Who moves an account in or out of an area manages both.
        asked(3, TOWN, Some(ABROAD)),
        asked(4, ABROAD, Some(TOWN)),
        asked(5, ABROAD, None),
        asked(6, ABROAD, Some(ABROAD)),
    ];
    world.has(account_requests::Entity, "id, area_code, old_area_code", &rows).await;
    let admin = |area: &str| caller(Role::Admin, area, None);
    for (caller, accounts, requests, kept) in [
        (Some(admin(COUNTY)), vec![1, 2, 3, 4], vec![1, 2], vec![COUNTY, TOWN, VILLAGE, OTHER_TOWN]),
        (Some(admin(TOWN)), vec![2, 3], vec![1], vec![TOWN, VILLAGE]),
        (Some(admin(ABROAD)), vec![5], vec![5, 6], vec![ABROAD]),
        (Some(admin(CITY)), vec![1, 2, 3, 4, 5, 6], vec![1, 2, 3, 4, 5, 6], areas.to_vec()),
        // Whoever works on the command line.
        (None, vec![1, 2, 3, 4, 5, 6], vec![1, 2, 3, 4, 5, 6], areas.to_vec()),
    ] {
        let caller = caller.as_ref();
        assert_eq!(world.ids(users(caller)).await, accounts, "{caller:?}");
        assert_eq!(world.ids(account_requests(caller)).await, requests, "{caller:?}");
        let keeps: Vec<_> = areas.into_iter().filter(|area| keeps_accounts_of(caller, area)).collect();
        assert_eq!(keeps, kept, "{caller:?}");
    }
}

#[tokio::test]
async fn the_trail_tells_of_ones_area_and_of_the_service_and_strangers_slips_only_whoever_watches_all() {
    let event = |number: u128, actor: Option<u128>, area: Option<&str>, outcome: &str| {
        let area = area.map_or("NULL".to_owned(), |area| format!("'{area}'"));
        format!("{}, {}, {area}, '{outcome}'", id(number), actor.map_or("NULL".to_owned(), id))
    };
    let events = [
        event(1, Some(1), Some(TOWN), "done"),
        event(2, Some(2), Some(COUNTY), "refused"),
        event(3, Some(3), Some(ABROAD), "done"),
        // By the service itself.
        event(4, None, None, "done"),
        // A failed sign-in to no account, to one of the town, and to one abroad.
        event(5, None, None, "refused"),
        event(6, None, Some(TOWN), "refused"),
        event(7, None, Some(ABROAD), "refused"),
    ];
    let auditor = |area: &str| caller(Role::Auditor, area, None);
    for (accounts, seen) in [
        (vec![COUNTY, TOWN, ABROAD], [vec![1, 2, 4, 6], vec![1, 4, 6], vec![3, 4, 7], vec![1, 2, 3, 4, 5, 6, 7]]),
        // There are accounts elsewhere.
        (vec![COUNTY, "3506"], [vec![1, 2, 4, 6], vec![1, 4, 6], vec![3, 4, 7], vec![1, 2, 3, 4, 6, 7]]),
        // All accounts lie in the county. That of the town does not contain them.
        (vec![COUNTY, TOWN], [vec![1, 2, 4, 5, 6], vec![1, 4, 6], vec![3, 4, 7], vec![1, 2, 3, 4, 5, 6, 7]]),
    ] {
        let world = World::new().await;
        let rows: Vec<_> = accounts.iter().zip(1..).map(|(area, number)| format!("{}, '{area}'", id(number))).collect();
        world.has(users::Entity, "id, area_code", &rows).await;
        world.has(trail::Entity, "id, actor_id, actor_area_code, outcome", &events).await;
        for (area, seen) in [COUNTY, TOWN, ABROAD, CITY].into_iter().zip(seen) {
            assert_eq!(world.ids(audit(&auditor(area))).await, seen, "{area}, with accounts in {accounts:?}");
        }
    }
}

#[tokio::test]
async fn adoptions_are_seen_by_both_sides_and_in_the_area_of_the_institution() {
    let world = World::new().await;
    let places: Vec<_> = [VILLAGE, OTHER_VILLAGE, VILLAGE_ABROAD].into_iter().zip(1..).collect();
    let rows: Vec<_> = places.iter().map(|(area, number)| format!("{}, '{area}'", id(*number))).collect();
    world.has(institutions::Entity, "id, area_code", &rows).await;
    // The second and third institution have the same cadre.
    let rows: Vec<_> = [(1, 7), (2, 8), (3, 8)].iter().map(|(n, cadre)| format!("{0}, {0}, {1}", id(*n), id(*cadre))).collect();
    world.has(adoptions::Entity, "id, institution_id, cadre_id", &rows).await;
    world.has(users::Entity, "id", &[id(7), id(8)]).await;
    let hanging: Vec<_> = (1..=3).map(|number| format!("{0}, {0}", id(number))).collect();
    world.has(adoption_updates::Entity, "id, adoption_id", &hanging).await;
    world.has(help_records::Entity, "id, adoption_id", &hanging).await;
    world.has(difficulties::Entity, "id, institution_id", &hanging).await;
    let cadre = |number: u128| Caller { user_id: Uuid::from_u128(number), ..caller(Role::Cadre, COUNTY, None) };
    let itself = Caller { institution_id: Some(Uuid::from_u128(2)), ..caller(Role::Institution, OTHER_VILLAGE, None) };
    for (caller, seen, raised) in [
        (bureau(), vec![1, 2], vec![1, 2]),
        (town(), vec![1], vec![1]),
        (abroad(), vec![3], vec![3]),
        (itself, vec![2], vec![2]),
        // A cadre chooses by the difficulties of all in the county.
        (cadre(7), vec![1], vec![1, 2]),
        (cadre(8), vec![2, 3], vec![1, 2]),
        (cadre(9), vec![], vec![1, 2]),
        (of_organisation(1), vec![], vec![]),
    ] {
        assert_eq!(world.ids(adoptions(&caller)).await, seen, "{caller:?}");
        assert_eq!(world.ids(adoption_updates(&caller)).await, seen, "{caller:?}");
        assert_eq!(world.ids(help_records(&caller)).await, seen, "{caller:?}");
        assert_eq!(world.ids(difficulties(&caller)).await, raised, "{caller:?}");
    }
}

#[tokio::test]
async fn orders_are_seen_where_they_are_issued_and_received_and_meetings_by_whoever_takes_part() {
    let world = World::new().await;
    let order = |number: u128, issuer: &str, area: Option<&str>, organisation: Option<u128>, issued: bool| {
        let area = area.map_or("NULL".to_owned(), |area| format!("'{area}'"));
        let issued = if issued { format!("'{number}'") } else { "NULL".to_owned() };
        format!("{}, '{issuer}', {area}, {}, {issued}", id(number), organisation.map_or("NULL".to_owned(), id))
    };
    let rows = [
        order(1, COUNTY, Some(TOWN), None, true),
        order(2, COUNTY, Some(VILLAGE), None, true),
        order(3, COUNTY, None, Some(1), true),
        // Nobody receives a draft.
        order(4, COUNTY, Some(TOWN), None, false),
        order(5, COUNTY, None, Some(1), false),
        order(6, TOWN, Some(VILLAGE), None, false),
        order(7, TOWN, None, Some(2), true),
        order(8, ABROAD, None, Some(3), true),
    ];
    world.has(supervision_orders::Entity, "id, issuer_code, area_code, organisation_id, number", &rows).await;

    world.has(campaigns::Entity, "id", &[id(1)]).await;
    world.has(areas::Entity, "code", &[COUNTY, TOWN, ABROAD].map(|code| format!("'{code}'"))).await;
    let called: Vec<_> = [COUNTY, COUNTY, TOWN, ABROAD].into_iter().zip(1..).collect();
    let rows: Vec<_> = called.iter().map(|(area, number)| format!("{}, '{area}', {}", id(*number), id(1))).collect();
    world.has(meetings::Entity, "id, area_code, campaign_id", &rows).await;
    let rows = [
        format!("{}, 1, '{VILLAGE}', NULL", id(1)),
        format!("{}, 2, NULL, {}", id(1), id(1)),
        format!("{}, 1, '{OTHER_TOWN}', NULL", id(2)),
        format!("{}, 1, NULL, {}", id(4), id(2)),
    ];
    world.has(meetings::participant::Entity, "meeting_id, position, area_code, organisation_id", &rows).await;
    for (caller, orders, attended) in [
        (bureau(), vec![1, 2, 3, 4, 5, 6, 7], vec![1, 2, 3]),
        (group(), vec![1, 2, 3, 4, 5, 6, 7], vec![1, 2, 3]),
        (town(), vec![1, 2, 6, 7], vec![1, 3]),
        (village(), vec![2], vec![1]),
        (caller(Role::Village, NEXT_VILLAGE, None), vec![], vec![]),
        (caller(Role::Town, OTHER_TOWN, None), vec![], vec![2]),
        (of_organisation(1), vec![3], vec![1]),
        (of_organisation(2), vec![7], vec![4]),
        (abroad(), vec![8], vec![4]),
        (city(), vec![1, 2, 3, 4, 5, 6, 7, 8], vec![1, 2, 3, 4]),
    ] {
        assert_eq!(world.ids(supervision_orders(&caller)).await, orders, "{caller:?}");
        assert_eq!(world.ids(meetings(&caller)).await, attended, "{caller:?}");
    }
}
