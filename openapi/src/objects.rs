//! The kinds of objects, and all that is said of each of them once: its name, its label, its path, who reads it, whether a caller
//! can lose sight of it, and whether files can be attached to it.

use std::fmt::Display;

use crate::resource::Resource;
use crate::{CodedEnum, Permission, coded_enum};

/// Declares the kinds of objects, a row each:
///
/// ```ignore
/// Kind = "kinds" / "中文" / "Kinds" at "/kinds", read by ReadKinds, stays,
///     crate::kinds::Kind { id, version }, files Kind plain for ReadKinds;
/// ```
///
/// `stays` says that nobody loses sight of one that was theirs, `vanishes` that somebody can. Files are optional: who may read
/// them is said there, and whether they are `plain`, or `sealed` because they show a family.
macro_rules! objects {
    (@vanishes stays) => { false };
    (@vanishes vanishes) => { true };
    (@sealed plain) => { false };
    (@sealed sealed) => { true };
    ($(
        $kind:ident = $name:literal / $zh:literal / $en:literal at $path:literal, read by $read:ident, $sight:ident,
        $object:ty { $($id:ident).+, $($version:ident).+ }
        $(, files $files:ident $seal:ident for $needs:ident)?;
    )+) => {
        coded_enum! {
            /// A kind of object, by its name in the history, which its table has as well.
            pub enum ObjectKind {
                $( $kind = $name / $zh / $en ),+
            }
        }

        coded_enum! {
            /// What attachments can belong to.
            pub enum AttachmentObject {
                $( $( $files = $name / $zh / $en, )? )+
            }
        }

        impl ObjectKind {
            /// Its code, also where a constant is needed.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$kind => $name ),+ }
            }

            /// What people call many of it, in Chinese and in English.
            pub const fn labels(self) -> (&'static str, &'static str) {
                match self { $( Self::$kind => ($zh, $en) ),+ }
            }

            /// Path of its list below the API's base; the app has the same.
            pub const fn path(self) -> &'static str {
                match self { $( Self::$kind => $path ),+ }
            }

            /// The permission to read it.
            pub const fn read_by(self) -> Permission {
                match self { $( Self::$kind => Permission::$read ),+ }
            }

            /// Whether a caller can lose sight of one that was theirs, as of a family that withdraws its consent. Nobody is told
            /// of it again then.
            pub const fn vanishes(self) -> bool {
                match self { $( Self::$kind => objects!(@vanishes $sight) ),+ }
            }
        }

        impl AttachmentObject {
            /// The permission to read what is attached to it. For the files of a household it is another one than for the
            /// household: photos and papers show what an answer masks.
            pub const fn read_by(self) -> Permission {
                match self { $( $( Self::$files => Permission::$needs, )? )+ }
            }

            /// Whether files of it show a family: they are sealed, lose their names, and are read for a purpose.
            pub const fn is_private(self) -> bool {
                match self { $( $( Self::$files => objects!(@sealed $seal), )? )+ }
            }
        }

        $(
            impl Resource for $object {
                fn location(&self) -> String {
                    ObjectKind::$kind.location(&self.$($id).+)
                }

                fn version(&self) -> i32 {
                    self.$($version).+
                }
            }
        )+
    };
}

