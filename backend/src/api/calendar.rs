//! Operations on the working calendar.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::calendar::{CalendarDay, CalendarDayInput, CalendarDayQuery};
use contract::permission::need::{ReadCampaigns, WriteCalendar};
use domains::calendar::list::CalendarDays;
use domains::calendar::{service, workbook};
use platform::api::Api;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::{imported, listed};

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_calendar_days,
        create_calendar_day,
        read_calendar_day_template,
        import_calendar_days,
        export_calendar_days,
        read_calendar_day,
        update_calendar_day,
        list_calendar_day_history
    );
}

listed! { CalendarDays: CalendarDay, CalendarDayQuery, ReadCampaigns,
    "/calendar-days", "a day of the calendar", "day", "days of the calendar" =>
    list list_calendar_days "Public holidays, and days at weekends that are worked instead. A year of which none is there is not \
        known: in it, weekends count alone.",
    export export_calendar_days " that can be imported again",
    read read_calendar_day "",
    history list_calendar_day_history "",
}

/// Enter a day of the calendar
///
/// The due days of the campaigns that reckon by it move with it, unless they are past.
#[utoipa::path(post, path = "/calendar-days", request_body = CalendarDayInput,
    responses((status = 201, description = "The day", body = CalendarDay)))]
pub async fn create_calendar_day(change: Change<WriteCalendar>, body: Body<CalendarDayInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

imported! { workbook: WriteCalendar, "/calendar-days", "days of the calendar" =>
    template read_calendar_day_template "the headers, lists to choose from",
    import import_calendar_days "Enters the days of a year as the State Council announces them, and brings known ones up to date. \
        Days that the workbook leaves out stay. A row that would undo what was changed since it was exported is a fault \
        (`changed_since`).",
}

/// Change a day of the calendar
#[utoipa::path(patch, path = "/calendar-days/{id}", params(("id" = Uuid, Path, description = "Id of the day")),
    request_body = CalendarDayInput, responses((status = 200, description = "The day as it is now", body = CalendarDay)))]
pub async fn update_calendar_day(change: Change<WriteCalendar>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}
