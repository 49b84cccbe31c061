//! 机构类型.

/// Kind of an institution. One institution can be of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstitutionKind {
    /// 认证机构: people practise in it, and it recommends them.
    CertificationBody,
    /// 培训机构: it files courses and reports plans.
    TrainingProvider,
}

impl InstitutionKind {
    /// Every kind, in the order in which the kinds of an institution are shown.
    pub const ALL: [Self; 2] = [Self::CertificationBody, Self::TrainingProvider];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CertificationBody => "certification_body",
            Self::TrainingProvider => "training_provider",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::CertificationBody => "认证机构",
            Self::TrainingProvider => "培训机构",
        }
    }
}

/// The kinds of one institution.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InstitutionKinds {
    certifies: bool,
    trains: bool,
}

impl FromIterator<InstitutionKind> for InstitutionKinds {
    fn from_iter<I: IntoIterator<Item = InstitutionKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::default(), |all, kind| match kind {
            InstitutionKind::CertificationBody => Self { certifies: true, ..all },
            InstitutionKind::TrainingProvider => Self { trains: true, ..all },
        })
    }
}

impl InstitutionKinds {
    /// Whether a kind is one of them.
    pub fn includes(self, kind: InstitutionKind) -> bool {
        match kind {
            InstitutionKind::CertificationBody => self.certifies,
            InstitutionKind::TrainingProvider => self.trains,
        }
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = InstitutionKind> {
        InstitutionKind::ALL.into_iter().filter(move |kind| self.includes(*kind))
    }

    /// Their names: 认证机构、培训机构.
    pub fn label(self) -> String {
        self.iter().map(InstitutionKind::label).collect::<Vec<_>>().join("、")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_in_one_order_each_once() {
        use InstitutionKind::{CertificationBody, TrainingProvider};
        let kinds: InstitutionKinds = [TrainingProvider, CertificationBody, TrainingProvider].into_iter().collect();
        assert_eq!(kinds.label(), "认证机构、培训机构");
        assert_eq!(InstitutionKinds::from_iter([TrainingProvider]).label(), "培训机构");
        assert_eq!(InstitutionKinds::default().label(), "");
        for kind in InstitutionKind::ALL {
            assert_eq!(InstitutionKind::from_code(kind.code()), Some(kind));
        }
    }
}
