//! What was done, said once on the page that follows the act. A cookie carries its code through the redirect, so that addresses stay as they
//! are and a page that is opened again does not say it again.

use tower_cookies::cookie::SameSite;
use tower_cookies::cookie::time::Duration;
use tower_cookies::{Cookie, Cookies};

/// Name of the cookie.
const COOKIE: &str = "outcome";
/// Seconds after which it is no longer said, if no page followed.
const LIFETIME: i64 = 60;

macro_rules! outcomes {
    ($($name:ident $code:literal $text:literal;)*) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ActOutcome {
            $(#[doc = $text] $name,)*
        }

        impl ActOutcome {
            const ALL: &[Self] = &[$(Self::$name),*];

            const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The sentence for the person who did it.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

outcomes! {
    RecordSaved "record-saved" "已保存到基本信息库。";
    RecordDeleted "record-deleted" "已从基本信息库删除。";
    FormDraftDeleted "form-draft-deleted" "已删除暂存的内容。";
    MessagesRead "messages-read" "全部消息已标为已读。";
    Decided "decided" "已办理。业务的当前环节见下。";
    ViewSaved "view-saved" "已保存常用查询。";
    ViewDeleted "view-deleted" "已删除常用查询。";
    NotificationsSet "notifications-set" "通知设置已保存。";
    Returned "returned" "已退回申请人修改，并已通知申请人。";
    Unbound "unbound" "已解除绑定。";
    CategorySaved "category-saved" "已保存课程类别。";
    UserInvited "user-invited" "已邀请，并已通知对方。对方接受后成为本机构用户。";
    UserChanged "user-changed" "已保存，并已通知该用户。";
    InvitationAccepted "invitation-accepted" "已接受邀请，您现在可以以机构身份办理业务。";
    InvitationDeclined "invitation-declined" "已谢绝邀请。";
    InstitutionSet "institution-set" "机构状态已设置，并已通知机构用户。";
    Assigned "assigned" "已指派专家，并已通知专家。";
}

/// Hands an outcome on to the next page.
pub fn remember(cookies: &Cookies, outcome: ActOutcome) {
    let cookie =
        Cookie::build((COOKIE, outcome.code())).path("/").http_only(true).same_site(SameSite::Strict).max_age(Duration::seconds(LIFETIME));
    cookies.add(cookie.build());
}

/// Takes the outcome that the page before handed on.
pub fn take(cookies: &Cookies) -> Option<ActOutcome> {
    let code = cookies.get(COOKIE)?.value().to_owned();
    cookies.remove(Cookie::build(COOKIE).path("/").build());
    ActOutcome::ALL.iter().copied().find(|outcome| outcome.code() == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_a_code_of_its_own() {
        for outcome in ActOutcome::ALL {
            assert_eq!(ActOutcome::ALL.iter().filter(|other| other.code() == outcome.code()).count(), 1, "{outcome:?}");
        }
    }
}
