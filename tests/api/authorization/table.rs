//! Every operation, and who may call it.

use contract::ErrorCode::*;
use serde_json::json;

use super::objects::*;
use super::{Entry, op};
use crate::support::Who::*;
use crate::support::*;

/// What everybody may call, signed in or not.
pub const OPEN: &[&str] = &["login", "refresh_session", "logout"];

/// Who sees the application of village A.
const APPLICATION: &[Who] = &[Bureau, LeadingGroup, TownA, VillageA, Auditor];
/// Who sees the pairing of village A and organisation A.
const PAIRING: &[Who] = &[Bureau, LeadingGroup, TownA, VillageA, OrganisationA, Cadre, Auditor];

/// Who sees the file of a family in village A that no organisation is paired with.
const HOUSEHOLD: &[Who] = &[Bureau, TownA, VillageA];

/// Who sees what is planned for a family that organisation A helps.
const HELPED: &[Who] = &[Bureau, TownA, VillageA, OrganisationA];

/// Who sees what was done for it.
const RECORD: &[Who] = &[Bureau, TownA, VillageA, OrganisationA, Auditor];

/// Who keeps it.
const KEEPERS: &[Who] = &[TownA, VillageA];

/// Who sees its agreement and its progress.
const PARTIES: &[Who] = &[Bureau, LeadingGroup, TownA, VillageA, OrganisationA, Auditor];

/// Who sees the report of town A.
const REPORT: &[Who] = &[Bureau, LeadingGroup, TownA, Auditor];

