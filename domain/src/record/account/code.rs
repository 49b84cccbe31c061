//! 短信验证码: purposes and refusals (docs/manual.md 2.2: valid 2 minutes, one per 2 minutes).

use crate::base::identity::SmsCodeError;
use crate::engine::notification::Channel;

/// Purpose of a code. A code is valid for one purpose only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// 注册.
    Signup,
    /// 找回密码.
    Recovery,
    /// 更换手机号码: the present number.
    MobileBefore,
    /// 更换手机号码: the new number.
    MobileAfter,
    /// 验证电子邮箱.
    Email,
}

impl Purpose {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Purpose::Signup => "signup",
            Purpose::Recovery => "recovery",
            Purpose::MobileBefore => "mobile_before",
            Purpose::MobileAfter => "mobile_after",
            Purpose::Email => "email",
        }
    }

    /// Chinese name.
    pub fn label(self) -> &'static str {
        match self {
            Purpose::Signup => "注册",
            Purpose::Recovery => "找回密码",
            Purpose::MobileBefore => "更换手机号码（验证原号码）",
            Purpose::MobileAfter => "更换手机号码（验证新号码）",
            Purpose::Email => "验证电子邮箱",
        }
    }

    /// How the code is sent.
    pub fn channel(self) -> Channel {
        match self {
            Purpose::Email => Channel::Mail,
            _ => Channel::Sms,
        }
    }
}

/// Why no code was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendRefusal {
    /// The last code was sent less than the interval ago; remaining seconds.
    #[error("too soon")]
    TooSoon(i64),
    /// The limit of the hour or the day is reached.
    #[error("too many")]
    TooMany,
}

impl SendRefusal {
    /// Message for the user.
    pub fn text(self) -> String {
        match self {
            SendRefusal::TooSoon(seconds) => {
                format!("每 2 分钟只能发送一次验证码，请在 {seconds} 秒后再试")
            }
            SendRefusal::TooMany => "验证码发送次数已达上限，请稍后再试".to_owned(),
        }
    }

    /// Stable error code.
    pub fn code(self) -> &'static str {
        match self {
            SendRefusal::TooSoon(_) => "code_too_soon",
            SendRefusal::TooMany => "code_too_many",
        }
    }
}

/// Why a code was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeRefusal {
    /// The text holds no code.
    #[error("not a code")]
    Shape(SmsCodeError),
    /// No code was sent, or it was replaced.
    #[error("none sent")]
    None,
    /// Expired.
    #[error("expired")]
    Expired,
    /// Wrong; remaining attempts.
    #[error("wrong")]
    Wrong(i64),
    /// Too many wrong attempts; the code is void.
    #[error("void")]
    Void,
}

impl CodeRefusal {
    /// Message for the user.
    pub fn text(self) -> String {
        match self {
            CodeRefusal::Shape(error) => error.text(),
            CodeRefusal::None => "请先发送短信验证码".to_owned(),
            CodeRefusal::Expired => "验证码已失效（有效期 2 分钟），请重新发送".to_owned(),
            CodeRefusal::Wrong(left) => format!("验证码不正确，还可尝试 {left} 次"),
            CodeRefusal::Void => "验证码错误次数过多，已失效，请重新发送".to_owned(),
        }
    }

    /// Stable error code.
    pub fn code(self) -> &'static str {
        match self {
            CodeRefusal::Shape(error) => error.code(),
            CodeRefusal::None => "code_none",
            CodeRefusal::Expired => "code_expired",
            CodeRefusal::Wrong(_) => "code_wrong",
            CodeRefusal::Void => "code_void",
        }
    }
}
