//! Certification domains, personnel categories and grades.

use super::choice::Choice;

/// 人员类别.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// 管理体系审核员.
    Auditor,
    /// 产品认证检查员.
    Inspector,
    /// 服务认证审查员.
    Examiner,
}

/// 注册级别.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// 实习.
    Trainee,
    /// 正式.
    Full,
    /// 高级.
    Senior,
}

/// 认证领域.
#[derive(Debug, PartialEq, Eq)]
pub struct Domain {
    /// Code, as printed on certificates.
    pub code: &'static str,
    /// Chinese name.
    pub label: &'static str,
    /// Personnel category of the domain.
    pub category: Category,
    /// Minimum education, a code of [`super::EDUCATION`] (docs/domain.md §1.2; 大学专科 of §2.1 where none was found).
    pub degree: &'static str,
    /// Main clauses of the standard, codes of [`super::CLAUSES`]; empty where the standard has another structure.
    pub clauses: &'static [&'static str],
}

impl Category {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Category::Auditor => "auditor",
            Category::Inspector => "inspector",
            Category::Examiner => "examiner",
        }
    }

    /// The category with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Auditor, Self::Inspector, Self::Examiner].into_iter().find(|c| c.code() == code)
    }

    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Category::Auditor => "管理体系审核员",
            Category::Inspector => "产品认证检查员",
            Category::Examiner => "服务认证审查员",
        }
    }

    /// Verb of the category: 审核, 检查, 审查.
    pub fn work(self) -> &'static str {
        match self {
            Category::Auditor => "审核",
            Category::Inspector => "检查",
            Category::Examiner => "审查",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Category::Auditor => "审核员",
            Category::Inspector => "检查员",
            Category::Examiner => "审查员",
        }
    }
}

impl Grade {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Grade::Trainee => "trainee",
            Grade::Full => "full",
            Grade::Senior => "senior",
        }
    }

    /// The grade with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Trainee, Self::Full, Self::Senior].into_iter().find(|g| g.code() == code)
    }

    /// The grade one step below.
    pub fn below(self) -> Option<Self> {
        match self {
            Grade::Trainee => None,
            Grade::Full => Some(Grade::Trainee),
            Grade::Senior => Some(Grade::Full),
        }
    }

    /// The grade's digit in certificate numbers.
    pub fn digit(self) -> u8 {
        match self {
            Grade::Trainee => 0,
            Grade::Full => 1,
            Grade::Senior => 2,
        }
    }

    /// The grade with this digit.
    pub fn from_digit(digit: u8) -> Option<Self> {
        [Self::Trainee, Self::Full, Self::Senior].into_iter().find(|g| g.digit() == digit)
    }

    /// The grade's name for a category: 实习审核员, 检查员, 高级审查员 …
    pub fn title(self, category: Category) -> String {
        let prefix = match self {
            Grade::Trainee => "实习",
            Grade::Full => "",
            Grade::Senior => "高级",
        };
        format!("{prefix}{}", category.noun())
    }
}

/// The domain with this code.
pub fn domain(code: &str) -> Option<&'static Domain> {
    DOMAINS.iter().find(|d| d.code == code)
}

macro_rules! domains {
    ($($code:literal $label:literal $category:ident $degree:literal $clauses:ident;)*) => {
        /// Every domain open for registration.
        pub const DOMAINS: &[Domain] = &[$(Domain {
            code: $code,
            label: $label,
            category: Category::$category,
            degree: $degree,
            clauses: $clauses,
        }),*];
        /// The domains as options of a form, grouped by category.
        pub const DOMAIN_CHOICES: &[Choice] = &[$(Choice { code: $code, label: $label, group: Category::$category.label() }),*];
    };
}

/// Name of the domain with this code, for option lists; empty for an unknown code.
pub(super) const fn domain_label(code: &str) -> &'static str {
    let mut rest = DOMAINS;
    while let [domain, others @ ..] = rest {
        if same_text(domain.code.as_bytes(), code.as_bytes()) {
            return domain.label;
        }
        rest = others;
    }
    ""
}

const fn same_text(mut a: &[u8], mut b: &[u8]) -> bool {
    while let ([first, left @ ..], [other, right @ ..]) = (a, b) {
        if *first != *other {
            return false;
        }
        (a, b) = (left, right);
    }
    a.is_empty() && b.is_empty()
}

/// Main clauses shared by management system standards.
const SHARED: &[&str] = &["4", "5", "6", "7", "8", "9", "10"];
/// For standards with another structure.
const OTHER: &[&str] = &[];

domains! {
    "QMS" "质量管理体系" Auditor "junior_college" SHARED;
    "EMS" "环境管理体系" Auditor "junior_college" SHARED;
    "OHSMS" "职业健康安全管理体系" Auditor "junior_college" SHARED;
    "FSMS" "食品安全管理体系" Auditor "bachelor" SHARED;
    "ENMS" "能源管理体系" Auditor "bachelor" SHARED;
    "ISMS" "信息安全管理体系" Auditor "bachelor" SHARED;
    "ITSMS" "信息技术服务管理体系" Auditor "bachelor" SHARED;
    "HACCP" "危害分析与关键控制点体系" Auditor "bachelor" OTHER;
    "IPMS" "知识产权管理体系" Auditor "junior_college" SHARED;
    "MMS" "测量管理体系" Auditor "junior_college" OTHER;
    "EC9000" "建筑施工行业质量管理体系" Auditor "bachelor" OTHER;
    "FOREST" "森林认证" Auditor "bachelor" OTHER;
    "OP" "有机产品认证" Inspector "junior_college" OTHER;
    "GAP" "良好农业规范认证" Inspector "junior_college" OTHER;
    "VPC" "自愿性产品认证" Inspector "junior_college" OTHER;
    "CCC" "强制性产品认证" Inspector "junior_college" OTHER;
    "SC" "一般服务认证" Examiner "junior_college" OTHER;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grade_is_named_after_its_category() {
        assert_eq!(Grade::Trainee.title(Category::Auditor), "实习审核员");
        assert_eq!(Grade::Full.title(Category::Inspector), "检查员");
        assert_eq!(Grade::Senior.title(Category::Examiner), "高级审查员");
    }

    #[test]
    fn each_domain_code_stands_once() {
        for d in DOMAINS {
            assert_eq!(DOMAINS.iter().filter(|e| e.code == d.code).count(), 1);
            assert_eq!(domain(d.code), Some(d));
        }
    }

    #[test]
    fn specialties_are_of_the_domains_that_have_some() {
        let of = |d: &Domain| super::super::specialties(d).count();
        for d in DOMAINS {
            assert_eq!(super::super::SPECIALISED.contains(&d.code), of(d) > 0, "{}", d.code);
        }
        assert_eq!(DOMAINS.iter().map(of).sum::<usize>(), super::super::SPECIALTIES.len(), "each is of a domain");
    }

    #[test]
    fn degrees_and_clauses_are_those_of_the_lists() {
        for d in DOMAINS {
            assert!(super::super::EDUCATION.iter().any(|c| c.code == d.degree), "{}", d.code);
            assert!(d.clauses.iter().all(|c| super::super::CLAUSES.iter().any(|l| l.code == *c)), "{}", d.code);
        }
    }
}
