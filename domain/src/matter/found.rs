//! What was found when a requirement was held against what is known of a person.

/// How a requirement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Met by what is known.
    Met,
    /// Not met by what is known.
    Missing,
    /// Not to be told yet: something it depends on is not known.
    Unknown,
}

/// One requirement, held against the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Stable code of the requirement.
    pub requirement: &'static str,
    /// What it is called: 现场审核天数.
    pub label: String,
    /// What is needed, with its figures: 需要 15 天.
    pub needed: String,
    /// What there is, with its figures: 已有 14 天，还差 1 天.
    pub found: String,
    /// How it stands.
    pub state: State,
    /// What the person can do about it; empty when nothing is to be done.
    pub hint: &'static str,
    /// Page of the form where it can be mended.
    pub step: &'static str,
    /// Field, list or shown list on that page.
    pub field: &'static str,
}

impl Found {
    /// What is needed and what there is: 需要 15 天，已有 14 天，还差 1 天.
    pub fn figures(&self) -> String {
        format!("{}，{}", self.needed, self.found)
    }
}
