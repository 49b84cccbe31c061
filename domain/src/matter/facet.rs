//! What matters are searched by beside their title: 认证领域, 注册级别, 申请类型, 课程类别.

/// A property of a matter that its submitted answers determine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// 认证领域.
    Domain,
    /// 注册级别.
    Grade,
    /// 申请类型.
    Application,
    /// 课程类别.
    CourseCategory,
}

impl Facet {
    /// Every facet.
    pub const ALL: [Facet; 4] = [Facet::Domain, Facet::Grade, Facet::Application, Facet::CourseCategory];

    /// Stable code, also the name of its search condition.
    pub fn code(self) -> &'static str {
        match self {
            Facet::Domain => "domain",
            Facet::Grade => "grade",
            Facet::Application => "application",
            Facet::CourseCategory => "course_category",
        }
    }

    /// The stored form of a value: `domain=QMS`.
    pub fn stored(self, value: &str) -> String {
        format!("{}={value}", self.code())
    }
}
