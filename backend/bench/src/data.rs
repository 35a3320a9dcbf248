//! Pairings by the million: written by the database itself, the same each time.
//!
//! Half of them lie in one county, the others in counties of a thousand each: so that both the one that grows and a small one in a
//! large database are measured. Each pairing has its organisation, its history, and most of them an agreement, a project with two tasks, a
//! progress update and an outcome.

use std::time::Instant;

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr};
use uuid::Uuid;

/// The county with half of all pairings, and one of a thousand.
pub const LARGE: &str = "350582";
pub const SMALL: &str = "360001";
const SMALL_COUNTY: u64 = 1_000;
/// A month in which all active pairings have reported.
pub const MONTH: &str = "2020-06";

/// What an id belongs to.
#[derive(Clone, Copy)]
pub enum Kind {
    User = 1,
    Session,
    Campaign,
    Organisation,
    Enrolment,
    Pairing,
    Agreement,
    Project,
    Task,
    Update,
    Outcome,
    Report,
    Event,
    Household,
    Status,
}

/// The id of the `n`th of a kind.
pub fn id(kind: Kind, n: u64) -> Uuid {
    Uuid::from_u128(((kind as u128) << 96) | (0x7000_8000 << 48) | u128::from(n))
}

/// Bureau accounts of the large county beside the first: as many as ask for families at once, for each has so many searches an hour.
pub const SEARCHERS: u64 = 32;

/// Who else of the large county opens a front page: the office of a town, the committee of a village, an organisation.
pub const TOWN: u64 = 2 + SEARCHERS;
pub const VILLAGE: u64 = TOWN + 1;
pub const ORGANISATION: u64 = VILLAGE + 1;

/// The village of the `n`th pairing, and of the `n`th household.
pub fn village_of(n: u64, pairings: u64) -> String {
    let half = pairings / 2;
    let county = if n < half { 350_582 } else { 360_001 + (n - half) / SMALL_COUNTY };
    let village = n % 400;
    format!("{county}{}{}", 100 + village / 20, 200 + village % 20)
}

/// How the two databases write what standard SQL has no words for.
struct Sql {
    backend: DatabaseBackend,
}

impl Sql {
    fn postgres(&self) -> bool {
        self.backend == DatabaseBackend::Postgres
    }

    /// [`id`] of an expression.
    fn id(&self, kind: Kind, n: &str) -> String {
        let kind = kind as u8;
        if self.postgres() {
            format!("('{kind:08x}-0000-7000-8000-' || lpad(to_hex(({n})::bigint), 12, '0'))::uuid")
        } else {
            format!("unhex('{kind:08x}000070008000' || printf('%012x', {n}))")
        }
    }

    /// The numbers from 0 as `s(n)`.
    fn series(&self, count: u64) -> String {
        if self.postgres() {
            format!("generate_series(0, {}) AS s(n)", count as i64 - 1)
        } else {
            format!(
                "(WITH RECURSIVE r(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM r WHERE n < {}) SELECT n FROM r) AS s",
                count - 1
            )
        }
    }

    /// An instant of 2020, later with each number.
    fn instant(&self, n: &str) -> String {
        if self.postgres() {
            format!("TIMESTAMPTZ '2020-06-01T00:00:00Z' + ({n}) * INTERVAL '10 seconds'")
        } else {
            format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', 1590969600 + ({n}) * 10, 'unixepoch')")
        }
    }

    fn date(&self, date: &str) -> String {
        if self.postgres() { format!("DATE '{date}'") } else { format!("'{date}'") }
    }

    fn flag(&self, yes: bool) -> &'static str {
        match (self.postgres(), yes) {
            (true, true) => "TRUE",
            (true, false) => "FALSE",
            (false, true) => "1",
            (false, false) => "0",
        }
    }
}

