//! The structure of the app, in the order of the year's work. The menu, the breadcrumbs and the titles of the window come from
//! this table.

use contract::{ObjectKind, Permission};

use crate::i18n::{Text, texts};

/// A group of the menu, which unfolds into its entries. If a person may open only one of them, the group becomes that entry.
#[derive(Debug)]
pub struct Group {
    /// The key under which its unfolded state is stored.
    pub key: &'static str,
    pub title: Text,
    /// The icon beside the title: an SVG path in a square of 24 units.
    pub icon: &'static str,
    /// Whether a line stands above it, between the work and its basis.
    pub apart: bool,
    pub entries: &'static [Entry],
}

/// A page that the menu links to. Pages below it belong to it.
#[derive(Debug)]
pub struct Entry {
    pub path: &'static str,
    pub text: Text,
    pub needs: Permission,
}

const fn entry(path: &'static str, text: Text, needs: Permission) -> Entry {
    Entry { path, text, needs }
}

/// The list of a kind of object.
const fn list(kind: ObjectKind) -> Entry {
    let (zh, en) = kind.labels();
    named(kind, Text { zh, en })
}

/// The list of a kind of object, under another name in the menu.
const fn named(kind: ObjectKind, text: Text) -> Entry {
    entry(kind.path(), text, kind.read_by())
}

/// The menu.
pub const GROUPS: &[Group] = &[
    Group {
        key: "home",
        title: texts::nav::HOME,
        icon: "M9 11l3 3 8-8M20 12v7a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h9",
        apart: false,
        entries: &[entry("/", texts::nav::HOME, Permission::UseAccount)],
    },
    Group {
        key: "dashboard",
        title: texts::nav::DASHBOARD,
        icon: "M4 20V10M10 20V4M16 20v-7M22 20H2",
        apart: false,
        entries: &[
            entry("/dashboard", texts::nav::DASHBOARD, Permission::ReadDashboard),
            entry("/forecast", texts::nav::FORECAST, Permission::ReadForecast),
        ],
    },
    Group {
        key: "pairings",
        title: texts::nav::PAIRINGS,
        icon: "M3 12a5 5 0 1 0 10 0 5 5 0 1 0-10 0M11 12a5 5 0 1 0 10 0 5 5 0 1 0-10 0",
        apart: false,
        entries: &[
            named(ObjectKind::Pairing, texts::nav::ALL_PAIRINGS),
            named(ObjectKind::CatalogueEntry, texts::nav::CATALOGUE),
            named(ObjectKind::Enrolment, texts::nav::ENROLMENTS),
            entry("/recommendations", texts::nav::RECOMMENDATIONS, Permission::ReadRecommendations),
            named(ObjectKind::Ranking, texts::nav::RANKINGS),
            named(ObjectKind::Assignment, texts::nav::ASSIGNMENTS),
            named(ObjectKind::Agreement, texts::nav::AGREEMENTS),
        ],
    },
    Group {
        key: "adoptions",
        title: texts::nav::ADOPTIONS,
        icon: "M12 20s-7-4.5-7-9.5A3.8 3.8 0 0 1 12 8a3.8 3.8 0 0 1 7 2.5c0 5-7 9.5-7 9.5z",
        apart: false,
        entries: &[
            named(ObjectKind::Adoption, texts::nav::ALL_ADOPTIONS),
            named(ObjectKind::AdoptionUpdate, texts::nav::ADOPTION_UPDATES),
            named(ObjectKind::HelpRecord, texts::nav::HELP),
            named(ObjectKind::Difficulty, texts::nav::DIFFICULTIES),
            entry("/cadre-year", texts::nav::CADRE_YEAR, Permission::ReadAdoptions),
        ],
    },
    Group {
        key: "projects",
        title: texts::nav::PROJECTS,
        icon: "M4 6h10M8 12h10M6 18h8",
        apart: false,
        entries: &[
            named(ObjectKind::Project, texts::nav::ALL_PROJECTS),
            list(ObjectKind::Task),
            named(ObjectKind::ProgressUpdate, texts::nav::PROGRESS),
            list(ObjectKind::Outcome),
        ],
    },
    Group {
        key: "households",
        title: texts::nav::HOUSEHOLDS,
        icon: "M3 11l9-7 9 7v9H3zM10 20v-6h4v6",
        apart: false,
        entries: &[
            entry("/visit", texts::nav::VISIT, Permission::WriteAssistance),
            named(ObjectKind::Household, texts::nav::HOUSEHOLD_FILES),
            list(ObjectKind::Plan),
            list(ObjectKind::Measure),
            list(ObjectKind::AssistanceRecord),
            entry("/household-ledger", texts::nav::LEDGER, Permission::ReadLedger),
        ],
    },
    Group {
        key: "reports",
        title: texts::nav::REPORTING,
        icon: "M5 3h14v18H5zM8 8h8M8 12h8M8 16h5",
        apart: false,
        entries: &[
            named(ObjectKind::Report, texts::nav::REPORTS),
            entry("/report-months", texts::nav::REPORT_MONTHS, Permission::ReadReports),
        ],
    },
    Group {
        key: "supervision",
        title: texts::nav::SUPERVISION,
        icon: "M4 11a7 7 0 1 0 14 0 7 7 0 1 0-14 0M16 16l5 5M8 11l2 2 4-4",
        apart: false,
        entries: &[
            list(ObjectKind::InspectionRound),
            list(ObjectKind::Inspection),
            list(ObjectKind::Finding),
            list(ObjectKind::SupervisionOrder),
            list(ObjectKind::Meeting),
            entry("/on-site", texts::nav::ON_SITE, Permission::WriteInspections),
            list(ObjectKind::Checklist),
        ],
    },
    Group {
        key: "publicity",
        title: texts::nav::PUBLICITY,
        icon: "M4 10v4h4l7 4V6L8 10zM18 9a4 4 0 0 1 0 6",
        apart: false,
        entries: &[
            named(ObjectKind::Case, texts::nav::CASES),
            named(ObjectKind::CaseUptake, texts::nav::UPTAKES),
            named(ObjectKind::PublicityItem, texts::nav::PUBLICITY_ITEMS),
            entry("/publicity-months", texts::nav::PUBLICITY_MONTHS, Permission::ReadPublicity),
            list(ObjectKind::Publication),
        ],
    },
    Group {
        key: "reference",
        title: texts::nav::REFERENCE,
        icon: "M12 3l9 5-9 5-9-5zM3 13l9 5 9-5",
        apart: true,
        entries: &[
            named(ObjectKind::Campaign, texts::nav::CAMPAIGNS),
            entry("/areas", texts::nav::AREAS, Permission::ReadAreas),
            list(ObjectKind::Village),
            list(ObjectKind::Organisation),
            list(ObjectKind::Institution),
            list(ObjectKind::CalendarDay),
        ],
    },
    Group {
        key: "system",
        title: texts::nav::SYSTEM,
        icon: "M9 12a3 3 0 1 0 6 0 3 3 0 1 0-6 0M12 2v4M12 18v4M2 12h4M18 12h4M5 5l3 3M16 16l3 3M19 5l-3 3M8 16l-3 3",
        apart: false,
        entries: &[
            list(ObjectKind::User),
            list(ObjectKind::AccountRequest),
            entry("/audit-events", texts::nav::AUDIT, Permission::ReadAudit),
        ],
    },
];

