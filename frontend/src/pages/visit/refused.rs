//! Explains why the service refuses an entry, in the words of the sheet.

use contract::inspections::InspectionAction;
use contract::{ErrorCode, FieldError, Problem};

use super::queue::{Entry, Step, Visited};
use super::sheet::{here, label_of};
use crate::components::form;
use crate::i18n::{Text, lang, texts};
use crate::{session, t};

/// What is wrong, and with which fields, or else with which part.
pub fn words(entry: &Entry, problem: &Problem) -> String {
    if is_out_of_reach(problem)
        && let Some(account) = session::account()
        && let Some(Visited { family, .. }) = entry.visited()
        && is_elsewhere(&account.area_code, account.organisation_id.is_some(), &family.file_number)
    {
        return t!(visit::moved, account.area_name, family.village_name);
    }
    let step = entry.next();
    let part = match step {
        Some(Step::Photo(_)) => texts::visit::PHOTO,
        Some(Step::Record) => texts::visit::PART_RECORD,
        Some(Step::Complete) => Text::label(InspectionAction::Complete),
        Some(Step::Visit) | None => texts::visit::PART_VISIT,
    };
    let of_part = |said: &str| format!("{}{}{said}", part.get(), lang().pick("：", ": "));
    if is_out_of_reach(problem) && entry.visited().is_some() {
        return of_part(texts::visit::NOT_FOUND.get());
    }
    if problem.errors.is_empty() {
        return of_part(problem.detail.as_ref().unwrap_or(&problem.title));
    }
    let words = |fault: &FieldError| match here(fault.clone()) {
        fault if fault.pointer.is_empty() || matches!(step, Some(Step::Photo(_))) => of_part(&fault.message),
        fault => format!("{}{}", form::path(&fault.pointer, label_of), fault.message),
    };
    problem.errors.iter().map(words).collect::<Vec<_>>().join(lang().pick("；", "; "))
}

/// Whether the family, or something of it, does not exist for the account: the account was moved, or the family was.
pub fn is_out_of_reach(problem: &Problem) -> bool {
    problem.code == ErrorCode::NotFound
        || problem.errors.iter().any(|fault| fault.pointer == "/household_id" && fault.code == "unknown")
}

/// Whether others have to enter it now: it is out of reach, or of a time in which the family's file goes on elsewhere.
pub fn is_for_others(problem: &Problem) -> bool {
    is_out_of_reach(problem)
        || matches!(problem.code, ErrorCode::HouseholdMoved | ErrorCode::HouseholdMerged)
        || problem.errors.iter().any(|fault| fault.code == "after_moving")
}

/// Whether a file belongs to a village that the account is not in charge of.
fn is_elsewhere(area_code: &str, of_organisation: bool, file_number: &str) -> bool {
    !of_organisation && !file_number.starts_with(area_code)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn whoever_was_moved_is_told_so() {
        let (file, elsewhere) = ("350582104206-0001", "350582110201");
        assert!(is_elsewhere(elsewhere, false, file));
        for still in ["350582", "350582104", "350582104206"] {
            assert!(!is_elsewhere(still, false, file), "{still}");
        }
        assert!(!is_elsewhere(elsewhere, true, file), "an organisation helps wherever it is paired");
    }

    #[test]
    fn what_others_have_to_enter_is_handed_over() {
        let for_others = |code: ErrorCode, fault: &str| {
            let errors = json!([{ "pointer": "/visited_on", "code": fault, "message": "" }]);
            let problem = json!({
                "type": "", "title": "", "status": 409, "instance": "", "code": code, "request_id": "", "errors": errors
            });
            is_for_others(&serde_json::from_value(problem).unwrap())
        };
        for code in [ErrorCode::NotFound, ErrorCode::HouseholdMoved, ErrorCode::HouseholdMerged] {
            assert!(for_others(code, ""), "{code:?}");
        }
        assert!(for_others(ErrorCode::ValidationFailed, "after_moving"));
        assert!(!for_others(ErrorCode::ValidationFailed, "future") && !for_others(ErrorCode::HouseholdNotConsented, ""));
    }

    #[test]
    fn what_is_refused_is_told_in_the_words_of_the_sheet() {
        let entry = |visit: bool, record: bool| {
            let part = |sent| json!({ "path": "", "id": Uuid::nil(), "body": {}, "key": "", "sent": sent });
            let photo = json!({ "id": Uuid::nil(), "name": "a.jpeg", "media_type": "image/jpeg", "sent": false });
            let family = json!({
                "id": Uuid::nil(), "file_number": "", "head_name": "", "village_name": "", "consented": true, "pairings": []
            });
            serde_json::from_value::<Entry>(json!({
                "family": family, "sheet": {}, "visit": part(visit), "record": part(record), "photos": [photo], "standing": "Waiting"
            }))
            .unwrap()
        };
        let said = |entry: &Entry, code: ErrorCode, errors: &[(&str, &str)]| {
            let errors: Vec<_> =
                errors.iter().map(|(at, message)| json!({ "pointer": at, "code": "x", "message": message })).collect();
            let problem = json!({
                "type": "", "title": "内容过大", "status": 422, "instance": "", "code": code, "request_id": "", "errors": errors
            });
            words(entry, &serde_json::from_value(problem).unwrap())
        };
        let (fresh, visited, recorded) = (entry(false, false), entry(true, false), entry(true, true));
        let failed = ErrorCode::ValidationFailed;
        assert_eq!(
            said(&fresh, failed, &[("/note", "不得写入姓名"), ("/visited_on", "不能晚于今天")]),
            "走访情况：不得写入姓名；发生日期：不能晚于今天"
        );
        assert_eq!(
            said(&visited, failed, &[("/description", "过长"), ("/goods/1/unit", "必填")]),
            "走访情况：过长；物资 2 · 单位：必填"
        );
        assert_eq!(said(&visited, failed, &[("/member_id", "无此人")]), "帮扶对象：无此人");
        assert_eq!(said(&visited, failed, &[("", "请填写金额")]), "帮扶：请填写金额");
        assert_eq!(said(&recorded, failed, &[("/file", "内容不符")]), "现场照片：内容不符");
        assert_eq!(said(&recorded, ErrorCode::PayloadTooLarge, &[]), "现场照片：内容过大");
        assert!(said(&fresh, ErrorCode::NotFound, &[]).starts_with("走访：找不到这户"));
    }
}
