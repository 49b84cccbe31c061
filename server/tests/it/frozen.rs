//! A database that does not answer, over HTTP: every kind of request is answered within two seconds, what was typed is kept, and its return
//! is noticed.

use std::time::{Duration, Instant};

use axum::body::Body;
use backend::demo_test;
use backend::infra::db::freeze::{lock_table, through_proxy};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use crate::browser::wizard::form_values;
use crate::browser::{Browser, Response, TestApp};

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(2);
/// What is typed into every form.
const TYPED: &str = "冻结时填写的内容";

/// Who asks, and about what.
struct Scene {
    applicant: Browser,
    institution: Browser,
    visitor: Browser,
    draft: String,
    matter: Uuid,
    upload: String,
}

/// The requests of a scene.
const REQUESTS: [&str; 9] = ["centre", "list", "home", "page", "save", "patch", "chunk", "command", "log-in"];

impl Scene {
    async fn new(app: &TestApp) -> Self {
        let mut applicant = app.sign_in("applicant").await;
        let draft = app.begin(&mut applicant).await;
        let metadata =
            [("id", Uuid::now_v7().to_string()), ("matter", draft.clone()), ("path", "other".into()), ("filename", "a.pdf".into())];
        let metadata: Vec<String> = metadata.iter().map(|(name, value)| format!("{name} {}", STANDARD.encode(value))).collect();
        let headers = [("tus-resumable", "1.0.0".to_owned()), ("upload-length", "3000".into()), ("upload-metadata", metadata.join(","))];
        let begun = applicant.upload_request("POST", "/api/uploads", &headers, Body::empty()).await;
        assert_eq!(begun.status, 201, "{}", begun.text);
        Self {
            applicant,
            institution: app.sign_in("inst-a").await,
            visitor: app.browser(),
            draft,
            matter: app.matter_of("applicant", "质量管理体系").await,
            upload: begun.location,
        }
    }

    async fn ask(&self, what: &str) -> Response {
        let (mut b, draft) = (self.applicant.clone(), &self.draft);
        match what {
            "centre" => b.get("/me").await,
            "list" => b.get("/matters").await,
            "home" => b.get("/").await,
            "page" => b.get(&format!("/matters/{draft}/edit/person")).await,
            "save" => b.post(&format!("/matters/{draft}/edit/person"), &form_values(&[("address", TYPED)], "0", "next")).await,
            "patch" => {
                let ops = serde_json::json!([{ "path": "address", "value": TYPED }]);
                let patch = serde_json::json!({ "matter": draft, "base_rev": 0, "device": Uuid::now_v7(), "seq": 1, "ops": ops });
                b.call("/api/draft/patch", &serde_json::json!({ "kind": "registration", "patch": patch })).await
            }
            "chunk" => {
                let headers = [
                    ("tus-resumable", "1.0.0".to_owned()),
                    ("content-type", "application/offset+octet-stream".into()),
                    ("upload-offset", "0".into()),
                ];
                b.upload_request("PATCH", &self.upload, &headers, Body::from(vec![b'x'; 3000])).await
            }
            "command" => {
                let form =
                    [("_key", Uuid::now_v7().to_string()), ("_seen", "1.1".into()), ("_action", "pass".into()), ("note", TYPED.into())];
                self.institution.clone().post(&format!("/matters/{}", self.matter), &form).await
            }
            _ => {
                let form = [("account", "applicant".into()), ("password", "Demo-2026-pass".into()), ("next", "/".into())];
                self.visitor.clone().post("/login", &form).await
            }
        }
    }

    /// Sends all requests at once, each several times.
    async fn refused(&self, about: &str) {
        let requests = REQUESTS.iter().cycle().take(3 * REQUESTS.len()).map(|what| async move {
            let begun = Instant::now();
            (what, self.ask(what).await, begun.elapsed())
        });
        for (what, answer, time) in futures::future::join_all(requests).await {
            assert_eq!(answer.status, 503, "{about}, {what}: {}", answer.text);
            assert!(time < LIMIT, "{about}, {what}: {time:?}");
            let keeps = !matches!(*what, "save" | "command") || answer.text.contains(TYPED);
            assert!(keeps, "{about}, {what}: what was typed is kept: {}", answer.text);
        }
    }

    async fn comes_back(&self) {
        let begun = Instant::now();
        for what in REQUESTS {
            while self.ask(what).await.status == 503 {
                assert!(begun.elapsed() < Duration::from_secs(8), "{what} does not come back");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

demo_test!(a_frozen_database_is_answered_with_503_within_two_seconds_and_its_return_is_noticed, |demo| async move {
    let Some((db, freezer)) = through_proxy(&demo.db).await else { return };
    let app = TestApp::new(demo).await.restarted(db.clone()).await.with_wide_pools();
    let scene = Scene::new(&app).await;
    for _ in 0..2 {
        freezer.freeze(true);
        scene.refused("frozen").await;
        freezer.freeze(false);
        scene.comes_back().await;
    }
    db.close().await;
});

demo_test!(a_locked_table_is_answered_with_503_within_two_seconds_and_its_release_is_noticed, |demo| async move {
    let db = demo.db.clone();
    let app = TestApp::new(demo).await.with_wide_pools();
    let scene = Scene::new(&app).await;
    let Some(lock) = lock_table(&db, "session").await else { return };
    scene.refused("session is locked").await;
    lock.release().await;
    scene.comes_back().await;
});
