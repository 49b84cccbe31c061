//! Characters that cannot be typed, in every parameter, part of a path and field: the same refusal on both databases, never a failure.

use app::routes::{ErrorFormat, routes};
use backend::demo_test;
use domain::base::permission::Action;

use crate::browser::{Browser, TestApp};

/// NUL, another control character, a lone surrogate, a code that is no character, and bytes that are not UTF-8; percent-encoded.
const UNCLEAN: &[&str] = &["%00", "%01", "%7F", "%ED%A0%80", "%EF%BF%BE", "%FF"];

/// The path of the table with one parameter replaced by a text, for each of its parameters.
fn replaced(path: &str, text: &str) -> Vec<String> {
    let names: Vec<&str> = path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
    let plain = |path: &str, name: &str| path.replace(&format!("{{{name}}}"), "x");
    names
        .iter()
        .map(|name| {
            names.iter().filter(|n| n != &name).fold(path.replace(&format!("{{{name}}}"), &format!("a{text}")), |p, n| plain(&p, n))
        })
        .collect()
}

async fn post_encoded(b: &mut Browser, path: &str, body: &str) -> u16 {
    let headers = [("content-type", "application/x-www-form-urlencoded".to_owned())];
    b.upload_request("POST", path, &headers, axum::body::Body::from(body.to_owned())).await.status
}

demo_test!(no_text_that_cannot_be_typed_gets_past_any_address, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("admin").await;
    for route in routes().into_iter().filter(|route| route.action != Action::Demo) {
        for text in UNCLEAN {
            for path in replaced(route.path, text) {
                let answer = b.get(&path).await;
                assert!(matches!(answer.status, 400 | 405 | 412), "GET {path}: {}", answer.status);
            }
            let plain = replaced(route.path, "").first().cloned().unwrap_or_else(|| route.path.to_owned());
            if !plain.contains('{') {
                let answer = b.get(&format!("{plain}?number={text}&words=x{text}")).await;
                // The upload protocol asks for its version first.
                assert!(matches!(answer.status, 400 | 405 | 412), "GET {plain} with {text} in the query: {}", answer.status);
                if route.format == ErrorFormat::Page {
                    for field in ["account", "_key", "note", "name"] {
                        let status = post_encoded(&mut b, &plain, &format!("{field}=x{text}")).await;
                        assert!(matches!(status, 400 | 405), "POST {plain} with {text} in {field}: {status}");
                    }
                }
            }
        }
    }
});

demo_test!(a_server_function_refuses_text_that_cannot_be_typed_wherever_it_stands, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    for bad in ["\0", "\u{1}", "\u{FFFE}"] {
        for (path, body) in [
            (
                "/api/draft/save",
                serde_json::json!({ "matter": id, "step": "person", "base": 0, "pairs": [["name_pinyin", format!("x{bad}")]] }),
            ),
            ("/api/draft/save", serde_json::json!({ "matter": id, "step": format!("person{bad}"), "base": 0, "pairs": [] })),
            ("/api/draft/patch", serde_json::json!({ "kind": format!("registration{bad}"), "patch": {} })),
        ] {
            let answer = b.call(path, &body).await;
            assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        }
    }
    let lone = format!(r#"{{"matter":"{id}","step":"person","base":0,"pairs":[["name_pinyin","\ud800"]]}}"#);
    let headers = [("content-type", "application/json".to_owned())];
    let answer = b.upload_request("POST", "/api/draft/save", &headers, axum::body::Body::from(lone)).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    let page = b.get(&format!("/matters/{id}/edit/person")).await;
    assert_eq!(page.status, 200, "the draft is unharmed");
});

demo_test!(a_sign_in_with_a_zero_byte_is_refused_and_not_a_failure, |demo| async move {
    let app = TestApp::new(demo).await;
    let status = post_encoded(&mut app.browser(), "/login", "account=abc%00&password=x").await;
    assert_eq!(status, 400);
});
