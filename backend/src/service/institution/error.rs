//! Why something about an institution was refused.

use crate::infra::db::DbError;
use crate::matter::MatterError;

/// Why something about an institution was refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InstitutionError {
    /// There is no such institution, user or invitation for the caller.
    #[error("not found")]
    NotFound,
    /// The state or the user is not as the page showed it.
    #[error("changed by somebody else")]
    Outdated,
    /// The state cannot be set from the present one.
    #[error("not a state that can follow")]
    WrongState,
    /// A reason is required.
    #[error("a reason is required")]
    NoReason,
    /// The reason is too long.
    #[error("the reason is too long")]
    LongReason,
    /// No account has this name and this mobile number.
    #[error("no account has this name and mobile number")]
    NoSuchPerson,
    /// Too many invitations.
    #[error("too many invitations")]
    TooMany,
    /// The account is a user already.
    #[error("the account is a user already")]
    AlreadyUser,
    /// No role is chosen.
    #[error("a role is required")]
    NoRole,
    /// Nobody changes the own roles.
    #[error("nobody changes the own roles")]
    OwnRoles,
    /// The last administrator would go.
    #[error("the last administrator stays")]
    LastAdministrator,
    /// The institution is not active.
    #[error("the institution is not active")]
    NotActive,
    /// The invitation is over.
    #[error("the invitation is over")]
    Expired,
    /// A matter could not follow.
    #[error(transparent)]
    Matter(#[from] MatterError),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl InstitutionError {
    /// Message for the user.
    pub fn text(&self) -> String {
        let text = match self {
            InstitutionError::Matter(error) => return error.text(),
            InstitutionError::Db(error) => error.text(),
            InstitutionError::NotFound => "没有找到，或者您无权办理",
            InstitutionError::Outdated => "内容已被他人更改，请核对最新内容后再办理",
            InstitutionError::WrongState => "机构当前状态不能这样设置，请核对最新状态",
            InstitutionError::NoReason => "请填写原因",
            InstitutionError::LongReason => "原因最多 500 字",
            InstitutionError::NoSuchPerson => "没有登录账号和手机号码都相符的用户，请核对后再试",
            InstitutionError::TooMany => "邀请过于频繁，请稍后再试",
            InstitutionError::AlreadyUser => "该账号已是本机构用户，请在列表中设置角色或启用",
            InstitutionError::NoRole => "请至少选择一个角色",
            InstitutionError::OwnRoles => "不能更改本人的角色或停用本人，请由另一位管理员办理",
            InstitutionError::LastAdministrator => "机构至少须有一位管理员",
            InstitutionError::NotActive => "机构当前状态不能办理",
            InstitutionError::Expired => "邀请已失效，请联系机构管理员重新邀请",
        };
        text.to_owned()
    }
}