pub fn table() -> Vec<Entry> {
    vec![
        op("read_me"),
        op("begin_second_factor").body(|_, _| json!({ "current_password": PASSWORD })),
        op("confirm_second_factor").body(|_, _| json!({ "verification_code": "000000" })).only(&[]).or(ValidationFailed).foreign(ValidationFailed),
        op("list_own_history"),
        op("mark_own_history").body(|_, _| json!({ "until": NOW })),
        op("list_sessions"),
        op("end_session").on(own_session).everywhere(),
        op("end_other_sessions").on(own_session).everywhere(),
        op("list_areas"),
        op("read_area").on(area).everywhere(),
        op("list_campaigns"),
        op("create_campaign").body(|_, _| next_campaign()).foreign(OutsideOwnScope),
        op("read_campaign").on(campaign_2020),
        op("update_campaign").on(campaign_2020).body(|_, _| json!({ "title": "百社解千难" })),
        op("list_campaign_history").on(campaign_2020),
        op("list_villages"),
        op("read_village").on(village_a),
        op("update_village").on(village_a).body(|_, _| json!({ "old_base": true })).only(&[Bureau, TownA, VillageA]),
        op("list_village_history").on(village_a),
        op("list_organisations"),
        op("create_organisation")
            .body(|_, _| organisation(next_number(), TOWN_A))
            .only(&[Bureau, TownA])
            .but(&[(OrganisationA, Forbidden), (OrganisationB, Forbidden)]),
        op("read_organisation").on(organisation_a),
        op("update_organisation").on(organisation_a).body(|_, _| json!({ "strengths": "助学" })).only(&[Bureau, OrganisationA]),
        op("list_organisation_history").on(organisation_a),
        op("read_village_template"),
        op("import_villages").upload(villages_workbook).only(&[Bureau, TownA]).or(ValidationFailed).foreign(ValidationFailed),
        op("export_villages"),
        op("read_organisation_template"),
        op("import_organisations").upload(organisations_workbook).only(&[Bureau, TownA]).or(ValidationFailed).foreign(ValidationFailed),
        op("export_organisations"),
        op("list_attachments")
            .on(organisation_a)
            .query(|organisation| format!("object_type=organisations&object_id={}", organisation.id)),
        op("create_attachment")
            .on(organisation_a)
            .upload(|organisation| {
                let fields = vec![("object_type", "organisations".to_owned()), ("object_id", organisation.id.clone())];
                (fields, "image/png", picture(image::ImageFormat::Png))
            })
            .only(&[Bureau, OrganisationA]),
        op("read_attachment").on(attachment),
        op("delete_attachment").on(attachment).only(&[Bureau, OrganisationA]),
        op("list_enrolments"),
        op("export_enrolments"),
        op("create_enrolment")
            .on(campaign_just_opened)
            .body(|_, campaign| json!({ "campaign_id": campaign.id, "village_code": VILLAGE_A }))
            .only(&[Bureau, TownA, VillageA])
            .foreign(ValidationFailed),
        op("read_enrolment").on(application).only(APPLICATION).or(NotFound),
        op("list_enrolment_history").on(application).only(APPLICATION).or(NotFound),
        op("step_enrolment").on(confirming).body(reasons).only(&[Bureau]).or(NotFound).but(&[(TownA, Forbidden), (VillageA, Forbidden)]),
        op("step_enrolment").on(withdrawing).body(reasons).only(&[TownA, VillageA]).or(NotFound).but(&[(Bureau, Forbidden)]),
        op("step_enrolment").on(leaving).body(reasons).only(&[TownA, VillageA]).but(&[(Bureau, Forbidden)]),
        op("list_households"),
        op("create_household").body(|_, _| household(VILLAGE_A, next_number())).only(&[TownA, VillageA]).foreign(ValidationFailed),
        op("search_households").body(|_, _| json!({ "name": "许清水" })),
        op("read_household").on(household_a).only(HOUSEHOLD).or(NotFound),
        op("update_household").on(household_a).body(|_, _| json!({ "phone": null })).only(KEEPERS).or(NotFound),
        op("reveal_household").on(household_a).body(|_, _| json!({ "purpose": "visit" })).only(&[Bureau, TownA, VillageA]).or(NotFound),
        op("merge_households").on(merging).body(|_, target| target.body.clone()).only(KEEPERS).or(NotFound),
        op("unmerge_household").on(merged).body(|_, _| json!({ "note": "不是同一户" })).only(KEEPERS).or(NotFound),
        op("export_households").body(|_, _| json!({ "purpose": "payment" })),
        op("read_household_template"),
        op("import_households").upload(households_workbook).only(KEEPERS).or(ValidationFailed).foreign(ValidationFailed),
        op("list_household_statuses").on(household_a).only(HOUSEHOLD).or(NotFound),
        op("list_household_visits").on(household_a).only(&[Bureau, TownA, VillageA]).or(NotFound),
        op("create_household_visit").on(household_a).body(|_, _| visit()).only(KEEPERS).or(NotFound),
        op("list_household_history").on(household_a).only(&[Bureau, TownA, VillageA]).or(NotFound),
        op("step_household").on(assisting).body(|_, _| json!({ "note": "已入户" })).only(KEEPERS).or(NotFound),
        op("list_assistance_records"),
        op("export_assistance_records"),
        op("create_assistance_record")
            .on(helped_household)
            .body(|_, family| gift(&family.id))
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed)
            .but(&[(OrganisationB, HouseholdNotPaired)]),
        op("read_assistance_record").on(assistance_record).only(RECORD).or(NotFound),
        op("update_assistance_record")
            .on(assistance_record)
            .body(|_, _| json!({ "amount_fen": 100 }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound),
        op("step_assistance_record")
            .on(confirming_record)
            .body(reasons)
            .only(KEEPERS)
            .or(NotFound)
            .but(&[(OrganisationA, Forbidden)]),
        op("list_assistance_record_history").on(assistance_record).only(RECORD).or(NotFound),
        op("list_assistance_plans"),
        op("export_assistance_plans"),
        op("create_assistance_plan").on(household_to_plan_for).body(|_, family| new_plan(family)).only(KEEPERS).or(ValidationFailed),
        op("read_assistance_plan").on(plan).only(HELPED).or(NotFound),
        op("step_assistance_plan").on(closing_plan).body(|_, _| json!({ "note": "已脱困" })).only(KEEPERS).or(NotFound),
        op("list_assistance_plan_history").on(plan).only(HELPED).or(NotFound),
        op("list_assistance_measures"),
        op("export_assistance_measures"),
        op("create_assistance_measure").on(plan).body(|_, plan| measure(&plan.id)).only(KEEPERS).or(ValidationFailed),
        op("read_assistance_measure").on(plan_measure).only(HELPED).or(NotFound),
        op("update_assistance_measure").on(plan_measure).body(|_, _| json!({ "month": "2020-07" })).only(KEEPERS).or(NotFound),
        op("step_assistance_measure").on(dropping_measure).body(|_, _| json!({ "note": "改由镇里办理" })).only(KEEPERS).or(NotFound),
        op("list_assistance_measure_history").on(plan_measure).only(HELPED).or(NotFound),
        op("read_household_ledger").query(|_| "month=2020-04".to_owned()),
        op("export_household_ledger").query(|_| "month=2020-04".to_owned()),
        op("list_pairings"),
        op("export_pairings"),
        op("create_pairing")
            .on(confirmed_members)
            .body(|app, campaign| {
                json!({ "campaign_id": campaign.id, "organisation_id": app.world.organisation_a, "village_code": VILLAGE_A })
            })
            .only(&[Bureau, TownA, VillageA, OrganisationA])
            .foreign(ValidationFailed),
        op("read_pairing").on(pairing).only(PAIRING).or(NotFound),
        op("list_pairing_history").on(pairing).only(PAIRING).or(NotFound),
        op("step_pairing")
            .on(accepting)
            .body(reasons)
            .only(&[TownA, VillageA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden), (OrganisationA, IllegalStep)]),
        op("step_pairing")
            .on(confirming_pairing)
            .body(reasons)
            .only(&[])
            .or(NotFound)
            .but(&[(Bureau, IllegalStep), (TownA, Forbidden), (VillageA, Forbidden), (OrganisationA, Forbidden)]),
        op("list_work_items"),
        op("list_agreements"),
        op("export_agreements"),
        op("create_agreement")
            .on(confirmed_pairing)
            .body(|_, pairing| agreement(&pairing.id))
            .only(&[Bureau, TownA, VillageA, OrganisationA])
            .or(ValidationFailed)
            .foreign(ValidationFailed),
        op("read_agreement").on(draft).only(PARTIES).or(NotFound),
        op("read_agreement_document").on(draft).only(PARTIES).or(NotFound),
        op("list_agreement_history").on(draft).only(PARTIES).or(NotFound),
        op("update_agreement")
            .on(draft)
            .body(|_, _| json!({ "witness": "陈志强" }))
            .only(&[Bureau, TownA, VillageA, OrganisationA])
            .or(NotFound),
        op("sign_agreement")
            .on(scanned_draft)
            .body(|_, _| json!({ "signed_on": "2020-04-20" }))
            .only(&[Bureau, TownA, OrganisationA])
            .or(NotFound)
            .but(&[(VillageA, Forbidden)]),
        op("terminate_agreement").on(draft).body(reasons).only(&[Bureau, TownA, VillageA, OrganisationA]).or(NotFound),
        op("list_projects"),
        op("export_projects"),
        op("create_project")
            .on(active_pairing)
            .body(|_, pairing| project(&pairing.id))
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed)
            .foreign(Forbidden)
            .but(&[(Bureau, Forbidden)]),
        op("read_project").on(project_draft).only(PARTIES).or(NotFound),
        op("list_project_history").on(project_draft).only(PARTIES).or(NotFound),
        op("update_project")
            .on(project_draft)
            .body(|_, _| json!({ "title": "龙眼干加工" }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("step_project")
            .on(consenting)
            .body(reasons)
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("step_project")
            .on(approving)
            .body(reasons)
            .only(&[])
            .or(NotFound)
            .but(&[(Bureau, IllegalStep), (TownA, Forbidden), (VillageA, Forbidden), (OrganisationA, Forbidden)]),
        op("list_tasks"),
        op("export_tasks"),
        op("create_task")
            .on(project_draft)
            .body(|_, project| task(&project.id))
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed)
            .foreign(Forbidden)
            .but(&[(Bureau, Forbidden)]),
        op("read_task").on(project_task).only(PARTIES).or(NotFound),
        op("list_task_history").on(project_task).only(PARTIES).or(NotFound),
        op("update_task")
            .on(project_task)
            .body(|_, _| json!({ "weight": 3 }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("step_task")
            .on(cancelling_task)
            .body(reasons)
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("list_progress_updates"),
        op("export_progress_updates"),
        op("create_progress_update")
            .on(active_pairing)
            .body(|_, pairing| json!({ "pairing_id": pairing.id, "month": "2020-04", "content": "助学", "progress": "已走访12户" }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed),
        op("read_progress_update").on(progress).only(PARTIES).or(NotFound),
        op("update_progress_update")
            .on(progress)
            .body(|_, _| json!({ "progress": "已走访15户" }))
            .only(&[TownA, VillageA, OrganisationA])
            .or(NotFound),
        op("list_progress_update_history").on(progress).only(PARTIES).or(NotFound),
        op("list_outcomes"),
        op("export_outcomes"),
        op("create_outcome")
            .on(active_pairing)
            .body(|_, pairing| new_outcome(&pairing.id))
            .only(&[TownA, VillageA, OrganisationA])
            .or(ValidationFailed),
        op("list_outcome_totals").on(campaign_with_pairing).query(|campaign| format!("campaign_id={}", campaign.id)).foreign(ValidationFailed),
        op("read_outcome").on(outcome).only(PARTIES).or(NotFound),
        op("update_outcome").on(outcome).body(|_, _| json!({ "quantity": 2 })).only(&[TownA, VillageA, OrganisationA]).or(NotFound),
        op("step_outcome")
            .on(confirming_outcome)
            .body(reasons)
            .only(&[TownA, VillageA])
            .or(NotFound)
            .but(&[(OrganisationA, Forbidden)]),
        op("list_outcome_history").on(outcome).only(PARTIES).or(NotFound),
        op("list_reports"),
        op("export_reports"),
        op("create_report")
            .on(campaign_with_pairing)
            .body(|_, campaign| new_report(&campaign.id))
            .only(&[TownA])
            .but(&[(Bureau, Forbidden)])
            .foreign(Forbidden),
        op("read_report").on(report).only(REPORT).or(NotFound),
        op("update_report")
            .on(report)
            .body(|_, _| json!({ "unit": "东石镇" }))
            .only(&[TownA])
            .or(NotFound)
            .but(&[(Bureau, Forbidden)]),
        op("step_report").on(submitting).body(reasons).only(&[TownA]).or(NotFound).but(&[(Bureau, Forbidden)]),
        op("preflight_report").on(report).only(REPORT).or(NotFound),
        op("export_report").on(report).only(REPORT).or(NotFound),
        op("list_report_history").on(report).only(REPORT).or(NotFound),
        op("read_report_month").on(campaign_with_pairing).query(month).foreign(ValidationFailed),
        op("export_report_month").on(sent_month).query(month).only(REPORT).or(ReportEmpty).foreign(ValidationFailed),
        op("read_dashboard").on(campaign_with_pairing).query(|campaign| format!("campaign_id={}", campaign.id)).foreign(ValidationFailed),
        op("list_users"),
        op("create_user").body(|_, _| with(account(), "/reason", json!("新到任"))),
        op("list_user_organisations"),
        op("read_user").on(user),
        op("update_user").on(user).body(|_, _| json!({ "display_name": "张三" })),
        op("list_user_sessions").on(user),
        op("end_user_session").on(user_session),
        op("end_user_sessions").on(user),
        op("step_user").on(resetting).body(reasons),
        op("list_user_history").on(user),
        op("list_account_requests"),
        op("read_account_request").on(account_request),
        op("step_account_request").on(confirming_account).body(reasons),
        op("list_account_request_history").on(account_request),
        op("list_audit_events"),
        op("export_audit_events"),
        op("read_audit_event").on(audit_event),
        op("list_audit_blocks").everywhere(),
        // Last, for others of the table sign in.
        op("change_password").body(|_, _| json!({ "current_password": PASSWORD, "new_password": format!("{PASSWORD}-anew") })),
    ]
}
