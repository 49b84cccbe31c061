//! 短信验证码: what it is for, and why one is not sent or not accepted (manual 2.2: valid 2 minutes, one per 2 minutes).

/// What a code is asked for. A code is good for one purpose only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// 注册.
    Signup,
    /// 找回密码.
    Recovery,
}

impl Purpose {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Purpose::Signup => "signup",
            Purpose::Recovery => "recovery",
        }
    }

    /// Name.
    pub fn label(self) -> &'static str {
        match self {
            Purpose::Signup => "注册",
            Purpose::Recovery => "找回密码",
        }
    }
}

/// Why no code is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendRefusal {
    /// The last one was sent less than the interval ago; seconds still to wait.
    #[error("too soon")]
    TooSoon(i64),
    /// The hour's or the day's number is used up.
    #[error("too many")]
    TooMany,
}

impl SendRefusal {
    /// What the person is told.
    pub fn text(self) -> String {
        match self {
            SendRefusal::TooSoon(seconds) => {
                format!("每 2 分钟只能发送一次验证码，请在 {seconds} 秒后再试")
            }
            SendRefusal::TooMany => "今日验证码发送次数已达上限，请稍后再试".to_owned(),
        }
    }

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            SendRefusal::TooSoon(_) => "code_too_soon",
            SendRefusal::TooMany => "code_too_many",
        }
    }
}

/// Why a code is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeRefusal {
    /// Not six digits.
    #[error("not a code")]
    Shape,
    /// None was sent, or another took its place.
    #[error("none sent")]
    None,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// Wrong; tries still left.
    #[error("wrong")]
    Wrong(i64),
    /// Too many wrong tries: the code is void.
    #[error("void")]
    Void,
}

impl CodeRefusal {
    /// What the person is told.
    pub fn text(self) -> String {
        match self {
            CodeRefusal::Shape => "请填写 6 位数字验证码".to_owned(),
            CodeRefusal::None => "请先发送短信验证码".to_owned(),
            CodeRefusal::Expired => "验证码已超过 2 分钟，请重新发送".to_owned(),
            CodeRefusal::Wrong(left) => format!("验证码不正确，还可尝试 {left} 次"),
            CodeRefusal::Void => "验证码错误次数过多，已失效，请重新发送".to_owned(),
        }
    }

    /// Stable name.
    pub fn code(self) -> &'static str {
        match self {
            CodeRefusal::Shape => "code_shape",
            CodeRefusal::None => "code_none",
            CodeRefusal::Expired => "code_expired",
            CodeRefusal::Wrong(_) => "code_wrong",
            CodeRefusal::Void => "code_void",
        }
    }
}
