//! Errors as RFC 9457 problem documents, with codes that never change.

use serde_json::{Map, Value};
use std::borrow::Cow;
use uuid::Uuid;

use crate::{Lang, answer};

/// A problem document (RFC 9457, `application/problem+json`).
#[answer]
pub struct Problem {
    /// Path of a page that explains the code.
    #[serde(rename = "type")]
    #[limit(..=100, example = "/problems/not_found")]
    pub kind: String,
    /// Short text of the code, in the caller's language.
    #[limit(..=200)]
    pub title: String,
    #[limit(400..=599)]
    pub status: u16,
    /// What is wrong in this very case, in the caller's language where it is said in both.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[limit(..=2000)]
    pub detail: Option<String>,
    /// Path of the request.
    #[limit(..=2000)]
    pub instance: String,
    /// The stable code.
    pub code: ErrorCode,
    /// Id of the request, as in the header `X-Request-Id` and the log.
    #[limit(..=100)]
    pub request_id: String,
    /// Faults of single fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[limit(..=1000)]
    pub errors: Vec<FieldError>,
    /// The object's state, where a step was refused because of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(..=60)]
    pub state: Option<String>,
    /// The steps this caller may take now, where one was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(..=20)]
    pub allowed_actions: Option<Vec<String>>,
    /// What is there already and looks the same, where something was refused as a likely double. The caller may read all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[limit(..=20)]
    pub likely_doubles: Vec<LikelyDouble>,
    /// Path, below `/api/v1`, of the object that stands in the way, where the caller may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[limit(..=100)]
    pub existing: Option<String>,
}

/// Something that looks like what was to be entered. It tells nobody who a family is.
#[answer]
pub struct LikelyDouble {
    pub id: Uuid,
    /// Where it is read, below the API's base; the app has its page there.
    #[limit(..=100, example = "/assistance-records/0190a000-0000-7000-8000-000000000000")]
    pub path: String,
    /// The number of a file; day, amount and giver of what was given.
    #[limit(..=200, example = "2020-06-01 · 1000.00")]
    pub name: String,
}

/// A fault of one field.
#[answer]
pub struct FieldError {
    /// JSON pointer into the request body, or `/name` of a parameter.
    #[limit(..=300)]
    pub pointer: String,
    /// Stable code of the fault.
    #[limit(..=60)]
    pub code: Cow<'static, str>,
    /// What a person reads, in the caller's language.
    #[serde(default)]
    #[limit(..=500)]
    pub message: String,
    /// Limits and the like, from which the message is made.
    #[serde(skip)]
    pub params: Map<String, Value>,
}

impl FieldError {
    /// A fault whose message is made when the language is known.
    pub fn new(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, params: Map<String, Value>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), message: String::new(), params }
    }

    /// A fault without parameters.
    pub fn at(pointer: impl Into<String>, code: &'static str) -> Self {
        Self::new(pointer, code, Map::new())
    }

    /// Fills in the message, unless one is there.
    pub fn localised(mut self, lang: Lang) -> Self {
        if self.message.is_empty() {
            // People type money in yuan.
            let money = self.pointer.ends_with("_fen");
            if money {
                self.params.insert(crate::validation::IN_FEN.to_owned(), true.into());
            }
            let code = if money && self.code == "type" { "money" } else { &*self.code };
            self.message = crate::validation::message(code, &self.params, lang);
        }
        self
    }
}

macro_rules! error_codes {
    ($( $variant:ident = $code:literal $status:literal / $zh:literal / $en:literal ),+ $(,)?) => {
        crate::coded_enum! {
            /// Stable codes of problems; each has a page under `/problems/`.
            pub enum ErrorCode { $( $variant = $code / $zh / $en ),+ }
        }

        impl ErrorCode {
            /// The HTTP status it is answered with.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }
        }
    };
}

