//! The tree of areas.

use contract::ErrorCode::*;
use domains::areas;
use platform::Tx;

use super::Domain;
use super::authorization::{Made, Target, op};
use crate::both_databases;
use crate::support::*;

pub const DOMAIN: Domain = Domain {
    operations: &[op("list_areas"), op("read_area").on(area).everywhere()],
    pages: &[("bureau", "/areas")],
    ..Domain::EMPTY
};

fn area(_: &TestApp, _: Who) -> Made<'_> {
    Box::pin(async { Target::at(format!("/areas/{VILLAGE_A}")) })
}

both_databases!(the_tree_is_that_of_the_county, async |app| {
    let client = app.as_(Who::Cadre);
    let total = async |query: &str| client.get(&format!("/areas?{query}&limit=1")).await.is(200)["total"].clone();
    assert_eq!(total("within=350582&level=village").await, 405);
    assert_eq!(total("within=350582&level=town").await, 22);
    assert_eq!(total("within=350582&above_villages=true").await, 23);
    assert_eq!(total("within=350582&above_villages=false").await, 405);
    assert_eq!(total("parent_code=350582").await, 22);
    assert_eq!(total("within=350582").await, 428);
    assert_eq!(total("within=350583").await, 3);
    assert_eq!(total("within=99").await, 0);
    let villages = client.walk("/areas?within=350582&level=village", 200).await;
    let pseudo: Vec<_> =
        villages.iter().filter(|area| area["takes_part"] == false).filter_map(|area| area["code"].as_str()).collect();
    assert_eq!(pseudo.len(), 6);
    assert!(pseudo.contains(&"350582102400"), "an industrial estate in an ordinary town");
    let area = client.get(&format!("/areas/{VILLAGE_A}")).await.is(200);
    assert_eq!(area["parent_code"], TOWN_A);
    client.get("/areas/350599").await.refused(NotFound);
});

both_databases!(an_area_is_found_by_one_character_of_its_name, async |app| {
    let found = async |q: &str| {
        let items = app.bureau().walk(&format!("/areas?within=350582&q={q}"), 100).await;
        items.iter().map(|area| area["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    // One character, two characters, characters that occur in no name, and characters that must not act as wildcards.
    let lakes = found("%E6%B9%96").await;
    assert!(lakes.len() > 5 && lakes.iter().all(|name| name.contains('湖')), "{lakes:?}");
    assert_eq!(found("%E6%B0%B8%E6%B9%96").await, ["永湖村委会"]);
    assert!(found("%E9%BE%98").await.is_empty());
    assert!(found("%25").await.is_empty() && found("_").await.is_empty() && found("%5C").await.is_empty());
});

both_databases!(a_table_that_calls_areas_otherwise_says_which, async |app| {
    let same = app.bureau().get(&format!("/areas/{VILLAGE_B}")).await.is(200);
    let same = same["name"].as_str().expect("a name");
    let table = format!(
        "code,name,level,parent_code\n{VILLAGE_A},永湖社区居委会,village,{TOWN_A}\n{VILLAGE_B},{same},village,{TOWN_B}\n\
         350582104299,新村委会,village,{TOWN_A}\n"
    );
    let load = async |tx: &Tx| areas::import::load(tx, table.as_bytes()).await.expect("it is loaded").expect("it is good");
    let tx = Tx::system(&app.app).await.expect("a transaction");
    let tried = load(&tx).await;
    let told: Vec<_> = tried.renamed.iter().map(ToString::to_string).collect();
    assert_eq!((tried.rows, told), (3, vec![format!("{VILLAGE_A}: 永湖村委会 → 永湖社区居委会")]));
    drop(tx);
    assert_eq!(app.bureau().get(&format!("/areas/{VILLAGE_A}")).await.is(200)["name"], "永湖村委会", "a dry run changes nothing");
    let tx = Tx::system(&app.app).await.expect("a transaction");
    assert_eq!(load(&tx).await.renamed.len(), 1);
    assert_eq!(load(&tx).await.renamed, [], "now it is called so");
    tx.commit().await.expect("a commit");
    assert_eq!(app.bureau().get(&format!("/areas/{VILLAGE_A}")).await.is(200)["name"], "永湖社区居委会");
});
