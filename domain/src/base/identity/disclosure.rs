//! 显示完整证件号: why a reviewer reads a number in full that pages mask.

/// A reason, chosen by the reviewer and recorded with the look. The record holds its code and no free text, which could name somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisclosureReason {
    /// The number is compared with the scanned documents.
    Documents,
    /// The number is compared with another register.
    Register,
    /// The person is to be reached.
    Contact,
    /// A complaint or an appeal is examined.
    Dispute,
    /// Supervision and inspection.
    Supervision,
}

impl DisclosureReason {
    /// Every reason, in the order of the page.
    pub const ALL: [Self; 5] = [Self::Documents, Self::Register, Self::Contact, Self::Dispute, Self::Supervision];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Register => "register",
            Self::Contact => "contact",
            Self::Dispute => "dispute",
            Self::Supervision => "supervision",
        }
    }

    /// Chinese label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Documents => "核对证件材料",
            Self::Register => "核验学历、社保等登记信息",
            Self::Contact => "联系申请人",
            Self::Dispute => "调查投诉或申诉",
            Self::Supervision => "监督检查",
        }
    }

    /// The reason with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_found_by_its_code() {
        for reason in DisclosureReason::ALL {
            assert_eq!(DisclosureReason::from_code(reason.code()), Some(reason));
        }
        assert_eq!(DisclosureReason::from_code(""), None);
    }
}
