//! Files of a matter on its pages: shown in place, beside what they prove.

use backend::matter::LoadedMatter;
use backend::matter::context::OwnedMatterContext;
use domain::engine::form::{FileRef, ShownAnswer, show_form};
use leptos::prelude::*;
use uuid::Uuid;

use crate::links;
use crate::ui::*;

/// Largest picture that is its own thumbnail, in bytes: a page of twenty files stays light.
const LIGHT: u64 = 300 * 1024;

/// A file as a page shows it. `label`: what it proves.
fn shown(id: Uuid, file: &FileRef, label: &str) -> ShownFile {
    ShownFile {
        id: format!("file-{}", file.file),
        label: label.to_owned(),
        name: format!("{}({})", file.name, size(file.size)),
        mime: file.mime.clone(),
        is_light: file.size <= LIGHT,
        view: links::file_view(id, file.file),
        download: format!("/matters/{id}/files/{}", file.file),
    }
}

/// The files of an answer, each of which opens in place.
pub(super) fn files_view(id: Uuid, answer: &ShownAnswer) -> AnyView {
    files_in_place(id, answer, answer.label)
}

/// The same under another label; without one where the line has it.
pub(super) fn files_in_place(id: Uuid, answer: &ShownAnswer, label: &'static str) -> AnyView {
    let files = answer.files.iter().map(|file| shown(id, file, answer.label)).collect();
    view! { <FilesInPlace label=label files=files /> }.into_any()
}

/// 材料: every file that the reader sees, which leads to where it is shown. None without files.
pub(super) fn gallery_section(matter: &LoadedMatter, context: &OwnedMatterContext) -> Option<AnyView> {
    let mut files = Vec::new();
    for step in show_form(matter.kind.form, &matter.answers, &context.as_context()) {
        let of_records = step
            .lists
            .into_iter()
            .flat_map(|(_, records)| records)
            .flat_map(|record| record.answers.into_iter().map(move |answer| (format!("{}（{}）", answer.label, record.title), answer)));
        let single = step.answers.into_iter().map(|answer| (answer.label.to_owned(), answer));
        for (label, answer) in single.chain(of_records) {
            files.extend(answer.files.iter().map(|file| shown(matter.id, file, &label)));
        }
    }
    (!files.is_empty()).then(|| {
        view! {
            <Section title="材料">
                <Gallery files=files />
            </Section>
        }
        .into_any()
    })
}

/// Address of the applicant's photo, if the form asks for one and the reader sees it.
pub(super) fn photo_of(matter: &LoadedMatter) -> Option<String> {
    let field = matter.kind.form.fields().map(|(_, field)| field).find(|field| field.portrait)?;
    let file = matter.answers.fields.get(field.name)?.files().first()?;
    Some(links::file_view(matter.id, file.file))
}
