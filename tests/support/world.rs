//! The people, areas and organisations at the beginning of each test.

use std::collections::HashMap;
use std::path::Path;

use baishe::startup;
use chrono::{DateTime, NaiveDate, Utc};
use contract::Role;
use contract::codes::{credit_code_check, organisation_code_check};
use contract::institutions::{InstitutionInput, InstitutionKind};
use contract::organisations::{OrganisationInput, OrganisationKind};
use domains::areas;
use domains::auth::password::Place;
use domains::institutions;
use domains::organisations;
use domains::users::service::{NewUser, enter};
use domains::villages;
use entities::auth::session;
use platform::clock::Clock;
use platform::config::{Config, LogFormat};
use platform::{App, Caller, Tx};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseBackend, EntityTrait};
use tokio::sync::OnceCell;
use uuid::Uuid;

pub const COUNTY: &str = "350582";
pub const TOWN_A: &str = "350582104";
pub const TOWN_B: &str = "350582110";
pub const VILLAGE_A: &str = "350582104206";
pub const VILLAGE_B: &str = "350582110201";
/// The other county, with one town and one village. What lies there does not exist for callers of [`COUNTY`].
pub const OTHER_COUNTY: &str = "350583";
pub const OTHER_TOWN: &str = "350583100";
pub const OTHER_VILLAGE: &str = "350583100201";
const OTHER_AREAS: &str = "code,name,level,parent_code\n350583,南安市,county,3505\n350583100,省新镇,town,350583\n\
     350583100201,满山红村委会,village,350583100\n";

/// The password of every account.
pub const PASSWORD: &str = "quiet-Lychee-Harvest-42";

/// When tests begin: a day in the preparation phase, ten in the morning in Jinjiang.
pub const NOW: &str = "2020-04-20T02:00:00Z";

/// The accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    Bureau,
    LeadingGroup,
    TownA,
    TownB,
    VillageA,
    VillageB,
    OrganisationA,
    OrganisationB,
    Institution,
    Cadre,
    Auditor,
    Admin,
    SecurityAdmin,
    /// The civil affairs bureau of the other county.
    OtherBureau,
}

impl Who {
    pub const ALL: [Self; 14] = [
        Self::Bureau,
        Self::LeadingGroup,
        Self::TownA,
        Self::TownB,
        Self::VillageA,
        Self::VillageB,
        Self::OrganisationA,
        Self::OrganisationB,
        Self::Institution,
        Self::Cadre,
        Self::Auditor,
        Self::Admin,
        Self::SecurityAdmin,
        Self::OtherBureau,
    ];

    pub fn role(self) -> Role {
        match self {
            Self::Bureau | Self::OtherBureau => Role::Bureau,
            Self::LeadingGroup => Role::LeadingGroup,
            Self::TownA | Self::TownB => Role::Town,
            Self::VillageA | Self::VillageB => Role::Village,
            Self::OrganisationA | Self::OrganisationB => Role::Organisation,
            Self::Institution => Role::Institution,
            Self::Cadre => Role::Cadre,
            Self::Auditor => Role::Auditor,
            Self::Admin => Role::Admin,
            Self::SecurityAdmin => Role::SecurityAdmin,
        }
    }

    /// The account's name.
    pub fn account(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    pub fn area(self) -> &'static str {
        match self {
            Self::TownA | Self::Institution => TOWN_A,
            Self::TownB => TOWN_B,
            Self::VillageA => VILLAGE_A,
            Self::VillageB => VILLAGE_B,
            Self::OtherBureau => OTHER_COUNTY,
            _ => COUNTY,
        }
    }
}

/// An account with a session that outlasts every test.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    pub user_id: Uuid,
    pub session_id: Uuid,
}

