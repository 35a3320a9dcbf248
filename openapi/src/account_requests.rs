//! What takes two persons: one administrator asks for an account that holds power, somebody else confirms it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::workflow::{Step, Steps};
use crate::{Role, answer, coded_enum, list_query};

coded_enum! {
    /// What is asked for.
    pub enum AccountRequestKind {
        Create = "create" / "新建账号" / "New account",
        Change = "change" / "变更角色或所属" / "Another role or place",
        ResetPassword = "reset_password" / "重置密码" / "Reset password",
        ResetSecondFactor = "reset_second_factor" / "解除两步验证" / "Reset second factor",
        Enable = "enable" / "启用" / "Enable",
    }
}

coded_enum! {
    /// State of a request.
    pub enum AccountRequestState {
        Asked = "asked" / "待确认" / "To be confirmed",
        Confirmed = "confirmed" / "已确认" / "Confirmed",
        Refused = "refused" / "已驳回" / "Refused",
        Withdrawn = "withdrawn" / "已撤回" / "Withdrawn",
        Expired = "expired" / "已过期" / "Expired",
    }
}

coded_enum! {
    /// Step of a request.
    pub enum AccountRequestAction {
        Confirm = "confirm" / "确认" / "Confirm",
        Refuse = "refuse" / "驳回" / "Refuse",
        Withdraw = "withdraw" / "撤回" / "Withdraw",
    }
}

impl AccountRequestState {
    /// Another administrator, a security administrator or an auditor decides. Expiry depends on the calendar alone.
    pub const STEPS: Steps<Self, AccountRequestAction> = Steps(&[
        Step::new(AccountRequestAction::Confirm, &[Self::Asked], Self::Confirmed, DECIDERS),
        Step::new(AccountRequestAction::Refuse, &[Self::Asked], Self::Refused, DECIDERS).with_reason(),
        Step::new(AccountRequestAction::Withdraw, &[Self::Asked], Self::Withdrawn, &[Role::Admin]),
    ]);
}

/// The roles that decide on a request where duties are not separated.
const DECIDERS: &[Role] = &[Role::Admin, Role::SecurityAdmin, Role::Auditor];

coded_enum! {
    /// Orders of the list of requests.
    pub enum AccountRequestSort {
        CreatedAt = "created_at" / "申请时间" / "Asked at",
    }
}

list_query! {
    /// Filters of the list of requests; `q` searches account and name.
    pub struct AccountRequestQuery sorted by AccountRequestSort, latest first, searched by q {
        pub state: Option<AccountRequestState>,
        pub kind: Option<AccountRequestKind>,
        /// Only those about this account.
        pub user_id: Option<Uuid>,
        /// Only those that the caller may confirm or refuse now, or only others.
        pub waits_for_me: Option<bool>,
    }
}

/// A change of an account that holds power. Nothing of it holds until somebody else confirms it.
#[answer]
pub struct AccountRequest {
    pub id: Uuid,
    pub kind: AccountRequestKind,
    pub state: AccountRequestState,
    /// The account; absent for one that is still to be made.
    pub user_id: Option<Uuid>,
    /// The name to sign in with, as it is to be.
    #[limit(..=60)]
    pub account: String,
    #[limit(..=60)]
    pub display_name: String,
    /// The role it is to have.
    pub role: Role,
    /// Where it is to belong.
    #[limit(..=12)]
    pub area_code: String,
    #[limit(..=60)]
    pub area_name: String,
    /// The role it had when it was asked for; absent for one that is still to be made.
    pub old_role: Option<Role>,
    #[limit(..=12)]
    pub old_area_code: Option<String>,
    #[limit(..=60)]
    pub old_area_name: Option<String>,
    /// Why it is asked for.
    #[limit(..=1000)]
    pub reason: String,
    /// Who asks; never the one who confirms.
    pub asked_by: Uuid,
    #[limit(..=60)]
    pub asked_by_name: String,
    /// Until when it can be confirmed.
    pub expires_at: DateTime<Utc>,
    /// Who confirmed or refused it; absent while it waits, and where the operator did by command.
    #[limit(..=60)]
    pub decided_by_name: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    /// The steps the caller may take now.
    #[limit(..=10)]
    pub allowed_actions: Vec<AccountRequestAction>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Rises with each change; the `ETag`.
    #[limit(1..)]
    pub version: i32,
}

/// A request, and the caller's half of the one-time password that it makes.
#[answer]
pub struct AccountRequestWithHalf {
    #[serde(flatten)]
    pub request: AccountRequest,
    /// The first half to whoever asks, the second to whoever confirms; the person signs in with both, one behind the other. Absent where no
    /// password is made. Answered once and kept nowhere: a repeat of the request is answered without it.
    #[limit(..=60)]
    pub password_half: Option<String>,
}

/// What becomes of a change of accounts: it is done, or asked for (202).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answered<T> {
    Asked(Box<AccountRequestWithHalf>),
    Done(T),
}
