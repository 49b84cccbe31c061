//! Pages that say why there is no other.

use http::StatusCode;
use leptos::prelude::*;

use crate::call::{Fault, Page};
use crate::ui::{ButtonLink, PageHead, Section};

/// The page of a fault. Signing in is a redirect and never comes here.
pub fn page(fault: &Fault) -> Page {
    let (status, title, text) = match fault {
        Fault::SignIn => (StatusCode::UNAUTHORIZED, "请先登录", "登录后才能查看这个页面。".to_owned()),
        Fault::Forbidden => (StatusCode::FORBIDDEN, "没有权限", "您没有办理此项业务的权限。".to_owned()),
        Fault::NotFound => (StatusCode::NOT_FOUND, "没有找到页面", "页面不存在，或者您无权查看。".to_owned()),
        Fault::Bad(text) => (StatusCode::BAD_REQUEST, "无法处理", (*text).to_owned()),
        Fault::TooLarge => {
            (StatusCode::PAYLOAD_TOO_LARGE, "内容过大", "提交的内容超过了允许的大小，请减少一次上传的文件后重试。".to_owned())
        }
        Fault::TooMany(text) => (StatusCode::TOO_MANY_REQUESTS, "请稍后再试", text.clone()),
        Fault::Later(text) => (StatusCode::SERVICE_UNAVAILABLE, "系统提示", text.clone()),
        Fault::Conflict(text) => (StatusCode::CONFLICT, "未能办理", text.clone()),
        Fault::Db(error) => {
            let status = match error {
                backend::infra::db::DbError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                backend::infra::db::DbError::Full => StatusCode::INSUFFICIENT_STORAGE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            (status, "系统提示", error.text().to_owned())
        }
    };
    Page::new(title, move || {
        view! {
            <PageHead title=title/>
            <Section><p>{text}</p><div class="actions"><ButtonLink href="/" label="回到首页" quiet=true/></div></Section>
        }
        .into_any()
    })
    .status(status)
}
