//! Options that depend on the answer to another field of the page: replaced when that answer changes.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement};

use super::controls::{current_values, find_all, sent_values};

/// Offers the options of what is chosen in the field `other`, or in each field on which others depend.
pub fn offer_options(other: Option<&str>) {
    let places = match other {
        Some(other) => find_all(&format!("form#edit [data-within=\"{other}\"]")),
        None => find_all("form#edit [data-within]"),
    };
    places.iter().for_each(|place| offer(place, &[]));
}

/// Makes sure that the control of a field has these options, wherever they belong.
pub fn make_room(name: &str, codes: &[&str]) {
    find_all(&format!("form#edit [data-name=\"{name}\"]")).iter().for_each(|place| offer(place, codes));
}

/// Fills a control with the options of the answer it depends on, and with those that are chosen or `also` named.
fn offer(place: &Element, also: &[&str]) {
    let attribute = |name: &str| place.get_attribute(name).unwrap_or_default();
    let (name, text, mark) = (attribute("data-name"), attribute("data-options"), attribute("data-mark"));
    let lines: Vec<&str> = text.split('\n').collect();
    let options = || lines.as_chunks::<3>().0.iter().copied();
    let (choices, chosen, sent) = (current_values(&attribute("data-within")), current_values(&name), sent_values(&name));
    let mut offered: Vec<(String, String)> = Vec::new();
    let mut add = |code: &str, label: String| {
        if !code.is_empty() && offered.iter().all(|(known, _)| known != code) {
            offered.push((code.to_owned(), label));
        }
    };
    options().filter(|[choice, ..]| choices.iter().any(|c| c == choice)).for_each(|[_, code, label]| add(code, label.to_owned()));
    for code in chosen.iter().chain(&sent).map(String::as_str).chain(also.iter().copied()) {
        let label = options().find(|[_, known, _]| *known == code).map_or(code, |[.., label]| label);
        add(code, format!("{label}{mark}"));
    }
    let is = |codes: &[String], code: &str| codes.iter().any(|c| c == code);
    match place.dyn_ref::<HtmlSelectElement>() {
        Some(select) => {
            select.set_length(1);
            for (code, label) in &offered {
                let Some(option) = new_element("option", label) else { continue };
                let _ = option.set_attribute("value", code);
                if is(&sent, code) {
                    let _ = option.set_attribute("selected", "");
                }
                let _ = select.append_child(&option);
            }
            select.set_value(&chosen.concat());
            select.set_disabled(offered.is_empty());
        }
        None => {
            place.set_text_content(None);
            for (n, (code, label)) in offered.iter().enumerate() {
                let id = if n == 0 { format!("f-{name}") } else { format!("f-{name}-{n}") };
                add_checkbox(place, (&id, &name, code), label, (is(&sent, code), is(&chosen, code)));
            }
        }
    }
}

/// Adds a checkbox with its id, name and value. `ticked`: as the server sent it, and now.
fn add_checkbox(place: &Element, (id, name, code): (&str, &str, &str), label: &str, ticked: (bool, bool)) {
    let (Some(choice), Some(input), Some(text)) = (new_element("label", ""), new_element("input", ""), new_element("span", label)) else {
        return;
    };
    choice.set_class_name("choice");
    if let Some(input) = input.dyn_ref::<HtmlInputElement>() {
        input.set_type("checkbox");
        input.set_id(id);
        input.set_name(name);
        input.set_value(code);
        input.set_default_checked(ticked.0);
        input.set_checked(ticked.1);
    }
    let _ = choice.append_child(&input);
    let _ = choice.append_child(&text);
    let _ = place.append_child(&choice);
}

fn new_element(tag: &str, text: &str) -> Option<Element> {
    let element = document().create_element(tag).ok()?;
    element.set_text_content((!text.is_empty()).then_some(text));
    Some(element)
}
