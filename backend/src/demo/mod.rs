//! Demo data: the campaign of 2020 at its real scale, with invented organisations and families.
//!
//! All data goes through the services that real data goes through, by callers of the right role, on the days of the story. A
//! fixed seed makes it the same each time. Afterwards the clock of the service runs on from the last day of the demo.

mod adoptions;
mod campaign;
mod catalogue;
mod households;
mod inspections;
mod institutions;
mod matching;
mod outcomes;
mod pairing;
mod people;
mod publicity;
mod relief;
mod reports;
mod supervision;
mod supply;
mod year;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use domains::areas;
use domains::users;
use domains::villages;
use platform::{App, Caller, Result, Tx};

pub use people::accounts;

/// The instant at which the demo ends. The forms of October are due in two days, and pairings can still be made.
const DEMO_NOW: &str = "2020-11-03T01:00:00Z";
const SEED: u64 = 2020_0028;

mod kept {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "demo")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub clock_ahead_seconds: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The story of the demo: who acts, and on which day.
struct Story {
    tx: Tx,
    random: ChaCha8Rng,
}

impl Story {
    /// Makes `caller` act from now on, at nine in the morning of a day in Jinjiang.
    fn act(&mut self, caller: &Caller, day: NaiveDate) -> &Tx {
        self.tx.caller = Some(caller.clone());
        self.tx.now = morning(day);
        &self.tx
    }
}

/// Fills an empty database in one transaction. A database with accounts stays as it is.
///
/// # Errors
/// The refusal of a service. Nothing is stored then.
pub async fn seed(app: &App) -> Result<()> {
    let mut tx = Tx::system(app).await?;
    tx.now = morning(day(4, 1));
    if users::service::any(&tx.connection).await? {
        return Ok(());
    }
    if let Err(bad) = areas::import::load(&tx, areas::import::JINJIANG.as_bytes()).await? {
        return Err(platform::Error::internal(bad.to_string()));
    }
    villages::service::complete(&tx, "").await?;
    let mut story = Story { tx, random: ChaCha8Rng::seed_from_u64(SEED) };
    let mut people = people::enter(&mut story).await?;
    let campaign = campaign::open(&mut story, &people).await?;
    let catalogue = catalogue::enter(&mut story, &mut people, campaign.id).await?;
    let surveyed = institutions::enter(&mut story, &people).await?;
    let supply = supply::enter(&mut story, &people, &catalogue, campaign.id).await?;
    matching::rank(&mut story, &people, &catalogue, campaign.id).await?;
    let pairings = pairing::make(&mut story, &people, &catalogue, &campaign).await?;
    year::live(app, &mut story, &people, &supply, &pairings).await?;
    supply::expire(&mut story, &people).await?;
    catalogue::latecomers(&mut story, &people, &catalogue, campaign.id).await?;
    let helpers = relief::Helpers::of(&story, &people, &pairings, &supply).await?;
    households::enter(app, &mut story, &people, &catalogue, &helpers).await?;
    // The forms tell of the help of their months, so it is there before them.
    reports::send(&mut story, &people, &campaign).await?;
    adoptions::live(&mut story, &people, campaign.id, &surveyed).await?;
    inspections::live(&mut story, &people, campaign.id, &pairings).await?;
    publicity::tell(&mut story, &people, campaign.id, &pairings).await?;
    supervision::live(&mut story, &people, campaign.id).await?;
    people::ask(&mut story, &people).await?;
    catalogue::renamed_and_merged(&mut story, &people, &catalogue).await?;
    matching::assign(&mut story, &people.bureau, campaign.id).await?;
    let ahead = demo_now() - Utc::now();
    kept::Entity::insert(kept::ActiveModel { id: Set(1), clock_ahead_seconds: Set(ahead.num_seconds()) })
        .exec_without_returning(&story.tx.connection)
        .await?;
    story.tx.commit().await
}

/// Lets the clock of a deployment with demo data run on from the last day of the demo.
pub async fn set_clock(app: &App) -> Result<()> {
    if let Some(ahead) = clock_ahead(&app.database.read).await? {
        app.clock.run_ahead(ahead);
    }
    Ok(())
}

async fn clock_ahead(db: &impl ConnectionTrait) -> Result<Option<TimeDelta>> {
    Ok(kept::Entity::find_by_id(1).one(db).await?.map(|kept| TimeDelta::seconds(kept.clock_ahead_seconds)))
}

fn demo_now() -> DateTime<Utc> {
    DEMO_NOW.parse().unwrap_or_default()
}

/// Nine o'clock on a day in Jinjiang.
fn morning(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(1)
}

/// A day of the demo's year.
fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, month, day).unwrap_or_default()
}