/// The ids of the template's objects.
#[derive(Default)]
pub struct World {
    pub accounts: HashMap<Who, Account>,
    /// Registered in the county; the organisation of [`Who::OrganisationA`].
    pub organisation_a: Uuid,
    /// Registered in town B; the organisation of [`Who::OrganisationB`].
    pub organisation_b: Uuid,
    /// An organisation of the other county.
    pub other_organisation: Uuid,
    /// Lies in town A; the institution of [`Who::Institution`].
    pub institution: Uuid,
}

/// The instant of a text like `2020-04-20T02:00:00Z`.
pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Noon of a day in Jinjiang.
pub fn noon(date: &str) -> DateTime<Utc> {
    let day: NaiveDate = date.parse().expect("a date");
    day.and_hms_opt(4, 0, 0).expect("an hour").and_utc()
}

/// A credit code with valid check characters, different for each number.
pub fn credit_code(number: u32) -> String {
    let inner = format!("MJ{number:06}");
    let check = organisation_code_check(&inner).expect("letters and digits");
    let body = format!("51350582{inner}{check}");
    // The body only has characters of the base-31 alphabet: digits, M, J and X.
    format!("{body}{}", credit_code_check(&body).expect("a body of the alphabet"))
}

/// The configuration of a service under test.
pub fn config(url: &str, folder: &Path) -> Config {
    Config {
        database_url: Some(url.to_owned().into()),
        database_password_file: None,
        data_dir: folder.to_path_buf(),
        bind: ([127, 0, 0, 1], 0).into(),
        metrics_bind: None,
        otel_exporter_otlp_endpoint: None,
        spa_dir: None,
        keys_dir: None,
        log: "off".to_owned(),
        log_format: LogFormat::Json,
        secure_cookies: false,
        trust_proxy: false,
        allow_demo: false,
        require_second_factor: false,
        separate_duties: false,
        max_connections: 4,
        rate_limit: 100_000,
        max_requests: 512,
        session_idle_days: 14,
        session_days: 90,
        sessions: 20,
        security_contact: None,
        keep_lifted_months: 36,
        keep_withdrawn_months: 6,
        workers: Some(1),
    }
}

/// Fills an empty database, through the services.
pub async fn found(url: &str, folder: &Path) -> World {
    let clock = Clock::system();
    clock.set(instant("2020-03-01T00:00:00Z"));
    let app = startup::prepare(config(url, folder), clock).await.expect("the service is prepared");
    startup::migrate(&app).await.expect("the migrations run");
    let tx = Tx::system(&app).await.expect("a transaction");
    for csv in [areas::import::JINJIANG, OTHER_AREAS] {
        areas::import::load(&tx, csv.as_bytes()).await.expect("the areas are loaded").expect("the areas are good");
    }
    villages::service::complete(&tx, "").await.expect("the villages get profiles");
    let bureau = user(&tx, Who::Bureau, None).await;
    let other = user(&tx, Who::OtherBureau, None).await;
    let mut accounts = HashMap::from([(Who::Bureau, bureau.clone()), (Who::OtherBureau, other.clone())]);
    tx.commit().await.expect("a commit");

    let organisation_a = organisation(&app, &bureau, "晋江市慈善总会", COUNTY, 1).await;
    let organisation_b = organisation(&app, &bureau, "龙湖镇商会", TOWN_B, 2).await;
    let other_organisation = organisation(&app, &other, "南安市慈善总会", OTHER_COUNTY, 3).await;

    let institution = institution(&app, &bureau).await;

    let tx = Tx::system(&app).await.expect("a transaction");
    for who in Who::ALL.into_iter().filter(|who| who.role() != Role::Bureau) {
        let party = match who {
            Who::OrganisationA => Some(organisation_a),
            Who::OrganisationB => Some(organisation_b),
            Who::Institution => Some(institution),
            _ => None,
        };
        accounts.insert(who, user(&tx, who, party).await);
    }
    let mut sessions = HashMap::new();
    for (who, caller) in accounts {
        sessions.insert(who, Account { user_id: caller.user_id, session_id: open_session(&tx, caller.user_id).await });
    }
    tx.commit().await.expect("a commit");
    app.database.read.clone().close().await.expect("the readers close");
    if app.database.backend() == DatabaseBackend::Sqlite {
        // Only this one file is copied. Which connection closes last, and whether it may write, is left to chance, so write the
        // log into the file.
        app.database.writer().execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.expect("the log goes into the file");
    }
    app.database.writer().clone().close().await.expect("the writer closes");
    World { accounts: sessions, organisation_a, organisation_b, other_organisation, institution }
}