impl Entry {
    /// Whether a path is this page, or one below it.
    pub fn holds(&self, path: &str) -> bool {
        path.strip_prefix(self.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl Group {
    /// Whether a path belongs to one of the group's entries.
    pub fn holds(&self, path: &str) -> bool {
        self.entries.iter().any(|entry| entry.holds(path))
    }
}

/// The entry with exactly this path.
pub fn at(path: &str) -> Option<&'static Entry> {
    GROUPS.iter().flat_map(|group| group.entries).find(|entry| entry.path == path)
}

/// The breadcrumbs of a page below an entry.
#[derive(Debug)]
pub struct Trail {
    /// The group of the menu, if it has several entries.
    pub group: Option<Text>,
    pub entry: &'static Entry,
    /// The record to which the page, such as its form, belongs.
    pub record: Option<String>,
}

/// The breadcrumbs of a page; `None` for an entry itself, and for a page outside the menu.
pub fn trail(path: &str) -> Option<Trail> {
    let group = GROUPS.iter().find(|group| group.holds(path))?;
    let entry = group.entries.iter().find(|entry| entry.holds(path))?;
    let below = path[entry.path.len()..].strip_prefix('/')?;
    let record = below.split_once('/').map(|(id, _)| format!("{}/{id}", entry.path));
    Some(Trail { group: (group.entries.len() > 1).then_some(group.title), entry, record })
}

/// The page above another one, where cancelling a form leads.
pub fn above(path: &str) -> String {
    trail(path).map_or_else(|| "/".to_owned(), |trail| trail.record.unwrap_or_else(|| trail.entry.path.to_owned()))
}

#[cfg(test)]
mod tests {
    use contract::{CodedEnum, Role};

    use super::*;

    /// The number that fits on an office screen without scrolling, and can be taken in at a glance.
    const MOST: usize = 11;

    #[test]
    fn nobody_has_more_lines_than_can_be_taken_in() {
        for role in Role::ALL {
            let held = role.permissions(false);
            let lines = GROUPS.iter().filter(|group| group.entries.iter().any(|entry| held.contains(&entry.needs)));
            let count = lines.count();
            assert!((1..=MOST).contains(&count), "{role:?} has {count} lines");
        }
    }

    #[test]
    fn a_page_knows_the_way_to_it() {
        let of = |path| trail(path).map(|trail| (trail.group.map(|text| text.zh), trail.entry.path, trail.record));
        assert_eq!(of("/"), None);
        assert_eq!(of("/pairings"), None);
        assert_eq!(of("/account/password"), None);
        assert_eq!(of("/nowhere/1"), None);
        assert_eq!(of("/pairings/1"), Some((Some("结对"), "/pairings", None)));
        assert_eq!(of("/campaigns/new"), Some((Some("基础资料"), "/campaigns", None)));
        assert_eq!(of("/visit/1").map(|(_, path, _)| path), Some("/visit"));
        assert_eq!(of("/report-months/1"), Some((Some("报表"), "/report-months", None)));
        let plan = Some("/assistance-plans/1".to_owned());
        assert_eq!(of("/assistance-plans/1/measures/new"), Some((Some("帮扶户"), "/assistance-plans", plan)));
    }

    #[test]
    fn who_gives_up_a_form_comes_to_the_page_above() {
        assert_eq!(above("/tasks/new"), "/tasks");
        assert_eq!(above("/assistance-records/1/correct"), "/assistance-records/1");
        assert_eq!(above("/account/password"), "/");
    }
}
