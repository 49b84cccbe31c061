//! What a matter claims for itself while it is open.

use uuid::Uuid;

/// What a submitted matter claims while it is open: no other open matter has the same key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenKey {
    /// The kind of subject, which several kinds of matter can share.
    pub subject: &'static str,
    /// Whether each applicant has the subject for themselves.
    pub per_applicant: bool,
    /// The subject; empty if the applicant is the subject.
    pub value: String,
    /// Why a second matter is refused.
    pub taken: &'static str,
}

impl OpenKey {
    /// The key as it is stored.
    pub fn text(&self, applicant: Uuid) -> String {
        if self.per_applicant { format!("{}:{applicant}:{}", self.subject, self.value) } else { format!("{}:{}", self.subject, self.value) }
    }
}

/// The claim of an application to be bound to a course category.
pub fn binding_key(category: String) -> OpenKey {
    OpenKey {
        subject: "category_binding", per_applicant: true, value: category, taken: "您已提交该课程类别的绑定申请，请等待审核结果"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_an_applicant_names_the_applicant() {
        let key = |per_applicant, value: &str| OpenKey { subject: "s", per_applicant, value: value.into(), taken: "" };
        let nobody = Uuid::nil();
        assert_eq!(key(false, "v").text(nobody), "s:v");
        assert_eq!(key(true, "v").text(nobody), format!("s:{nobody}:v"));
        assert_ne!(key(true, "").text(nobody), key(true, "").text(Uuid::from_u128(1)));
    }
}
