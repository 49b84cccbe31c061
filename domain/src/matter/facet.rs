//! What matters are searched by beside their title: 认证领域, 注册级别, 申请类型.

/// A property of a matter that its submitted answers determine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// 认证领域.
    Domain,
    /// 注册级别.
    Grade,
    /// 申请类型.
    Application,
}

impl Facet {
    /// Every facet.
    pub const ALL: [Facet; 3] = [Facet::Domain, Facet::Grade, Facet::Application];

    /// Stable code, also the name of its search condition.
    pub fn code(self) -> &'static str {
        match self {
            Facet::Domain => "domain",
            Facet::Grade => "grade",
            Facet::Application => "application",
        }
    }

    /// The stored form of a value: `domain=QMS`.
    pub fn stored(self, value: &str) -> String {
        format!("{}={value}", self.code())
    }
}
