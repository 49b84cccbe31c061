//! Error responses of the server itself: a page for a browser, a line of text for a script.

use std::borrow::Cow;

use app::typed_form::TypedForm;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderValue, StatusCode};

/// The text of an error, a response extension until [`ErrorFormat`] writes the body.
#[derive(Clone)]
struct ErrorText(Cow<'static, str>);

/// An error response with this text; [`ErrorFormat`] writes its body.
pub fn refuse(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.extensions_mut().insert(ErrorText(text.into()));
    response
}

/// An error response with the default text of the status.
pub fn refuse_with_status(status: StatusCode) -> Response {
    refuse(status, default_text(status))
}

/// The format of errors for one request.
pub struct ErrorFormat {
    html: bool,
}

impl ErrorFormat {
    /// A page where the request accepts HTML, otherwise a line of text. The addresses for scripts have no pages.
    pub fn of(request: &Request) -> Self {
        let accepts = request.headers().get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
        Self { html: accepts.contains("text/html") && !request.uri().path().starts_with("/api/") }
    }

    /// Writes the body of an error that has none. A page offers to send again what was typed, if the response carries it. `style` is the address of the style sheet, `id` the request id that a person can
    /// quote to support.
    pub fn apply(self, response: &mut Response, style: &str, id: &str) {
        let status = response.status();
        let text = match response.extensions_mut().remove::<ErrorText>() {
            Some(ErrorText(text)) => text,
            None if status.as_u16() >= 400 && response.body().size_hint().exact() == Some(0) => default_text(status).into(),
            None => return,
        };
        let typed = response.extensions_mut().remove::<TypedForm>();
        let (body, kind) = if self.html {
            (page(status, &text, typed, style, id), "text/html; charset=utf-8")
        } else {
            (format!("{text}\n"), "text/plain; charset=utf-8")
        };
        *response.body_mut() = Body::from(body);
        let headers = response.headers_mut();
        headers.remove(CONTENT_LENGTH);
        headers.remove(TRANSFER_ENCODING);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
}

fn page(status: StatusCode, text: &str, typed: Option<TypedForm>, style: &str, id: &str) -> String {
    let (code, text) = (status.as_u16(), escape(text));
    let number = if status.is_server_error() {
        format!("<p>联系我们时，请告知编号 <code>{}</code>。</p>", escape(id))
    } else {
        String::new()
    };
    let again = typed.map_or_else(String::new, |typed| form(&typed));
    format!(
        "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <title>{code} · 认证人员综合服务平台</title><link rel=\"stylesheet\" href=\"{}\"></head>\
         <body><main><h1>{code}</h1><p>{text}</p>{number}{again}<p><a href=\"/\">返回首页</a></p></main></body></html>",
        escape(style)
    )
}

/// The form that sends again what was typed.
fn form(typed: &TypedForm) -> String {
    let field = |(name, value): &(String, String)| format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value));
    let fields: String = typed.pairs.iter().map(field).collect();
    format!(
        "<p>{}</p><form method=\"post\" action=\"{}\">{fields}<button class=\"btn btn-primary\" type=\"submit\">重新提交</button></form>",
        typed.text(),
        escape(&typed.action)
    )
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The default text of a status.
fn default_text(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "请先登录后再操作。",
        403 => "您没有权限进行此操作。",
        404 => "您访问的页面不存在，可能已被移动或删除。",
        405 => "此页面不支持这种操作。",
        408 => "提交超时，内容没有收全。请检查网络后重试。",
        409 => "内容已被更新，请刷新页面后重试。",
        410 => "您访问的内容已被删除。",
        413 => "提交的内容过大，请减少后重试。",
        415 => "不支持这种提交格式。",
        429 => "操作过于频繁，请稍后再试。",
        503 => "系统繁忙，请稍后再试。",
        507 => "服务器存储空间不足，暂时不能保存，请稍后再试。",
        500.. => "系统出现错误，您的操作可能没有生效，请稍后再试。",
        _ => "请求的内容有误，请返回上一页检查后重试。",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    async fn formatted(accept: &str, mut response: Response) -> (String, String) {
        let request = Request::builder().header(ACCEPT, accept).body(Body::empty()).unwrap();
        ErrorFormat::of(&request).apply(&mut response, "/pkg/a.css", "7f");
        let kind = response.headers().get(CONTENT_TYPE).map_or("", |v| v.to_str().unwrap()).to_owned();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (kind, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_refusal_is_a_page_for_a_browser_and_a_line_for_a_script() {
        let (kind, body) = formatted("text/html,*/*", refuse(StatusCode::FORBIDDEN, "<不行>")).await;
        assert_eq!(kind, "text/html; charset=utf-8");
        assert!(body.contains("&lt;不行&gt;") && body.contains("/pkg/a.css") && !body.contains("编号"), "{body}");
        let (kind, body) = formatted("*/*", refuse(StatusCode::FORBIDDEN, "不行")).await;
        assert_eq!((kind.as_str(), body.as_str()), ("text/plain; charset=utf-8", "不行\n"));
    }

    #[tokio::test]
    async fn a_page_offers_to_send_again_what_was_typed() {
        let typed = TypedForm {
            action: "/matters/1/edit/person?a=1&b=2".into(),
            pairs: vec![("address".into(), "\"><script>一\n二".into())],
            files_lost: true,
        };
        let mut response = refuse_with_status(StatusCode::SERVICE_UNAVAILABLE);
        response.extensions_mut().insert(typed);
        let (_, body) = formatted("text/html", response).await;
        for part in [
            "<form method=\"post\" action=\"/matters/1/edit/person?a=1&amp;b=2\">",
            "name=\"address\" value=\"&quot;&gt;&lt;script&gt;一\n二\"",
            "重新提交",
            "文件",
        ] {
            assert!(body.contains(part), "{part}: {body}");
        }
    }

    #[tokio::test]
    async fn an_error_of_the_server_shows_the_request_id() {
        let (_, body) = formatted("text/html", refuse_with_status(StatusCode::INTERNAL_SERVER_ERROR)).await;
        assert!(body.contains("编号 <code>7f</code>"), "{body}");
    }

    #[tokio::test]
    async fn an_error_without_a_body_gets_one_and_an_error_page_of_the_product_stays() {
        let mut empty = Response::new(Body::empty());
        *empty.status_mut() = StatusCode::NOT_FOUND;
        assert!(formatted("text/html", empty).await.1.contains("页面不存在"));
        let mut own = Response::new(Body::from("own"));
        *own.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        assert_eq!(formatted("text/html", own).await.1, "own");
        assert_eq!(formatted("text/html", Response::new(Body::empty())).await.1, "");
    }
}
