//! What was typed in a form whose answer is an error of the server, so that the page of the error offers to send it again.

use http::Uri;
use leptos::prelude::*;
use uuid::Uuid;

use crate::page::Page;
use crate::post::ReceivedForm;
use crate::ui::{Actions, Section, Submit};

/// Maximum size of the names and values that an error page carries, in bytes.
const MAX_BYTES: usize = 64 << 10;
/// Size that each pair adds on the page.
const PAIR_BYTES: usize = 16;

/// The text of a posted form, without passwords. An extension of responses that the server itself makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedForm {
    /// Path and query of the post.
    pub action: String,
    /// Names and values.
    pub pairs: Vec<(String, String)>,
    /// Whether files were chosen, which a page cannot carry.
    pub files_lost: bool,
}

impl TypedForm {
    /// The text of a form that was posted to `uri`; none if there is nothing to keep or it is too large.
    pub fn of(uri: &Uri, form: &ReceivedForm) -> Option<Self> {
        if let ReceivedForm::UrlEncoded(body) = form
            && body.len() > 3 * MAX_BYTES
        {
            return None;
        }
        let mut pairs = form.pairs();
        // A password is never sent back.
        pairs.retain(|(name, _)| !name.contains("password"));
        let size: usize = pairs.iter().map(|(name, value)| name.len() + value.len() + PAIR_BYTES).sum();
        let action = uri.path_and_query().map_or_else(|| uri.path().to_owned(), |p| p.as_str().to_owned());
        (!pairs.is_empty() && size <= MAX_BYTES).then_some(Self { action, pairs, files_lost: form.has_files() })
    }

    /// The sentence above the button.
    pub fn text(&self) -> &'static str {
        if self.files_lost {
            "您填写的内容还在本页，可以稍后重新提交；刚才选择的文件需要在提交后重新选择。"
        } else {
            "您填写的内容还在本页，可以稍后重新提交。"
        }
    }

    /// The texts that a person typed, without names, keys and buttons.
    fn texts(&self) -> Vec<String> {
        let secret = |name: &str| name == "code" || name.starts_with("code_");
        let typed = |(name, value): &(String, String)| {
            !name.starts_with('_') && !secret(name) && !value.trim().is_empty() && Uuid::parse_str(value).is_err()
        };
        self.pairs.iter().filter(|pair| typed(pair)).map(|(_, value)| value.clone()).collect()
    }

    /// Shows what was typed on an error page, to be copied: there is nothing any more that it could be sent to.
    pub fn show_on(self, page: Page) -> Page {
        let (above, texts) = (page.body, self.texts());
        let body = move || {
            let section = (!texts.is_empty()).then(|| {
                let texts = texts.into_iter().map(|text| view! { <p class="lines">{text}</p> }).collect_view();
                view! {
                    <Section title="您填写的内容">
                        <p>"以下内容没有保存，如仍需要，请复制。"</p>
                        {texts}
                    </Section>
                }
            });
            view! {
                {above()}
                {section}
            }
            .into_any()
        };
        Page { body: Box::new(body), ..page }
    }

    /// Adds the form to an error page.
    pub fn add_to(self, page: Page) -> Page {
        let above = page.body;
        let body = move || {
            let text = self.text();
            let fields = self.pairs.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
            view! {
                {above()}
                <Section>
                    <p>{text}</p>
                    <form method="post" action=self.action>
                        {fields}
                        <Actions>
                            <Submit label="重新提交" />
                        </Actions>
                    </form>
                </Section>
            }
            .into_any()
        };
        Page { body: Box::new(body), ..page }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn typed(body: &str) -> Option<TypedForm> {
        TypedForm::of(&"/matters/1/edit/person?x=1".parse().unwrap(), &ReceivedForm::UrlEncoded(Bytes::from(body.to_owned())))
    }

    #[test]
    fn what_was_typed_is_kept_but_for_passwords() {
        let kept = typed("_key=7&address=%E5%8C%97&password=secret&old_password=secret").unwrap();
        assert_eq!(kept.action, "/matters/1/edit/person?x=1");
        assert_eq!(kept.pairs, [("_key".to_owned(), "7".to_owned()), ("address".to_owned(), "北".to_owned())]);
    }

    #[test]
    fn only_texts_of_a_person_are_shown() {
        let kept = typed(&format!("_key=7&_action=save&note=%E6%84%8F%E8%A7%81&record={}&empty=+", Uuid::nil())).unwrap();
        assert_eq!(kept.texts(), ["意见"]);
    }

    #[test]
    fn a_form_that_is_empty_or_too_large_is_not_kept() {
        assert_eq!(typed(""), None);
        assert_eq!(typed(&format!("a={}", "x".repeat(MAX_BYTES))), None);
        assert_eq!(typed(&"a=&".repeat(MAX_BYTES)), None);
    }
}
