//! The accounts of the demo: one of each role for visitors, and one for each town, village and organisation.

use std::collections::HashMap;

use contract::institutions::Institution;
use contract::users::UserInput;
use contract::{CodedEnum, Lang, Role};
use domains::account_requests::asking;
use domains::auth::password::{self, OneTime};
use domains::users::service::{self, NewUser};
use platform::area::town_of;
use platform::{Caller, Result};
use uuid::Uuid;

use super::{Story, day};

/// The published password of every demo account. It works only with `allow_demo`.
const PASSWORD: &str = "jinjiang-2020-demo";
const COUNTY: &str = "350582";
/// The town of the accounts for visitors: their names are short.
pub const TOWN: &str = "350582106";

/// The accounts that have been made.
pub struct People {
    password_hash: String,
    pub bureau: Caller,
    pub cadre: Caller,
    admin: Caller,
    towns: HashMap<String, Caller>,
    villages: HashMap<String, Caller>,
    organisations: HashMap<Uuid, Caller>,
    /// The organisation with an account for visitors.
    pub shown: Option<Uuid>,
}

/// The accounts for visitors, to be printed.
pub fn accounts() -> String {
    let roles: Vec<_> = Role::ALL.iter().map(|role| format!("  {:<14} {}", account(*role), role.label(Lang::ZhCn))).collect();
    format!("Demo accounts, all with the password {PASSWORD}:\n{}", roles.join("\n"))
}

fn account(role: Role) -> &'static str {
    match role {
        Role::LeadingGroup => "leader",
        Role::SecurityAdmin => "security",
        other => other.code(),
    }
}

/// Makes the accounts of the offices.
pub async fn enter(story: &mut Story) -> Result<People> {
    let password_hash = password::Place::wait().await?.hash(PASSWORD.to_owned()).await?;
    story.tx.now = day(4, 1).and_hms_opt(1, 0, 0).map(|local| local.and_utc()).unwrap_or(story.tx.now);
    let office = |role: Role, name: &str| NewUser {
        account: account(role).to_owned(),
        display_name: name.to_owned(),
        password_hash: password_hash.clone(),
        role,
        area_code: COUNTY.to_owned(),
        organisation_id: None,
        institution_id: None,
        demo: true,
        one_time_until: None,
    };
    let bureau = service::enter(&story.tx, office(Role::Bureau, "王海燕")).await?;
    let cadre = service::enter(&story.tx, office(Role::Cadre, "林晓东")).await?;
    let admin = service::enter(&story.tx, office(Role::Admin, "系统管理员")).await?;
    for (role, name) in [(Role::LeadingGroup, "陈志明"), (Role::Auditor, "黄敏"), (Role::SecurityAdmin, "周建国")] {
        service::enter(&story.tx, office(role, name)).await?;
    }
    Ok(People {
        password_hash,
        bureau,
        cadre,
        admin,
        towns: HashMap::new(),
        villages: HashMap::new(),
        organisations: HashMap::new(),
        shown: None,
    })
}

/// An open request of the administrator for a second account of the bureau.
pub async fn ask(story: &mut Story, people: &People) -> Result<()> {
    let password = OneTime::new(&password::Place::wait().await?).await?;
    let tx = story.act(&people.admin, day(11, 2));
    let input = UserInput {
        account: "bureau-2".to_owned(),
        display_name: "李建平".to_owned(),
        role: Role::Bureau,
        area_code: Some(COUNTY.to_owned()),
        organisation_id: None,
        institution_id: None,
        reason: Some("新调入市民政局社会组织管理科".to_owned()),
    };
    asking::create(tx, input, password).await.map(drop)
}

impl People {
    async fn person(
        &self,
        story: &Story,
        role: Role,
        account: String,
        name: String,
        area: &str,
        organisation: Option<Uuid>,
    ) -> Result<Caller> {
        let new = NewUser {
            account,
            display_name: name,
            password_hash: self.password_hash.clone(),
            role,
            area_code: area.to_owned(),
            organisation_id: organisation,
            institution_id: None,
            demo: true,
            one_time_until: None,
        };
        service::enter(&story.tx, new).await
    }

    /// Makes the account of an institution, for visitors.
    pub async fn institution(&self, story: &Story, institution: &Institution) -> Result<Caller> {
        let new = NewUser {
            account: account(Role::Institution).to_owned(),
            display_name: institution.details.name.chars().take(60).collect(),
            password_hash: self.password_hash.clone(),
            role: Role::Institution,
            area_code: institution.details.area_code.clone(),
            organisation_id: None,
            institution_id: Some(institution.id),
            demo: true,
            one_time_until: None,
        };
        service::enter(&story.tx, new).await
    }

    /// Returns the account of a town, which is made on first use.
    pub async fn town(&mut self, story: &Story, code: &str, name: &str) -> Result<Caller> {
        if let Some(known) = self.towns.get(code) {
            return Ok(known.clone());
        }
        let account = if code == TOWN { "town".to_owned() } else { format!("town-{code}") };
        let made = self.person(story, Role::Town, account, format!("{name}社会事务办"), code, None).await?;
        self.towns.insert(code.to_owned(), made.clone());
        Ok(made)
    }

    /// The towns that have an account, ordered by code.
    pub fn towns_in_order(&self) -> Vec<(&str, &Caller)> {
        let mut towns: Vec<_> = self.towns.iter().map(|(code, office)| (code.as_str(), office)).collect();
        towns.sort_by_key(|(code, _)| *code);
        towns
    }

    /// Returns the account of a village, which is made on first use.
    pub async fn village(&mut self, story: &Story, code: &str, name: &str) -> Result<Caller> {
        if let Some(known) = self.villages.get(code) {
            return Ok(known.clone());
        }
        let first = code.starts_with(TOWN) && !self.villages.keys().any(|known| known.starts_with(TOWN));
        let account = if first { "village".to_owned() } else { format!("village-{code}") };
        let made = self.person(story, Role::Village, account, format!("{name}两委"), code, None).await?;
        self.villages.insert(code.to_owned(), made.clone());
        Ok(made)
    }

    /// Returns the account of an organisation, which is made on first use.
    pub async fn organisation(&mut self, story: &Story, id: Uuid, name: &str, area: &str) -> Result<Caller> {
        if let Some(known) = self.organisations.get(&id) {
            return Ok(known.clone());
        }
        let number = self.organisations.len();
        // An organisation that helps families, in the town of the accounts for visitors.
        let shown = area == TOWN && self.shown.is_none() && name.contains("教育发展促进会");
        if shown {
            self.shown = Some(id);
        }
        let account = if shown { "organisation".to_owned() } else { format!("organisation-{:03}", number + 1) };
        let made = self.person(story, Role::Organisation, account, name.chars().take(60).collect(), area, Some(id)).await?;
        self.organisations.insert(id, made.clone());
        Ok(made)
    }

    /// The account of an organisation, which has been made before.
    pub fn of_organisation(&self, id: Uuid) -> &Caller {
        self.organisations.get(&id).unwrap_or(&self.bureau)
    }

    /// The account of a village, which has been made before.
    pub fn of_village(&self, code: &str) -> &Caller {
        self.villages.get(code).unwrap_or(&self.bureau)
    }

    /// The account of the town that a village lies in.
    pub fn town_of(&self, village_code: &str) -> &Caller {
        self.towns.get(town_of(village_code)).unwrap_or(&self.bureau)
    }
}
