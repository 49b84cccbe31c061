//! Data for the editor of a page. The page contains it as text with one value on each line; text and reader are smaller than with JSON.

use domain::engine::form::{Answers, Form, FormContext, KnownAnswers, LineReader, LineWriter, read_known, write_known};

/// Parameters of the editor of a page.
#[derive(Clone)]
pub struct EditorData {
    /// Id of the matter.
    pub matter: String,
    /// Code of its kind.
    pub kind: String,
    /// Code of the step.
    pub step: String,
    /// List and id of the record, on the page of a record.
    pub record: Option<(String, String)>,
    /// Id of the signed-in account.
    pub account: String,
    /// Whether this device was declared as the account's own.
    pub own_device: bool,
}

/// The form and the answers that are written with [`EditorData`].
pub struct EditorForm {
    /// The form, as far as the page needs it.
    pub form: &'static Form,
    /// Saved answers on which conditions of the page depend.
    pub known: KnownAnswers,
}

impl EditorData {
    /// The parameters as text, with what the page needs of the form and of its saved answers.
    pub fn write(&self, form: &Form, answers: &Answers, context: &FormContext<'_>) -> String {
        let (list, record) = self.record.as_ref().map_or(("", ""), |(list, id)| (list.as_str(), id.as_str()));
        let own_device = if self.own_device { "own" } else { "-" };
        let values: [&str; 7] = [&self.matter, &self.kind, &self.step, list, record, &self.account, own_device];
        let mut text = LineWriter::default();
        values.iter().for_each(|value| text.push(value));
        write_known(&form.known_answers(&self.step, answers), &mut text);
        form.write(&self.step, context, &mut text);
        text.finish()
    }

    /// Reads what [`EditorData::write`] wrote.
    pub fn read(text: String) -> Option<(Self, EditorForm)> {
        let mut from = LineReader::new(text);
        let mut value = || Some(from.value()?.to_owned());
        let (matter, kind, step, list, record, account) = (value()?, value()?, value()?, value()?, value()?, value()?);
        let own_device = value()? == "own";
        let record = (!list.is_empty()).then_some((list, record));
        let known = read_known(&mut from)?;
        let form = Form::read(&mut from)?;
        Some((Self { matter, kind, step, record, account, own_device }, EditorForm { form, known }))
    }
}
