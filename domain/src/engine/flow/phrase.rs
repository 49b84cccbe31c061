//! 常用意见: phrases that the author of an opinion puts into it.

use super::definition::{Requires, Tone, Transition};
use super::party::Party;

/// For a consent.
const CONSENT: &[&str] = &["材料齐全，内容属实，同意。", "填报内容与证明材料一致，同意。", "符合要求，同意。"];
/// For a refusal.
const REFUSAL: &[&str] = &["申请材料不能证明符合要求。", "填报内容与证明材料不一致，且未能说明原因。", "经退回修改仍不符合要求。"];
/// For a return to the applicant.
const RETURN: &[&str] =
    &["请按标注的问题逐项修改后重新提交。", "证明材料不清晰，请重新上传清晰完整的扫描件。", "填报内容与证明材料不一致，请核对后修改。"];
/// For a decision that is neither.
const OTHER: &[&str] = &["请核实有关情况后重新提出意见。", "审核意见不充分，请补充说明。"];
/// For the opinion of an expert.
const EXPERT: &[&str] = &["材料真实完整，符合要求。", "申请人的学历、经历和专业能力符合要求。", "部分内容不符合要求，须按所列问题整改。"];

/// The phrases for the opinion of a transition: its own, or those for transitions of its sort. None for what applicants and participants
/// write, for reasons of keeping away, and where the note is the decision itself.
pub fn opinion_phrases(transition: &Transition) -> &'static [&'static str] {
    let is_staff = matches!(transition.by, Party::Institution(_) | Party::Association(_));
    match (transition.requires, transition.tone) {
        _ if !transition.phrases.is_empty() => transition.phrases,
        _ if transition.is_opinion() => EXPERT,
        _ if !is_staff || transition.quoted_note.is_some() => &[],
        (Requires::NoteAndItems, _) => RETURN,
        (Requires::OptionalNote | Requires::Note, Tone::Forward) => CONSENT,
        (Requires::OptionalNote | Requires::Note, Tone::Destructive) => REFUSAL,
        (Requires::OptionalNote | Requires::Note, Tone::Plain) => OTHER,
        _ => &[],
    }
}

/// An opinion with a phrase, on a line of its own; unchanged if it has the phrase already.
pub fn with_phrase(note: &str, phrase: &str) -> String {
    let (note, phrase) = (note.trim_end(), phrase.trim());
    match (note.is_empty(), phrase.is_empty() || note.contains(phrase)) {
        (_, true) => note.to_owned(),
        (true, false) => phrase.to_owned(),
        (false, false) => format!("{note}\n{phrase}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::flow::NOTE_MAX;
    use crate::kind::KINDS;

    #[test]
    fn a_phrase_is_added_once_on_a_line_of_its_own() {
        for (note, phrase, expected) in [
            ("", "同意。", "同意。"),
            ("已核对。", "同意。", "已核对。\n同意。"),
            ("我同意。", "同意。", "我同意。"),
            ("已核对。", "", "已核对。"),
        ] {
            assert_eq!(with_phrase(note, phrase), expected);
        }
    }

    #[test]
    fn every_decision_of_staff_with_an_opinion_has_phrases_and_what_applicants_write_has_none() {
        for kind in KINDS {
            for transition in kind.flow.stages.iter().flat_map(|stage| stage.transitions) {
                let phrases = opinion_phrases(transition);
                let asks = matches!(transition.requires, Requires::OptionalNote | Requires::Note | Requires::NoteAndItems);
                let is_staff = matches!(transition.by, Party::Institution(_) | Party::Association(_));
                assert_eq!(
                    !phrases.is_empty(),
                    is_staff && asks && transition.quoted_note.is_none() || transition.is_opinion(),
                    "{} {}",
                    kind.code,
                    transition.command
                );
                assert!(phrases.iter().all(|phrase| phrase.chars().count() <= NOTE_MAX), "{}", transition.command);
            }
        }
    }
}
