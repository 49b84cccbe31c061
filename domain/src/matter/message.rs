//! Words of messages about a kind of matter, in place of the general ones.

use crate::engine::flow::Party;

/// The message when a stage is entered, for the applicant or for those who are asked there.
#[derive(Debug, PartialEq, Eq)]
pub struct StageMessage {
    /// Code of the stage.
    pub stage: &'static str,
    /// The party that is told.
    pub to: Party,
    /// Title.
    pub title: &'static str,
    /// Text with `{institution}`, `{title}`, `{due}` and `{note}`.
    pub text: &'static str,
}

/// What the text of a message names. Each is empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageNames {
    /// Name of the institution that the matter belongs to.
    pub institution: String,
    /// Title of the matter.
    pub title: String,
    /// Last day of the stage.
    pub due: String,
    /// Note of the decision that led to the stage.
    pub note: String,
}

impl StageMessage {
    /// The text with the names.
    pub fn render(&self, names: &MessageNames) -> String {
        let pairs = [("{institution}", &names.institution), ("{title}", &names.title), ("{due}", &names.due)];
        let text = pairs.into_iter().fold(self.text.to_owned(), |text, (mark, name)| text.replace(mark, name));
        // Last, since a note may hold anything.
        text.replace("{note}", &names.note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_its_names_and_a_note_is_not_read_as_a_text() {
        let text = "{institution} 的“{title}”列您为授课教师，请在 {due} 前确认。{note}";
        let message = StageMessage { stage: "teachers", to: Party::Participant, title: "", text };
        let [institution, title, due, note] = ["华信", "内审员培训", "2026-12-07", "{title}"].map(str::to_owned);
        let names = MessageNames { institution, title, due, note };
        assert_eq!(message.render(&names), "华信 的“内审员培训”列您为授课教师，请在 2026-12-07 前确认。{title}");
    }
}
