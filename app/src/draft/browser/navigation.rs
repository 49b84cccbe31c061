//! From page to page of the wizard without loading the whole document again.

use js_sys::{Array, Function, Promise};
use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Element, HtmlElement, Response, SupportedType};

use super::controls::find_all;
use super::web::{call, get, window};

/// A page as the server sent it.
pub struct FetchedPage {
    /// Status of the response.
    pub status: u16,
    /// Path and query it was fetched from, after redirects.
    pub address: String,
    /// The document.
    pub html: String,
}

/// Reads a response as a page.
pub async fn read_page(response: &Response) -> Option<FetchedPage> {
    let html = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    let origin = window().location().origin().unwrap_or_default();
    let address = response.url().strip_prefix(&origin).unwrap_or_default().to_owned();
    Some(FetchedPage { status: response.status(), address, html })
}

/// Fetches a page of the wizard; none if the server was not reached.
pub async fn fetch_page(address: &str) -> Option<FetchedPage> {
    let fetched: Promise = call(&window(), "fetch", &[address.into()]).ok()?.dyn_into().ok()?;
    let response: Response = JsFuture::from(fetched).await.ok()?.dyn_into().ok()?;
    read_page(&response).await
}

/// Whether an address is that of a page of the wizard.
pub fn is_wizard(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.split('/').skip(1);
    parts.next() == Some("matters") && parts.nth(1) == Some("edit") && parts.last() != Some("library")
}

/// Path and query of the open page.
pub fn here() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// A page of the wizard that can take the place of the open one.
pub struct WizardPage {
    title: String,
    main: Element,
}

impl WizardPage {
    /// Parses a page; none if it is not of the wizard, or belongs to another version of the program.
    pub fn parse(html: &str) -> Option<Self> {
        let new = DomParser::new().ok()?.parse_from_string(html, SupportedType::TextHtml).ok()?;
        let main = new.get_element_by_id("main")?;
        main.query_selector("form#edit leptos-island").ok()??;
        (version(&new) == version(&document())).then(|| Self { title: new.title(), main })
    }

    /// The revision of the draft that the page shows.
    pub fn revision(&self) -> Option<String> {
        self.main.query_selector("form#edit input[name=_rev]").ok()??.get_attribute("value")
    }

    /// Replaces the content of the document by that of the page.
    pub fn replace_content(&self) {
        let Some(old) = document().get_element_by_id("main") else { return };
        document().set_title(&self.title);
        let _ = old.replace_with_with_node_1(&self.main);
    }
}

/// The built files a document belongs to.
fn version(document: &Document) -> Option<String> {
    document.query_selector("link[rel=modulepreload]").ok().flatten()?.get_attribute("href")
}

/// Wakes the islands of new content.
pub fn wake_islands() {
    for island in find_all("#main leptos-island") {
        let name = island.get_attribute("data-component").unwrap_or_default();
        if let Ok(hydrate) = get(&window(), "__hydrateIsland").dyn_into::<Function>() {
            let _ = hydrate.apply(&JsValue::UNDEFINED, &Array::of2(&island, &name.into()));
        }
    }
}

/// Makes an address that of the open page.
pub fn push_address(address: &str, replace: bool) {
    let Ok(history) = window().history() else { return };
    let _ = match replace {
        true => history.replace_state_with_url(&JsValue::NULL, "", Some(address)),
        false => history.push_state_with_url(&JsValue::NULL, "", Some(address)),
    };
}

/// Shows where the new content begins: the place its address names, its errors, or its heading.
pub fn focus_content() {
    let hash = window().location().hash().unwrap_or_default();
    let named = hash.strip_prefix('#').and_then(|id| document().get_element_by_id(id));
    match named {
        Some(named) => named.scroll_into_view(),
        None => window().scroll_to_with_x_and_y(0.0, 0.0),
    }
    let first = |selector: &str| document().query_selector(selector).ok().flatten();
    let Some(target) = first("#faults").or_else(|| first("#main h1")) else { return };
    let _ = target.set_attribute("tabindex", "-1");
    if let Some(target) = target.dyn_ref::<HtmlElement>() {
        let _ = target.focus();
    }
}

/// Marks the form as being sent, until it is dropped.
pub struct Busy(Vec<Element>);

impl Busy {
    /// Disables the buttons of the form, and says that it is busy.
    pub fn begin() -> Self {
        let mut marked = find_all("form#edit");
        marked.iter().for_each(|form| drop(form.set_attribute("aria-busy", "true")));
        for button in find_all("button[name=_action]:not([disabled])") {
            let _ = button.set_attribute("disabled", "");
            marked.push(button);
        }
        Self(marked)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        for element in &self.0 {
            let _ = element.remove_attribute("disabled");
            let _ = element.remove_attribute("aria-busy");
        }
    }
}
