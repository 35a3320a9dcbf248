//! Who may do what: the table of roles and permissions.
//!
//! A permission opens an operation; whose rows it touches is decided by scope, in the query.

use crate::coded_enum;

coded_enum! {
    /// A person's role.
    pub enum Role {
        Bureau = "bureau" / "市民政局" / "Civil affairs bureau",
        LeadingGroup = "leading_group" / "活动领导小组" / "Leading group",
        Town = "town" / "镇（街道）社会事务办" / "Town office",
        Village = "village" / "村（社区）两委" / "Village committee",
        Organisation = "organisation" / "社会组织" / "Social organisation",
        Institution = "institution" / "民政服务机构" / "Civil-affairs institution",
        Cadre = "cadre" / "民政系统干部职工" / "Bureau cadre",
        Auditor = "auditor" / "审计（纪检）" / "Auditor",
        Admin = "admin" / "系统管理员" / "System administrator",
        SecurityAdmin = "security_admin" / "安全管理员" / "Security administrator",
    }
}

macro_rules! permissions {
    ($( $(#[$meta:meta])* $variant:ident = $code:literal for [$($role:ident),+] ),+ $(,)?) => {
        /// What an operation needs. In the OpenAPI document as `x-permission`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum Permission { $( $(#[$meta])* #[serde(rename = $code)] $variant ),+ }

        impl Permission {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The roles that have it.
            pub fn roles(self) -> &'static [Role] {
                match self { $(Self::$variant => &[$(Role::$role),+]),+ }
            }
        }

        crate::code_schema!(Permission, [$($code),+], "What an operation needs. In the OpenAPI document as `x-permission`.");

        /// The permissions as types, so that a handler's signature can name one.
        pub mod need {
            use super::Permission;
            $(
                #[derive(Debug)]
                pub struct $variant;
                impl super::Needs for $variant {
                    const PERMISSION: Permission = Permission::$variant;
                }
            )+
        }
    };
}

/// A type that stands for a permission.
pub trait Needs: 'static {
    const PERMISSION: Permission;
}

impl Role {
    /// The permissions of this role, on a deployment that keeps the duties of administrators apart or does not.
    pub fn permissions(self, separate_duties: bool) -> Vec<Permission> {
        Permission::ALL.iter().copied().filter(|permission| permission.held_by(self, separate_duties)).collect()
    }

    /// Whether an account of this role is made and changed by two persons: it opens families' files, keeps accounts, or reads the trail.
    pub fn needs_two_persons(self) -> bool {
        const POWER: [Permission; 5] = [
            Permission::RevealHouseholds,
            Permission::ExportHouseholds,
            Permission::WriteUsers,
            Permission::DecideAccounts,
            Permission::ReadAudit,
        ];
        POWER.iter().any(|permission| permission.roles().contains(&self))
    }
}

impl Permission {
    /// Whether a role has it. Where duties are kept apart (三员分立), who keeps accounts does not read what is written of it.
    pub fn held_by(self, role: Role, separate_duties: bool) -> bool {
        self.roles().contains(&role) && !(separate_duties && self == Self::ReadAudit && role == Role::Admin)
    }
}

