//! 机构状态.

/// State of an institution. An administrator of the association sets it, with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstitutionState {
    /// 正常.
    Active,
    /// 暂停: nothing new begins in its name or names it; what is under way goes on.
    Suspended,
    /// 已关闭: nobody acts for it any more. It is final.
    Closed,
}

impl InstitutionState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Closed];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }

    /// The state with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "正常",
            Self::Suspended => "暂停",
            Self::Closed => "已关闭",
        }
    }

    /// Whether something new can begin in its name, or name it.
    pub const fn permits_new(self) -> bool {
        matches!(self, Self::Active)
    }

    /// Whether its users can act for it.
    pub const fn permits_users(self) -> bool {
        !matches!(self, Self::Closed)
    }

    /// The states that it can be set to.
    pub fn next(self) -> &'static [InstitutionState] {
        match self {
            Self::Active => &[Self::Suspended, Self::Closed],
            Self::Suspended => &[Self::Active, Self::Closed],
            Self::Closed => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_institution_is_closed_for_good_and_a_suspended_one_can_be_resumed() {
        for (state, new, users, next) in [
            (InstitutionState::Active, true, true, &[InstitutionState::Suspended, InstitutionState::Closed][..]),
            (InstitutionState::Suspended, false, true, &[InstitutionState::Active, InstitutionState::Closed]),
            (InstitutionState::Closed, false, false, &[]),
        ] {
            assert_eq!((state.permits_new(), state.permits_users(), state.next()), (new, users, next), "{state:?}");
            assert_eq!(InstitutionState::from_code(state.code()), Some(state));
        }
    }
}