error_codes! {
    BadRequest = "bad_request" 400 / "请求无法理解" / "The request cannot be understood",
    MalformedJson = "malformed_json" 400 / "JSON 格式错误" / "The body is not well-formed JSON",
    BadCursor = "bad_cursor" 400 / "分页游标无效" / "The cursor is not of this list",
    Unauthenticated = "unauthenticated" 401 / "请先登录" / "Sign in first",
    InvalidCredentials = "invalid_credentials" 401 / "账号或密码不正确" / "The account or the password is wrong",
    SecondFactorRequired = "second_factor_required" 401 / "请填写验证器显示的验证码" / "Give the code that your authenticator shows",
    SecondFactorWrong = "second_factor_wrong" 401 / "验证码不正确或已用过" / "The code is wrong, or was used already",
    SessionEnded = "session_ended" 401 / "会话已结束，请重新登录" / "The session has ended; sign in again",
    Forbidden = "forbidden" 403 / "没有权限" / "Your role does not allow this",
    OutsideOwnScope = "outside_own_scope" 403 / "不属于您的管辖范围" / "You may read this, but it is not yours to change",
    OwnRequest = "own_request" 403 / "须由另一人确认，不能确认或驳回自己的申请" / "Somebody else has to decide on what you have asked for",
    OwnAccount = "own_account" 403 / "不能停用自己的账号，也不能更改自己的角色和所属" / "Nobody disables their own account or changes its role and place",
    SecondFactorSetupRequired = "second_factor_setup_required" 403 / "请先设置两步验证" / "Add a second factor first",
    PasswordChangeRequired = "password_change_required" 403 / "请先修改一次性密码" / "Change the one-time password first",
    NotFound = "not_found" 404 / "未找到" / "There is no such thing",
    MethodNotAllowed = "method_not_allowed" 405 / "不支持该方法" / "The method is not supported here",
    NotAcceptable = "not_acceptable" 406 / "无法提供所要求的格式" / "The requested format is not offered",
    RequestTimeout = "request_timeout" 408 / "请求内容传输中断" / "The rest of the body did not come",
    Conflict = "conflict" 409 / "与现有数据冲突" / "It conflicts with what is there",
    IllegalStep = "illegal_step" 409 / "当前状态不允许此操作" / "The state does not allow this step",
    RequestInProgress = "request_in_progress" 409 / "相同请求正在处理" / "The same request is still being worked on",
    StaleVersion = "stale_version" 412 / "数据已被他人修改" / "Somebody has changed it in the meantime",
    PayloadTooLarge = "payload_too_large" 413 / "内容过大" / "The content is too large",
    UnsupportedMediaType = "unsupported_media_type" 415 / "不支持的内容类型" / "The media type is not supported",
    ValidationFailed = "validation_failed" 422 / "部分内容需要修正" / "Some fields need correction",
    IdempotencyKeyReused = "idempotency_key_reused" 422 / "重复使用了幂等键" / "The idempotency key was used for another request",
    PreconditionRequired = "precondition_required" 428 / "缺少 If-Match" / "If-Match is required",
    TooManyRequests = "too_many_requests" 429 / "请求过于频繁，请稍后再试" / "Too many requests; try again later",
    Internal = "internal" 500 / "系统内部错误" / "Something went wrong on our side",
    Unavailable = "unavailable" 503 / "服务暂不可用" / "The service is not available for now",
    OutsidePhase = "outside_phase" 409 / "活动当前阶段不允许此操作" / "The campaign is not in a phase that allows this",
    NotEnrolled = "not_enrolled" 409 / "尚未报名并确认" / "Not enrolled and confirmed in the campaign",
    AlreadyEnrolled = "already_enrolled" 409 / "已报名" / "Already enrolled",
    EntryCommitted = "entry_committed" 409 / "已有合作项目、结对或帮扶记录使用，不能撤回；请先取消或调整其用量" / "Projects, pairings or help count on it; cancel them, or let them take less, first",
    EntryExceeded = "entry_exceeded" 409 / "供需目录条目的余量不足，请先修改用量" / "Less remains of the entry of the catalogue than is to be taken",
    PairingExists = "pairing_exists" 409 / "双方已有进行中的结对" / "The two already have a live pairing",
    RankingExists = "ranking_exists" 409 / "已填报志愿，请在原志愿上修改" / "There is a ranking already; change that one",
    RankingClosed = "ranking_closed" 409 / "志愿填报已截止" / "The rankings are closed",
    AssignmentStale = "assignment_stale" 409 / "草案之后数据已有变动，请重新计算" / "The data has changed since; compute it again",
    AssignmentTooLong = "assignment_too_long" 409 / "计算超过时限，请减少名额或按镇（街道）分别指定后重试" / "It takes too long to compute; try with fewer places, or pin and forbid more",
    PairingsLive = "pairings_live" 409 / "仍有进行中的结对，请先撤回、办结或终止" / "Pairings are still live; end them first",
    PairingNotConfirmed = "pairing_not_confirmed" 409 / "结对尚未确认" / "The pairing is not confirmed",
    PairingLimit = "pairing_limit" 409 / "已达结对数量上限" / "The limit of pairings is reached",
    AgreementExists = "agreement_exists" 409 / "双方已有有效协议（一对一）" / "The two already have a live agreement (one to one)",
    AgreementMismatch = "agreement_mismatch" 409 / "协议与结对不符" / "The agreement does not fit the pairing",
    ScanMissing = "scan_missing" 409 / "请先在“附件”中上传双方签字的协议扫描件" / "Upload the signed scan under “Attachments” first",
    PairingNotActive = "pairing_not_active" 409 / "结对尚未生效" / "The pairing is not active",
    ProjectLimit = "project_limit" 409 / "合作项目已达上限（1-2 个）" / "The limit of joint projects (1–2) is reached",
    ConsentMissing = "consent_missing" 409 / "双方尚未共同商定" / "Both sides have not agreed yet",
    TasksMissing = "tasks_missing" 409 / "尚未分解任务" / "The project has no tasks yet",
    TasksOpen = "tasks_open" 409 / "仍有未完成的任务" / "Tasks are still open",
    ProgressExists = "progress_exists" 409 / "该月进展已填报" / "The progress of that month is there already",
    MonthClosed = "month_closed" 409 / "该月统计表已通过，重新打开后才能再改" / "The form of that month is accepted; nothing in it changes unless it is reopened",
    MonthRunning = "month_running" 409 / "该月尚未结束，月底之后才能通过" / "The month is not over; its form is accepted when it is",
    ProjectsOpen = "projects_open" 409 / "仍有未验收的合作项目" / "Projects are still neither accepted nor cancelled",
    AlreadyEntered = "already_entered" 409 / "已登记过，未重复登记" / "It has been entered before, and is not entered twice",
    LikelyDouble = "likely_double" 409 / "疑似重复，请先核对；确认不是同一笔（同一户）的可继续" / "It looks like something that is there already; look at it, and say so if it is not the same",
    PerhapsPersonal = "perhaps_personal" 409 / "可能写有家庭成员的姓名或电话，请核对；确认不是的可继续" / "It may hold a name or number of the family; look at it again, and say so if it does not",
    AlreadyCorrected = "already_corrected" 409 / "该条已有更正" / "There is a correction of this already",
    AdoptionExists = "adoption_exists" 409 / "双方已有进行中的挂钩帮扶" / "The two already have a live adoption",
    AdoptionNotActive = "adoption_not_active" 409 / "挂钩帮扶当时不在进行中" / "The adoption was not active then",
    NamesFamily = "names_family" 409 / "文字写有帮扶户的姓名、电话或证件号码，请先修改再发布" / "The text names a family, or holds a number of one: change it before it is published",
    AlreadyPublished = "already_published" 409 / "该月数据已公布；需要重新公布的，请先撤回" / "The figures of this month are published; withdraw them first",
    PublicityExists = "publicity_exists" 409 / "该报道已登记（同一渠道、媒体、标题和日期）" / "It is entered already: the same channel, outlet, title and day",
    UptakeExists = "uptake_exists" 409 / "已登记过借鉴" / "It is taken up already",
    InstitutionClosed = "institution_closed" 409 / "该民政服务机构已停办" / "The institution has closed",
    OrganisationEnded = "organisation_ended" 409 / "该社会组织已注销或已并入其他组织" / "The organisation has ended",
    VillageEnded = "village_ended" 409 / "该村（社区）已由其他村（社区）接替" / "Another village has replaced this one",
    VillagePairingMissing = "village_pairing_missing" 409 / "该社会组织与该户所在村（社区）没有生效的结对" / "The organisation has no active pairing with the village of this household",
    HouseholdNotConsented = "household_not_consented" 409 / "该户没有有效的知情同意" / "The family has not consented, or has withdrawn its consent",
    PhotosNotConsented = "photos_not_consented" 409 / "该户没有同意拍摄影像资料" / "The family has not consented to being photographed",
    HouseholdLiftedOut = "household_lifted_out" 409 / "该户已脱困" / "The household has been lifted out",
    HouseholdLeft = "household_left" 409 / "该户已退出" / "The household has left",
    HouseholdNotPaired = "household_not_paired" 409 / "未与该户结对" / "The organisation is not paired with this household",
    RecordsOpen = "records_open" 409 / "仍有待确认的帮扶记录" / "Assistance records still wait to be confirmed",
    PlanExists = "plan_exists" 409 / "该户本活动的帮扶方案已存在（一户一策）" / "The household has a plan in this campaign already",
    MeasuresMissing = "measures_missing" 409 / "方案还没有措施" / "The plan has no measures yet",
    InspectionExists = "inspection_exists" 409 / "该批次已有该结对的检查" / "The round has an inspection of this pairing already",
    InspectionsPlanned = "inspections_planned" 409 / "仍有未开展的检查，请先完成或取消" / "Inspections are still planned; hold or cancel them first",
    DrawChanged = "draw_changed" 409 / "抽取范围已有变动，请重新查看" / "What is chosen from has changed since; look at it again",
    NothingChosen = "nothing_chosen" 409 / "没有符合条件的结对" / "No pairing meets what is asked for",
    ChecklistNotInUse = "checklist_not_in_use" 409 / "检查清单未启用" / "The checklist is not in use",
    OwnRectification = "own_rectification" 403 / "须由他人复核，整改方不能为自己销号" / "Somebody else has to verify what you have rectified, or are responsible for",
    ReportExists = "report_exists" 409 / "该月统计表已存在" / "The form of that month exists already",
    ReportEmpty = "report_empty" 409 / "统计表没有内容" / "The form has no rows",
    ReportNotNil = "report_not_nil" 409 / "该月有结对或补报内容，不能零报告，请重新汇总后报送" / "The town has something to report of that month; draft the form anew and send its rows",
    NothingBehind = "nothing_behind" 409 / "没有临近到期、滞后或逾期的事项，无需督办" / "Nothing is due soon or behind, so there is nothing to put in writing",
    OrderDayOver = "order_day_over" 409 / "整改期限已过，请先修改期限" / "Its day to answer is over; set a later one first",
    MeetingAhead = "meeting_ahead" 409 / "会议日期未到" / "The day of the meeting has not come",
    RequestOpen = "request_open" 409 / "该账号已有待确认的申请" / "A request about this account waits to be confirmed already",
    AccountChanged = "account_changed" 409 / "申请之后，该账号或申请人已有变动，请重新申请" / "The account, or whoever asked, has changed since; ask again",
    LastAdministrator = "last_administrator" 409 / "该区域须至少保留一名可用的系统管理员、安全管理员和审计员；请先增设接任的账号" / "An administrator, a security administrator and an auditor of the area must remain where there are any; add a successor first",
    HouseholdMerged = "household_merged" 409 / "该档案已并入其他档案" / "The file has been merged into another one",
    HouseholdMoved = "household_moved" 409 / "该户已迁往他村或并入他户" / "The household has moved, or joined another one",
    HasMergedFiles = "has_merged_files" 409 / "该档案已并有其他档案，请改为保留该档案，或先撤销合并" / "Other files have been merged into this one; keep it, or undo that first",
    HouseholdAnonymised = "household_anonymised" 409 / "该档案已过保存期，已作匿名化处理" / "The file is kept no longer and names nobody any more",
    MergeNotUndoable = "merge_not_undoable" 409 / "合并无法撤销" / "The merge cannot be undone",
    ReferencedElsewhere = "referenced_elsewhere" 409 / "仍被其他记录引用" / "Other records still refer to it",
    InvalidWorkbook = "invalid_workbook" 422 / "无法读取该工作簿" / "The workbook cannot be read",
    InvalidAttachment = "invalid_attachment" 422 / "文件内容与类型不符或不被接受" / "The file is not of an accepted type",
}
