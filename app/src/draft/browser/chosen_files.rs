//! Files that are chosen in the form, which the browser reads only when it sends them.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{DataTransfer, Element, File, HtmlElement, HtmlInputElement};

use super::controls::find_all;

/// The file controls of the page.
pub fn file_inputs() -> Vec<HtmlInputElement> {
    find_all("form#edit input[type=file][name]").into_iter().filter_map(|control| control.dyn_into().ok()).collect()
}

/// Whether a file is chosen that the post of the form would send.
pub fn has_chosen_file() -> bool {
    file_inputs().iter().any(|input| !input.value().is_empty())
}

/// The files chosen in a control.
pub fn chosen_files(input: &HtmlInputElement) -> Vec<File> {
    let Some(files) = input.files() else { return Vec::new() };
    (0..files.length()).filter_map(|i| files.get(i)).collect()
}

/// Sets the files of a control.
pub fn set_files(input: &HtmlInputElement, files: &[File]) {
    let Ok(carrier) = DataTransfer::new() else { return };
    for file in files {
        let _ = carrier.items().add_with_file(file);
    }
    input.set_files(carrier.files().as_ref());
}

/// Most files of the answer of a control.
pub fn max_files(input: &HtmlInputElement) -> Option<usize> {
    input.get_attribute("data-most")?.parse().ok()
}

/// Number of the files beside a control that its answer had when the page was rendered.
pub fn attached_files(input: &HtmlInputElement) -> usize {
    let Some(field) = input.parent_element() else { return 0 };
    field.query_selector_all("ul.files > li:not([data-testid=upload])").map_or(0, |files| files.length() as usize)
}

/// Says above a control that files chosen there are lost or not taken, until another file is chosen there.
pub fn show_fault(input: &HtmlInputElement, text: &str) {
    let id = format!("{}-lost", input.id());
    let Some(fault) = document().get_element_by_id(&id).or_else(|| new_fault(input, &id)) else { return };
    fault.set_text_content(Some(text));
    let described = input.get_attribute("aria-describedby").unwrap_or_default();
    if described.split(' ').all(|part| part != id) {
        let _ = input.set_attribute("aria-describedby", format!("{described} {id}").trim());
    }
    let _ = input.set_attribute("aria-invalid", "true");
}

fn new_fault(input: &HtmlInputElement, id: &str) -> Option<Element> {
    let fault = document().create_element("p").ok()?;
    fault.set_id(id);
    fault.set_class_name("field-fault");
    let _ = fault.set_attribute("data-testid", "file-lost");
    input.parent_element()?.insert_before(&fault, Some(input)).ok()?;
    Some(fault)
}

/// Takes this sentence back after another file was chosen in the control.
pub fn clear_fault(control: &Element) {
    let fault = document().get_element_by_id(&format!("{}-lost", control.id()));
    if let Some(fault) = fault.and_then(|fault| fault.dyn_into::<HtmlElement>().ok()) {
        fault.remove();
        let _ = control.remove_attribute("aria-invalid");
    }
}
