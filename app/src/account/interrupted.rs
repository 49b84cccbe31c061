//! A post that the end of a session interrupted: the log-in form carries it, and it continues after signing in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use crate::page::{Page, PageResponse, redirect};
use crate::ui::*;

/// Largest text of a post that the login form carries, in bytes; encoded, it fits into the form of 64 KiB.
const HELD_MAX: usize = 42 << 10;

/// A post and the account in whose session it was typed, if that is known.
type Interrupted = (Option<Uuid>, Vec<(String, String)>);

/// Encodes a post for the login form; none if it is too large for it.
pub(super) fn encode(author: Option<Uuid>, pairs: &[(String, String)]) -> Option<String> {
    let size = |text: &str| text.len() + 4;
    if pairs.iter().map(|(name, value)| size(name) + size(value)).sum::<usize>() > HELD_MAX {
        return None;
    }
    // Control characters take six times their length in JSON.
    serde_json::to_vec(&(author, pairs)).ok().filter(|json| json.len() <= HELD_MAX).map(|json| URL_SAFE_NO_PAD.encode(json))
}

fn decode(text: &str) -> Option<Interrupted> {
    let interrupted: Interrupted = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    (!interrupted.1.is_empty()).then_some(interrupted)
}

/// The page after login that sends the interrupted post.
fn resume_page(next: String, pairs: Vec<(String, String)>) -> Page {
    let body = move || {
        let fields = pairs.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
        view! {
            <PageHead title="已重新登录" lead="您填写的内容尚未保存，请继续提交。" />
            <Section>
                <form method="post" action=next>
                    {fields}
                    <Actions>
                        <Submit label="继续提交" />
                    </Actions>
                </form>
            </Section>
        }
        .into_any()
    };
    Page::new("已重新登录", body)
}

/// The page after login for a post that another account has typed: it is not sent.
fn foreign_page() -> Page {
    let body = || {
        view! {
            <PageHead title="没有提交" />
            <Section>
                <Notice tone=Tone::Warn>
                    "登录前填写的内容属于另一个账号，没有提交。需要提交的，请用原来的账号登录后重新填写。"
                </Notice>
                <ButtonLink href="/" label="回到首页" />
            </Section>
        }
        .into_any()
    };
    Page::new("没有提交", body).status(StatusCode::CONFLICT)
}

/// Where a person goes after signing in: the page that was asked for, or the page that sends the interrupted post.
pub(super) fn continue_at(next: String, interrupted: &str, account: Uuid) -> PageResponse {
    match decode(interrupted) {
        Some((Some(author), _)) if author != account => foreign_page().into(),
        Some((_, pairs)) => resume_page(next, pairs).into(),
        None => redirect(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(value: String) -> Vec<(String, String)> {
        vec![("address".to_owned(), value)]
    }

    #[test]
    fn a_post_that_is_carried_comes_back_as_it_was_and_fits_into_the_form() {
        let pairs = post("北".repeat(13_000));
        let text = encode(None, &pairs).unwrap();
        assert!(text.len() < (60 << 10), "{}", text.len());
        assert_eq!(decode(&text), Some((None, pairs)));
    }

    #[test]
    fn a_post_too_large_for_the_form_is_not_carried_however_it_grows() {
        for value in ["x".repeat(48 << 10), "\u{1}".repeat(20 << 10)] {
            assert_eq!(encode(None, &post(value)), None);
        }
        assert_eq!(encode(None, &vec![(String::new(), String::new()); 20_000]), None);
    }
}
