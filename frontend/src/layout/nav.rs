//! The navigation at the left, in the order of the year's work; only what the person may see.

use contract::Permission;
use leptos::prelude::*;

use crate::i18n::{Text, reactive, texts};
use crate::{pages, router, session, t};

struct Item {
    href: &'static str,
    text: Text,
    needs: Permission,
}

struct Group {
    title: Option<Text>,
    items: &'static [Item],
}

const GROUPS: &[Group] = &[
    Group {
        title: None,
        items: &[
            Item { href: "/", text: texts::nav::HOME, needs: Permission::UseAccount },
            Item { href: "/dashboard", text: texts::nav::DASHBOARD, needs: Permission::ReadDashboard },
            Item { href: "/campaigns", text: texts::nav::CAMPAIGNS, needs: Permission::ReadCampaigns },
            Item { href: "/enrolments", text: texts::nav::ENROLMENTS, needs: Permission::ReadEnrolments },
            Item { href: "/pairings", text: texts::nav::PAIRINGS, needs: Permission::ReadPairings },
            Item { href: "/agreements", text: texts::nav::AGREEMENTS, needs: Permission::ReadAgreements },
            Item { href: "/projects", text: texts::nav::PROJECTS, needs: Permission::ReadProjects },
            Item { href: "/tasks", text: texts::nav::TASKS, needs: Permission::ReadProjects },
            Item { href: "/progress-updates", text: texts::nav::PROGRESS, needs: Permission::ReadProgress },
            Item { href: "/outcomes", text: texts::nav::OUTCOMES, needs: Permission::ReadProgress },
            Item { href: "/visit", text: texts::nav::VISIT, needs: Permission::WriteAssistance },
            Item { href: "/households", text: texts::nav::HOUSEHOLDS, needs: Permission::ReadHouseholds },
            Item { href: "/assistance-plans", text: texts::nav::PLANS, needs: Permission::ReadPlans },
            Item { href: "/assistance-measures", text: texts::nav::MEASURES, needs: Permission::ReadPlans },
            Item { href: "/assistance-records", text: texts::nav::RECORDS, needs: Permission::ReadAssistance },
            Item { href: "/household-ledger", text: texts::nav::LEDGER, needs: Permission::ReadLedger },
            Item { href: "/reports", text: texts::nav::REPORTS, needs: Permission::ReadReports },
            Item { href: "/report-months", text: texts::nav::REPORT_MONTHS, needs: Permission::ReadReports },
        ],
    },
    Group {
        title: Some(texts::nav::REFERENCE),
        items: &[
            Item { href: "/areas", text: texts::nav::AREAS, needs: Permission::ReadAreas },
            Item { href: "/villages", text: texts::nav::VILLAGES, needs: Permission::ReadVillages },
            Item { href: "/organisations", text: texts::nav::ORGANISATIONS, needs: Permission::ReadOrganisations },
        ],
    },
    Group {
        title: Some(texts::nav::SYSTEM),
        items: &[
            Item { href: "/users", text: texts::nav::USERS, needs: Permission::ReadUsers },
            Item { href: "/account-requests", text: texts::nav::ACCOUNT_REQUESTS, needs: Permission::ReadUsers },
            Item { href: "/audit-events", text: texts::nav::AUDIT, needs: Permission::ReadAudit },
        ],
    },
];

pub(super) fn nav(menu: RwSignal<bool>) -> AnyView {
    view! {
        <nav id="nav" class="nav" class:open=menu aria-label=t!(nav::MAIN)>
            {move || GROUPS.iter().map(group).collect_view()}
        </nav>
    }
    .into_any()
}

fn group(group: &'static Group) -> AnyView {
    let items: Vec<_> = group.items.iter().filter(|item| session::may(item.needs)).map(link).collect();
    if items.is_empty() {
        return ().into_any();
    }
    view! {
        {group.title.map(|title| view! { <h2>{reactive(title)}</h2> })}
        <ul>{items}</ul>
    }
    .into_any()
}

fn link(item: &'static Item) -> AnyView {
    let current = move || {
        let path = router::path();
        let inside = item.href != "/" && path.strip_prefix(item.href).is_some_and(|rest| rest.starts_with('/'));
        if path == item.href { Some("page") } else { inside.then_some("true") }
    };
    view! {
        <li><a href=item.href aria-current=current on:pointerenter=move |_| pages::prefetch(item.href)>{reactive(item.text)}</a></li>
    }
    .into_any()
}
