//! Text that an input method composes (pinyin, for one) and that is no answer yet: until the composition ends, a control counts as having
//! the value it had before. Every form that reads, saves or fills controls asks here.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, Event, HtmlInputElement, HtmlTextAreaElement};

thread_local! {
    /// The control in which text is composed, with its value before.
    static COMPOSED: RefCell<Option<(Element, String)>> = const { RefCell::new(None) };
    static WATCHING: Cell<bool> = const { Cell::new(false) };
}

/// Follows the compositions of this document from now on; further calls do nothing. The end of a composition is seen here before any other
/// listener on the window sees it, so a `compositionend` listener reads the composed text.
pub fn watch_compositions() {
    if WATCHING.replace(true) {
        return;
    }
    let begin = |event: Event| {
        let control = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        COMPOSED.set(control.and_then(|control| value_of(&control).map(|value| (control, value))));
    };
    for (name, handler) in [
        ("compositionstart", Closure::<dyn FnMut(Event)>::new(begin)),
        ("compositionend", Closure::<dyn FnMut(Event)>::new(|_| drop(COMPOSED.take()))),
    ] {
        let _ = window().add_event_listener_with_callback_and_bool(name, handler.as_ref().unchecked_ref(), true);
        handler.forget();
    }
}

/// The value that a control had before the composition in it began; `None` if nothing is composed in it.
pub fn value_before_composition(control: &Element) -> Option<String> {
    COMPOSED.with_borrow(|composed| composed.as_ref().filter(|(place, _)| place == control).map(|(_, before)| before.clone()))
}

/// The name and the value before of the control in which text is composed.
pub fn composed_control() -> Option<(String, String)> {
    let (control, before) = COMPOSED.with_borrow(Clone::clone).filter(|(control, _)| control.is_connected())?;
    Some((control.get_attribute("name")?, before))
}

fn value_of(control: &Element) -> Option<String> {
    let input = control.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::value);
    input.or_else(|| control.dyn_ref::<HtmlTextAreaElement>().map(HtmlTextAreaElement::value))
}