// In the order of the year's work, as auditors choose from them.
objects! {
    Campaign = "campaigns" / "活动" / "Campaigns" at "/campaigns", read by ReadCampaigns, stays,
        crate::campaigns::Campaign { id, version };
    CalendarDay = "calendar_days" / "工作日历" / "Working calendar" at "/calendar-days", read by ReadCampaigns, stays,
        crate::calendar::CalendarDay { id, version };
    Organisation = "organisations" / "社会组织" / "Organisations" at "/organisations", read by ReadOrganisations, stays,
        crate::organisations::Organisation { id, version }, files Organisation plain for ReadOrganisations;
    Village = "villages" / "村（社区）" / "Villages" at "/villages", read by ReadVillages, stays,
        crate::villages::Village { code, version }, files Village plain for ReadVillages;
    Institution = "institutions" / "民政服务机构" / "Institutions" at "/institutions", read by ReadInstitutions, vanishes,
        crate::institutions::Institution { id, version }, files Institution plain for ReadInstitutions;
    Enrolment = "enrolments" / "报名" / "Enrolments" at "/enrolments", read by ReadEnrolments, stays,
        crate::enrolments::Enrolment { id, version };
    CatalogueEntry = "catalogue_entries" / "供需目录" / "Needs and offers" at "/catalogue-entries", read by ReadCatalogue, stays,
        crate::catalogue::CatalogueEntry { id, version }, files CatalogueEntry plain for ReadCatalogue;
    Ranking = "rankings" / "双向选择志愿" / "Rankings" at "/rankings", read by ReadRankings, vanishes,
        crate::rankings::Ranking { id, version };
    Assignment = "assignments" / "结对分配草案" / "Assignments" at "/assignments", read by ReadAssignments, stays,
        crate::assignments::Assignment { id, version };
    Pairing = "pairings" / "结对" / "Pairings" at "/pairings", read by ReadPairings, vanishes,
        crate::pairings::Pairing { id, version };
    Agreement = "agreements" / "结对协议" / "Agreements" at "/agreements", read by ReadAgreements, stays,
        crate::agreements::Agreement { head.id, head.version }, files Agreement plain for ReadAgreements;
    Project = "projects" / "合作项目" / "Projects" at "/projects", read by ReadProjects, stays,
        crate::projects::Project { head.id, head.version }, files Project plain for ReadProjects;
    Task = "tasks" / "任务" / "Tasks" at "/tasks", read by ReadProjects, stays,
        crate::projects::Task { id, version };
    ProgressUpdate = "progress_updates" / "进展情况" / "Progress updates" at "/progress-updates", read by ReadProgress, stays,
        crate::progress::ProgressUpdate { id, version }, files ProgressUpdate plain for ReadProgress;
    Outcome = "outcomes" / "帮扶成效" / "Outcomes" at "/outcomes", read by ReadProgress, stays,
        crate::outcomes::Outcome { id, version }, files Outcome plain for ReadProgress;
    Checklist = "checklists" / "检查清单" / "Checklists" at "/checklists", read by ReadRounds, stays,
        crate::inspections::Checklist { id, version };
    InspectionRound = "inspection_rounds" / "检查批次" / "Rounds of inspections" at "/inspection-rounds", read by ReadRounds, stays,
        crate::inspections::InspectionRound { id, version };
    Inspection = "inspections" / "督促检查" / "Inspections" at "/inspections", read by ReadInspections, stays,
        crate::inspections::Inspection { id, version }, files Inspection plain for ReadInspections;
    Finding = "findings" / "发现问题" / "Findings" at "/findings", read by ReadInspections, stays,
        crate::findings::Finding { id, version }, files Finding plain for ReadInspections;
    Report = "reports" / "每月统计表" / "Monthly reports" at "/reports", read by ReadReports, stays,
        crate::reports::Report { id, version };
    Household = "households" / "帮扶户" / "Households" at "/households", read by ReadHouseholds, vanishes,
        crate::households::Household { head.id, head.version }, files Household sealed for RevealHouseholds;
    Plan = "assistance_plans" / "帮扶方案" / "Plans of households" at "/assistance-plans", read by ReadPlans, vanishes,
        crate::plans::Plan { id, version };
    Measure = "assistance_measures" / "帮扶措施" / "Measures" at "/assistance-measures", read by ReadPlans, vanishes,
        crate::plans::Measure { id, version };
    AssistanceRecord = "assistance_records" / "帮扶记录" / "Assistance records" at "/assistance-records", read by ReadAssistance,
        vanishes, crate::assistance::AssistanceRecord { id, version }, files AssistanceRecord sealed for ReadAssistance;
    Adoption = "adoptions" / "挂钩帮扶" / "Adoptions" at "/adoptions", read by ReadAdoptions, vanishes,
        crate::adoptions::Adoption { id, version };
    AdoptionUpdate = "adoption_updates" / "挂钩帮扶进展" / "Updates of adoptions" at "/adoption-updates", read by ReadAdoptions, vanishes,
        crate::adoptions::AdoptionUpdate { id, version };
    HelpRecord = "help_records" / "挂钩帮扶记录" / "Help for institutions" at "/help-records", read by ReadAdoptions, vanishes,
        crate::adoptions::HelpRecord { id, version };
    Difficulty = "difficulties" / "困难和需求" / "Difficulties" at "/difficulties", read by ReadAdoptions, vanishes,
        crate::adoptions::Difficulty { id, version };
    Case = "cases" / "案例与经验" / "Cases and practices" at "/cases", read by ReadCases, vanishes,
        crate::cases::Case { id, version }, files Case plain for ReadCases;
    CaseUptake = "case_uptakes" / "借鉴情况" / "Practices taken up" at "/case-uptakes", read by ReadCases, vanishes,
        crate::cases::Uptake { id, version };
    PublicityItem = "publicity_items" / "宣传报道" / "Publicity" at "/publicity-items", read by ReadPublicity, stays,
        crate::publicity::PublicityItem { id, version };
    Publication = "publications" / "公开数据" / "Published figures" at "/publications", read by ReadPublications, stays,
        crate::publications::Publication { head.id, head.version };
    SupervisionOrder = "supervision_orders" / "督办单" / "Supervision orders" at "/supervision-orders", read by ReadSupervisionOrders,
        stays, crate::supervision_orders::SupervisionOrder { head.id, head.version },
        files SupervisionOrder plain for ReadSupervisionOrders;
    Meeting = "meetings" / "会议" / "Meetings" at "/meetings", read by ReadMeetings, vanishes,
        crate::meetings::Meeting { head.id, head.version }, files Meeting plain for ReadMeetings;
    AccountRequest = "account_requests" / "账号申请" / "Account requests" at "/account-requests", read by ReadUsers, stays,
        crate::account_requests::AccountRequest { id, version };
    User = "users" / "用户账号" / "User accounts" at "/users", read by ReadUsers, stays,
        crate::users::User { id, version };
}

impl ObjectKind {
    /// The kind whose objects are below `/collection`.
    pub fn of_collection(collection: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.path().strip_prefix('/') == Some(collection))
    }

    /// Path of one of them below the API's base, by its id or code; that of its page in the app.
    pub fn location(self, id: impl Display) -> String {
        format!("{}/{id}", self.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_name_with_dashes() {
        // What is refused is written down under what its address begins with.
        for kind in ObjectKind::ALL {
            assert_eq!(kind.path(), format!("/{}", kind.name().replace('_', "-")));
        }
    }
}
