//! Operations on meetings.

use actix_web::HttpResponse;
use actix_web::web::Path;
use contract::meetings::{Meeting, MeetingAction, MeetingInput, MeetingQuery, MeetingSummary};
use contract::permission::need::{ReadMeetings, WriteMeetings};
use contract::workflow::StepInput;
use domains::meetings::list::Meetings;
use domains::meetings::service;
use platform::api::Api;
use platform::extract::Step;
use platform::routes;
use platform::{Body, Change, Patch, Result};
use uuid::Uuid;

use super::listed::listed;

pub fn add(api: &mut Api) {
    routes!(
        api,
        list_meetings,
        create_meeting,
        export_meetings,
        read_meeting,
        update_meeting,
        step_meeting,
        list_meeting_history
    );
}

listed! { Meetings: Meeting as MeetingSummary, MeetingQuery, ReadMeetings,
    "/meetings", "a meeting", "meeting", "meetings" =>
    list list_meetings "Those called inside of the caller's area, and those in which somebody inside of it takes part.",
    export export_meetings "",
    read read_meeting "",
    history list_meeting_history "",
}

/// Plan a meeting
///
/// Whoever takes part is a town of the caller's area, or a village or organisation that is confirmed in the campaign; villages are of
/// the caller's area too.
#[utoipa::path(post, path = "/meetings", request_body = MeetingInput,
    responses((status = 201, description = "The meeting", body = Meeting)))]
pub async fn create_meeting(change: Change<WriteMeetings>, body: Body<MeetingInput>) -> Result<HttpResponse> {
    change.create(async |tx| service::create(tx, body.0).await).await
}

/// Change a meeting
///
/// Also once it was held: then it is known who came, and what was resolved.
#[utoipa::path(patch, path = "/meetings/{id}", params(("id" = Uuid, Path, description = "Id of the meeting")),
    request_body = MeetingInput, responses((status = 200, description = "The meeting as it is now", body = Meeting)))]
pub async fn update_meeting(change: Change<WriteMeetings>, id: Path<Uuid>, patch: Patch) -> Result<HttpResponse> {
    change.update(async |tx| service::update(tx, *id, patch).await).await
}

/// Take a step of a meeting
///
/// It is not held before its day (`meeting_ahead`). A kick-off that was held for the whole campaign meets its milestone.
#[utoipa::path(post, path = "/meetings/{id}/{action}", request_body = StepInput,
    params(("id" = Uuid, Path, description = "Id of the meeting"), ("action" = MeetingAction, Path, description = "The step")),
    responses((status = 200, description = "The meeting as it is now", body = Meeting)))]
pub async fn step_meeting(
    change: Change<WriteMeetings>,
    step: Step<MeetingAction>,
    body: Body<StepInput>,
) -> Result<HttpResponse> {
    change.update(async |tx| service::step(tx, step.id, step.action, body.0).await).await
}
