//! Filed courses, a filing and a plan, as a demo with a crowd has them.

use crate::demo::course::create_courses;
use crate::demo::plan::create_plan;
use crate::infra::db;
use crate::state::AppState;

/// Creates two filed courses of `inst-a`, a filing that waits for `teacher`, and a plan that does.
pub async fn create_teaching(app: &AppState) {
    let mut accounts = Vec::new();
    let mut tx = app.db.read().await.unwrap();
    for name in ["inst-a", "teacher", "certified", "officer", "approver2"] {
        accounts.extend(db::account::by_name(&mut tx, name).await.unwrap());
    }
    drop(tx);
    create_courses(app, &accounts).await.unwrap();
    create_plan(app, &accounts).await.unwrap();
}
