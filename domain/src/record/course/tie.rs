//! The tie of a teacher to a filed course.

use std::collections::BTreeSet;

use uuid::Uuid;

/// What a teacher is in a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TeacherRole {
    /// 主讲.
    Lead,
    /// 助教.
    Assistant,
}

impl TeacherRole {
    /// Every role, in the order of forms.
    pub const ALL: [TeacherRole; 2] = [TeacherRole::Lead, TeacherRole::Assistant];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            TeacherRole::Lead => "lead",
            TeacherRole::Assistant => "assistant",
        }
    }

    /// The role with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            TeacherRole::Lead => "主讲",
            TeacherRole::Assistant => "助教",
        }
    }
}

/// State of the tie of a teacher to a filed course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TieState {
    /// 已备案.
    Filed,
    /// 解除办理中: the teacher asked to be released.
    Releasing,
    /// 已解除.
    Released,
}

impl TieState {
    /// Every state.
    pub const ALL: [TieState; 3] = [TieState::Filed, TieState::Releasing, TieState::Released];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            TieState::Filed => "filed",
            TieState::Releasing => "releasing",
            TieState::Released => "released",
        }
    }

    /// The state with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            TieState::Filed => "已备案",
            TieState::Releasing => "解除办理中",
            TieState::Released => "已解除",
        }
    }
}

/// The modules that nobody of `teachers` leads. `teachers`: the role of each who teaches, and the modules.
pub fn modules_without_lead<'a>(
    modules: impl IntoIterator<Item = Uuid>,
    teachers: impl IntoIterator<Item = (TeacherRole, &'a [Uuid])>,
) -> Vec<Uuid> {
    let leads = teachers.into_iter().filter(|(role, _)| *role == TeacherRole::Lead);
    let led: BTreeSet<Uuid> = leads.flat_map(|(_, modules)| modules).copied().collect();
    modules.into_iter().filter(|module| !led.contains(module)).collect()
}

/// Compound surnames, which are two characters long.
const COMPOUND_SURNAMES: &[&str] =
    &["欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "夏侯", "端木", "南宫"];

/// The name of a teacher as the public reads it: the surname and `**`.
pub fn mask_teacher(name: &str) -> String {
    let compound = COMPOUND_SURNAMES.iter().find(|surname| name.starts_with(**surname) && name != **surname);
    let surname = compound.map_or_else(|| name.chars().take(1).collect(), |surname| (*surname).to_owned());
    format!("{surname}**")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_needs_a_teacher_who_leads_it() {
        let [first, second] = [1, 2].map(Uuid::from_u128);
        let all = [first, second];
        for (teachers, left) in [
            (vec![(TeacherRole::Lead, &all[..])], vec![]),
            (vec![(TeacherRole::Lead, &all[..1]), (TeacherRole::Assistant, &all[..])], vec![second]),
            (vec![(TeacherRole::Lead, &all[..1]), (TeacherRole::Lead, &all[1..])], vec![]),
            (vec![], vec![first, second]),
        ] {
            assert_eq!(modules_without_lead(all, teachers), left);
        }
    }

    #[test]
    fn the_public_reads_the_surname_of_a_teacher_only() {
        for (name, shown) in
            [("林晓月", "林**"), ("李明", "李**"), ("欧阳修", "欧阳**"), ("欧阳", "欧**"), ("John Smith", "J**"), ("", "**")]
        {
            assert_eq!(mask_teacher(name), shown);
        }
    }

    #[test]
    fn roles_and_states_are_read_back_from_their_codes() {
        assert!(TeacherRole::ALL.into_iter().all(|role| TeacherRole::from_code(role.code()) == Some(role)));
        assert!(TieState::ALL.into_iter().all(|state| TieState::from_code(state.code()) == Some(state)));
    }
}