permissions! {
    /// One's own name and password. All that a one-time password opens: see [`ErrorCode::PasswordChangeRequired`](crate::ErrorCode).
    UseAccount = "account:use" for [Bureau, LeadingGroup, Town, Village, Organisation, Institution, Cadre, Auditor, Admin, SecurityAdmin],
    /// One's own sessions on other devices.
    UseSessions = "sessions:use" for [Bureau, LeadingGroup, Town, Village, Organisation, Institution, Cadre, Auditor, Admin, SecurityAdmin],
    /// What waits for a person.
    ReadWork = "work:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Institution, Cadre, Auditor, Admin, SecurityAdmin],
    ReadAreas = "areas:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Institution, Cadre, Auditor, Admin, SecurityAdmin],
    /// That one village replaces another.
    WriteAreas = "areas:write" for [Bureau],
    ReadCampaigns = "campaigns:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Institution, Cadre, Auditor, Admin, SecurityAdmin],
    WriteCampaigns = "campaigns:write" for [Bureau],
    /// Holidays are the same for all counties of a deployment, and so no bureau's own.
    WriteCalendar = "calendar:write" for [Admin],
    ReadVillages = "villages:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Auditor],
    WriteVillages = "villages:write" for [Bureau, Town, Village],
    ReadOrganisations = "organisations:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Cadre, Auditor],
    WriteOrganisations = "organisations:write" for [Bureau, Town, Organisation],
    /// An institution reads itself alone.
    ReadInstitutions = "institutions:read" for [Bureau, LeadingGroup, Town, Institution, Cadre, Auditor],
    WriteInstitutions = "institutions:write" for [Bureau, Town, Institution],
    /// Cadres who stand by institutions, and what comes of it.
    ReadAdoptions = "adoptions:read" for [Bureau, LeadingGroup, Town, Institution, Cadre, Auditor],
    WriteAdoptions = "adoptions:write" for [Bureau, Institution, Cadre],
    /// Bulk import belongs to those who keep many.
    ImportCatalogue = "catalogue:import" for [Bureau, Town],
    /// The needs of villages and the offers of organisations (供需目录).
    ReadCatalogue = "catalogue:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Auditor],
    WriteCatalogue = "catalogue:write" for [Bureau, Town, Village, Organisation],
    /// Which ones follows from what they belong to.
    ReadAttachments = "attachments:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Institution, Cadre, Auditor],
    WriteAttachments = "attachments:write" for [Bureau, Town, Village, Organisation, Institution],
    ReadEnrolments = "enrolments:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Auditor],
    WriteEnrolments = "enrolments:write" for [Bureau, Town, Village, Organisation],
    ReadPairings = "pairings:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Cadre, Auditor],
    WritePairings = "pairings:write" for [Bureau, Town, Village, Organisation],
    /// Whom villages and organisations would like best; whose, and from when on, is decided by scope.
    ReadRankings = "rankings:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Auditor],
    WriteRankings = "rankings:write" for [Town, Village, Organisation],
    /// Who would go well with whom.
    ReadRecommendations = "recommendations:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Auditor],
    /// The assignment of a whole campaign.
    ReadAssignments = "assignments:read" for [Bureau, LeadingGroup, Auditor],
    WriteAssignments = "assignments:write" for [Bureau],
    ReadAgreements = "agreements:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Auditor],
    WriteAgreements = "agreements:write" for [Bureau, Town, Village, Organisation],
    ReadProjects = "projects:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Auditor],
    WriteProjects = "projects:write" for [Bureau, Town, Village, Organisation],
    ReadProgress = "progress:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Auditor],
    WriteProgress = "progress:write" for [Town, Village, Organisation],
    /// Checklists and rounds of inspections (督促检查).
    ReadRounds = "inspection_rounds:read" for [Bureau, LeadingGroup, Town, Auditor],
    WriteChecklists = "checklists:write" for [Bureau],
    /// Inspections and what they found: villages and organisations their own.
    ReadInspections = "inspections:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Auditor],
    /// Rounds, inspections and findings: the bureau everywhere, a town in itself.
    WriteInspections = "inspections:write" for [Bureau, Town],
    /// The steps of a finding: the responsible side rectifies, somebody else verifies.
    AnswerFindings = "findings:answer" for [Bureau, Town, Village, Organisation],
    ReadReports = "reports:read" for [Bureau, LeadingGroup, Town, Auditor],
    WriteReports = "reports:write" for [Bureau, Town],
    /// Cases, good practices and who has taken them up. Which ones that are not published is decided by scope.
    ReadCases = "cases:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Institution, Cadre, Auditor, Admin, SecurityAdmin],
    WriteCases = "cases:write" for [Bureau, Town, Organisation],
    /// That one has taken up what others do.
    TakeUpCases = "cases:take_up" for [Town, Village, Organisation],
    /// What has appeared of a campaign in public.
    ReadPublicity = "publicity:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Institution, Cadre, Auditor, Admin, SecurityAdmin],
    WritePublicity = "publicity:write" for [Bureau, Town, Village, Organisation],
    ImportPublicity = "publicity:import" for [Bureau, Town],
    /// The figures that the public is told.
    ReadPublications = "publications:read" for [Bureau, LeadingGroup, Town, Auditor],
    WritePublications = "publications:write" for [Bureau],
    /// What is behind, in writing (督查调度). Whoever an order is addressed to receives and answers it.
    ReadSupervisionOrders = "supervision_orders:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Auditor],
    WriteSupervisionOrders = "supervision_orders:write" for [Bureau, Town, Village, Organisation],
    ReadMeetings = "meetings:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Auditor],
    WriteMeetings = "meetings:write" for [Bureau, Town],
    ReadDashboard = "dashboard:read" for [Bureau, LeadingGroup, Town, Village, Organisation, Auditor],
    ReadForecast = "forecast:read" for [Bureau, LeadingGroup, Auditor],
    /// Masked. The leading group sees households in aggregate only; auditors, cadres and administrators not at all.
    ReadHouseholds = "households:read" for [Bureau, Town, Village, Organisation],
    WriteHouseholds = "households:write" for [Town, Village],
    /// To another village, or into another household, and members out of one: within a town the town office, between towns the bureau.
    MoveHouseholds = "households:move" for [Bureau, Town],
    /// In full, one at a time, with a purpose.
    RevealHouseholds = "households:reveal" for [Bureau, Town, Village],
    /// In full, many at a time, with a purpose.
    ExportHouseholds = "households:export" for [Bureau, Town],
    /// Names masked. Auditors are not shown what was written in words.
    ReadAssistance = "assistance:read" for [Bureau, Town, Village, Organisation, Auditor],
    WriteAssistance = "assistance:write" for [Town, Village, Organisation],
    /// Plans of households and their measures.
    ReadPlans = "plans:read" for [Bureau, Town, Village, Organisation],
    WritePlans = "plans:write" for [Town, Village],
    /// Households in aggregate.
    ReadLedger = "ledger:read" for [Bureau, LeadingGroup, Town, Village],
    ReadUsers = "users:read" for [Auditor, Admin, SecurityAdmin],
    WriteUsers = "users:write" for [Admin],
    /// Confirms, as the second of two persons, what an administrator asks for; and takes back what one has asked for.
    DecideAccounts = "accounts:decide" for [Auditor, Admin, SecurityAdmin],
    ReadAudit = "audit:read" for [Auditor, Admin],
}