/// Hashing is slow on purpose, so it is done once.
static HASH: OnceCell<String> = OnceCell::const_new();

async fn user(tx: &Tx, who: Who, party: Option<Uuid>) -> Caller {
    appoint(tx, &format!("{who:?}"), who.role(), who.area(), party).await
}

/// Creates an account with this name. It acts for the organisation or institution, if its role does.
async fn appoint(tx: &Tx, name: &str, role: Role, area_code: &str, party: Option<Uuid>) -> Caller {
    let new = NewUser {
        account: name.to_lowercase(),
        display_name: name.to_owned(),
        password_hash: HASH
            .get_or_init(async || Place::wait().await.expect("a place").hash(PASSWORD.to_owned()).await.expect("a hash"))
            .await
            .clone(),
        role,
        area_code: area_code.to_owned(),
        organisation_id: party.filter(|_| role == Role::Organisation),
        institution_id: party.filter(|_| role == Role::Institution),
        demo: false,
        one_time_until: None,
    };
    enter(tx, new).await.expect("an account")
}

/// Adds an account to those of the template, with a session that outlasts the test.
pub(super) async fn join(app: &App, name: &str, role: Role, area_code: &str, party: Option<Uuid>) -> Account {
    let tx = Tx::system(app).await.expect("a transaction");
    let user_id = appoint(&tx, name, role, area_code, party).await.user_id;
    let account = Account { user_id, session_id: open_session(&tx, user_id).await };
    tx.commit().await.expect("a commit");
    account
}

async fn organisation(app: &App, caller: &Caller, name: &str, area: &str, number: u32) -> Uuid {
    let tx = Tx::of(app, caller.clone()).await.expect("a transaction");
    let input = OrganisationInput {
        name: name.to_owned(),
        credit_code: credit_code(number),
        kind: OrganisationKind::Association,
        rating: None,
        area_code: area.to_owned(),
        strengths: None,
        member_count: None,
        contact_name: None,
        contact_phone: None,
        directed_donations: Vec::new(),
    };
    let made = organisations::service::create(&tx, input).await.expect("an organisation");
    tx.commit().await.expect("a commit");
    made.id
}

async fn institution(app: &App, caller: &Caller) -> Uuid {
    let tx = Tx::of(app, caller.clone()).await.expect("a transaction");
    let input = InstitutionInput {
        name: "东石镇敬老院".to_owned(),
        code: "JJ001".to_owned(),
        kind: InstitutionKind::CareHome,
        area_code: TOWN_A.to_owned(),
        address: None,
        bed_count: Some(60),
        staff_count: Some(9),
        served_count: Some(37),
        difficulties: None,
        contact_name: None,
        contact_phone: None,
    };
    let made = institutions::service::create(&tx, input).await.expect("an institution");
    tx.commit().await.expect("a commit");
    made.id
}

async fn open_session(tx: &Tx, user_id: Uuid) -> Uuid {
    let id = Uuid::now_v7();
    session::Entity::insert(session::ActiveModel {
        id: Set(id),
        user_id: Set(user_id),
        family_hash: Set(Some(id.simple().to_string())),
        refresh_hash: Set(id.simple().to_string()),
        previous_hash: Set(None),
        rotated_at: Set(tx.now),
        created_at: Set(tx.now),
        last_used_at: Set(tx.now),
        expires_at: Set(instant("2100-01-01T00:00:00Z")),
        ended_at: Set(None),
        user_agent: Set(None),
        address: Set(None),
    })
    .exec_without_returning(&tx.connection)
    .await
    .expect("a session");
    id
}