/// Fills an empty database that is migrated.
pub async fn load(db: &DatabaseConnection, pairings: u64) -> Result<(), DbErr> {
    let started = Instant::now();
    let sql = Sql { backend: db.get_database_backend() };
    if !sql.postgres() {
        db.execute_unprepared("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -262144").await?;
    }
    for (table, statement) in statements(&sql, pairings) {
        let begun = Instant::now();
        let rows = db.execute_unprepared(&statement).await?.rows_affected();
        if begun.elapsed().as_secs() >= 5 {
            println!("    {table}: {rows} rows in {} s", begun.elapsed().as_secs());
        }
    }
    println!("  {pairings} pairings' worth of data loaded in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// What PostgreSQL does by itself some time after, and the same for SQLite.
pub async fn settle(db: &DatabaseConnection) -> Result<(), DbErr> {
    let postgres = db.get_database_backend() == DatabaseBackend::Postgres;
    db.execute_unprepared(if postgres { "VACUUM (ANALYZE)" } else { "ANALYZE" }).await?;
    if !postgres {
        db.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
    }
    Ok(())
}

fn statements(sql: &Sql, pairings: u64) -> Vec<(&'static str, String)> {
    let half = pairings / 2;
    let counties = 1 + (pairings - half).div_ceil(SMALL_COUNTY);
    // The county of a pairing and of its organisation, by number and by code.
    let county = |n: &str| format!("CASE WHEN {n} < {half} THEN 0 ELSE 1 + ({n} - {half}) / {SMALL_COUNTY} END");
    let county_of = county("n");
    let code = |number: &str| format!("CASE WHEN ({number}) = 0 THEN '{LARGE}' ELSE CAST(360000 + ({number}) AS text) END");
    let town = |county: &str, number: &str| format!("{} || CAST(100 + ({number}) AS text)", code(county));
    let village = |county: &str, number: &str| {
        format!("{} || CAST(200 + ({number}) % 20 AS text)", town(county, &format!("({number}) / 20")))
    };
    let village_of = |n: &str| village(&county(n), &format!("{n} % 400"));
    let of_pairing = village_of("n");
    let (in_force, now, created) = ("n % 10 > 3", sql.instant("n"), sql.instant("0"));
    let (yes, no) = (sql.flag(true), sql.flag(false));
    let (start, end, far, june) =
        (sql.date("2020-04-15"), sql.date("2020-12-31"), sql.date("2099-12-31"), sql.date("2020-06-15"));
    let word = |from: &str, divisor: u32| format!("substr('{from}', 1 + CAST(n / {divisor} % 10 AS integer) * 2, 2)");
    // As it stands, as it is ordered by, and as it is found by.
    let called = |name: &str| format!("{name}, {name}, '|' || {name}");
    let name = format!(
        "{} || {} || {} || CAST(n AS text) || substr('促进会联合会基金会', 1 + CAST(n % 3 AS integer) * 3, 3)",
        word("晋江磁灶龙湖安海东石深沪金井英林内坑紫帽", 1),
        word("慈善志愿助学敬老爱心莲花青松春晖同行明德", 10),
        word("鞋业纺织石材食品雨伞陶瓷茶叶渔业花卉果蔬", 100),
    );
    let (campaign, organisation, pairing, project, update) = (
        sql.id(Kind::Campaign, &county_of),
        sql.id(Kind::Organisation, "n"),
        sql.id(Kind::Pairing, "n"),
        sql.id(Kind::Project, "n"),
        sql.id(Kind::Update, "n"),
    );
    let account = |n: u64, role: &str, area: &str, organisation: &str| {
        let user = sql.id(Kind::User, &n.to_string());
        let name = called("'民政局'");
        format!("({user}, '{role}{n}', {name}, '-', '{role}', {area}, {organisation}, {no}, {no}, {created}, {created}, 1)")
    };
    let areas = [LARGE, SMALL].into_iter().chain(std::iter::repeat_n(LARGE, SEARCHERS as usize));
    let mut users: Vec<_> = areas.zip(0..).map(|(area, n)| account(n, "bureau", &format!("'{area}'"), "NULL")).collect();
    users.push(account(TOWN, "town", &format!("'{LARGE}100'"), "NULL"));
    users.push(account(VILLAGE, "village", &format!("'{LARGE}100200'"), "NULL"));
    users.push(account(ORGANISATION, "organisation", &format!("'{LARGE}'"), &sql.id(Kind::Organisation, "0")));
    let sessions = (0..=ORGANISATION).map(|n: u64| {
        let (session, user) = (sql.id(Kind::Session, &n.to_string()), sql.id(Kind::User, &n.to_string()));
        let forever = if sql.postgres() { "TIMESTAMPTZ '2099-01-01T00:00:00Z'" } else { "'2099-01-01T00:00:00+00:00'" };
        format!("({session}, {user}, '-{n}', {created}, {created}, {created}, {forever})")
    });
    let all = |count| sql.series(count);
    let series = all(pairings);
    vec![
        (
            "areas",
            format!(
                "INSERT INTO areas (code, name, name_key, name_words, level, parent_code, takes_part) \
                 SELECT {}, {}, 'county', NULL, {yes} FROM {}",
                code("n"),
                called("'第' || CAST(n AS text) || '县'"),
                all(counties)
            ),
        ),
        (
            "areas",
            format!(
                "INSERT INTO areas (code, name, name_key, name_words, level, parent_code, takes_part) \
                 SELECT {}, {}, 'town', {}, {yes} FROM {}",
                town("n / 20", "n % 20"),
                called("'第' || CAST(n AS text) || '镇'"),
                code("n / 20"),
                all(counties * 20)
            ),
        ),
        (
            "areas",
            format!(
                "INSERT INTO areas (code, name, name_key, name_words, level, parent_code, takes_part) \
                 SELECT {}, {}, 'village', {}, {yes} FROM {}",
                village("n / 400", "n % 400"),
                called(&format!("{} || CAST(n AS text) || '村委会'", word("东山梅岭青阳罗山新塘池店西滨永和灵源陈埭", 1))),
                town("n / 400", "n % 400 / 20"),
                all(counties * 400)
            ),
        ),
        (
            "villages",
            format!(
                "INSERT INTO villages (code, industries, old_base, low_income_households, created_at, updated_at, version) \
                 SELECT {}, '[]', {no}, n % 30, {created}, {now}, 1 FROM {}",
                village("n / 400", "n % 400"),
                all(counties * 400)
            ),
        ),
        (
            "users",
            format!(
                "INSERT INTO users (id, account, display_name, name_key, name_words, password_hash, role, area_code, organisation_id, disabled, demo, created_at, updated_at, version) \
                 VALUES {}",
                users.join(", ")
            ),
        ),
        (
            "sessions",
            format!(
                "INSERT INTO sessions (id, user_id, refresh_hash, rotated_at, created_at, last_used_at, expires_at) VALUES {}",
                sessions.collect::<Vec<_>>().join(", ")
            ),
        ),
        (
            "campaigns",
            format!(
                "INSERT INTO campaigns (id, title, name_key, name_words, document_number, agreement_prefix, area_code, starts_on, ends_on, phases, milestones, \
                 settings, targets, leading_group, due_days, created_at, updated_at, version) \
                 SELECT {}, {}, '民〔2020〕28号', '百社协', {}, {start}, {end}, '[]', '[]', '{{}}', \
                 '[{{\"indicator\":\"jobs_offered\",\"target\":500}}]', '[]', '[]', {created}, {created}, 1 FROM {}",
                sql.id(Kind::Campaign, "n"),
                called("'2020年“百社解千难”活动'"),
                code("n"),
                all(counties)
            ),
        ),
        (
            "organisations",
            format!(
                "INSERT INTO organisations (id, name, name_key, name_words, credit_code, kind, area_code, strengths, member_count, state, \
                 created_at, updated_at, version) \
                 SELECT {organisation}, {}, CAST(910000000000000000 + n AS text), 'association', {}, '资金、市场渠道', n % 200, 'active', \
                 {created}, {now}, 1 FROM {series}",
                called(&name),
                code(&county_of)
            ),
        ),
        (
            "enrolments",
            format!(
                "INSERT INTO enrolments (id, campaign_id, kind, organisation_id, area_code, state, created_at, updated_at, version) \
                 SELECT {}, {campaign}, 'organisation', {organisation}, {}, CASE n % 1000 WHEN 1 THEN 'applied' WHEN 2 THEN 'declined' ELSE 'confirmed' END, {created}, {now}, 2 \
                 FROM {series}",
                sql.id(Kind::Enrolment, "n"),
                code(&county_of)
            ),
        ),
        (
            "pairings",
            format!(
                "INSERT INTO pairings (id, campaign_id, organisation_id, village_code, state, proposed_by, answer_due_on, active_since, \
                 created_at, updated_at, version) \
                 SELECT {pairing}, {campaign}, {organisation}, {of_pairing}, \
                 CASE n % 10 WHEN 0 THEN 'proposed' WHEN 1 THEN 'accepted' WHEN 2 THEN 'confirmed' WHEN 3 THEN 'declined' ELSE 'active' END, \
                 'organisation', {far}, CASE WHEN {in_force} THEN {start} END, {created}, {now}, 3 FROM {series}"
            ),
        ),
        (
            "agreements",
            format!(
                "INSERT INTO agreements (id, pairing_id, village_code, campaign_id, number, state, starts_on, ends_on, signed_on, organisation_signatory, \
                 village_signatory, cooperation_content, organisation_obligations, village_obligations, created_at, updated_at, version) \
                 SELECT {}, {pairing}, {of_pairing}, {campaign}, '百社协〔2020〕' || CAST(n AS text) || '号', 'signed', {start}, {far}, {start}, '蔡文良', \
                 '许清水', '结对共建', '落实资金', '如实提供', {created}, {now}, 2 FROM {series} WHERE {in_force}",
                sql.id(Kind::Agreement, "n")
            ),
        ),
        (
            "projects",
            format!(
                "INSERT INTO projects (id, pairing_id, village_code, title, name_words, goal, cooperation_form, plan, budget_fen, spent_fen, funding, expected_outcomes, \
                 starts_on, ends_on, state, created_at, updated_at, version) \
                 SELECT {project}, {pairing}, {of_pairing}, {title}, '|' || {title}, 'collective_economy', '订单收购', '全年三期', 1000000, 0, \
                 '[]', '[]', {start}, {end}, CASE n % 1000 WHEN 5 THEN 'submitted' WHEN 6 THEN 'completed' WHEN 7 THEN 'accepted' ELSE 'in_progress' END, \
                 {created}, {now}, 4 FROM {series} WHERE {in_force}",
                title = format!("{} || '种植基地' || CAST(n AS text)", word("莲藕茶叶香菇脐橙龙眼紫菜鲍鱼番薯花生蜂蜜", 1))
            ),
        ),
        (
            "tasks",
            format!(
                "INSERT INTO tasks (id, project_id, village_code, month, title, name_words, responsible, due_on, weight, state, position, created_at, updated_at, version) \
                 SELECT {}, {}, {}, '2020-06', '完成第' || CAST(n % 2 + 1 AS text) || '批苗木', '|完成第' || CAST(n % 2 + 1 AS text) || '批苗木', 'village', {june}, 1, 'open', n % 2, {created}, {now}, 1 \
                 FROM {} WHERE n / 2 % 10 > 3",
                sql.id(Kind::Task, "n"),
                sql.id(Kind::Project, "n / 2"),
                village_of("(n / 2)"),
                all(pairings * 2)
            ),
        ),
        (
            "progress_updates",
            format!(
                "INSERT INTO progress_updates (id, pairing_id, village_code, month, content, progress, created_at, updated_at, version) \
                 SELECT {update}, {pairing}, {of_pairing}, '{MONTH}', '帮助发展种植', '已完成第一批', {created}, {now}, 1 FROM {series} WHERE {in_force}"
            ),
        ),
        (
            "outcomes",
            format!(
                "INSERT INTO outcomes (id, pairing_id, village_code, progress_update_id, project_id, indicator, quantity, happened_on, state, \
                 created_at, updated_at, version) \
                 SELECT {}, {pairing}, {of_pairing}, {update}, {project}, 'jobs_offered', n % 20 + 1, {june}, 'confirmed', {created}, {now}, 2 \
                 FROM {series} WHERE {in_force}",
                sql.id(Kind::Outcome, "n")
            ),
        ),
        (
            "reports",
            format!(
                "INSERT INTO reports (id, campaign_id, town_code, town_name, month, state, unit, rows, row_count, left_out, submitted_at, \
                 created_at, updated_at, version) \
                 SELECT {}, {}, {}, '镇', '{MONTH}', 'submitted', '社会事务办', '[]', 0, '[]', {created}, {created}, {now}, 2 FROM {}",
                sql.id(Kind::Report, "n"),
                sql.id(Kind::Campaign, "n / 20"),
                town("n / 20", "n % 20"),
                all(counties * 20)
            ),
        ),
        (
            "audit_events",
            format!(
                "INSERT INTO audit_events (id, at, action, object_type, object_id, changes, block) \
                 SELECT {}, {now}, 'propose', 'pairings', CAST(n AS text), '[]', 0 FROM {series}",
                sql.id(Kind::Event, "n")
            ),
        ),
    ]
}
