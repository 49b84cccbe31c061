//! Export of the lists of workbenches.

use backend::access::access_log::{AccessSubject, list_accesses};
use backend::demo::testing::insert_queue;
use backend::demo_test;

use crate::browser::TestApp;

/// The cells of each line of a CSV file.
fn cells(csv: &str) -> Vec<Vec<String>> {
    let lines = csv.strip_prefix('\u{feff}').expect("a mark of the byte order").split_terminator("\r\n");
    lines.map(|line| line.strip_prefix('"').unwrap().strip_suffix('"').unwrap().split("\",\"").map(str::to_owned).collect()).collect()
}

fn form(format: &str, pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).chain([("format", format.to_owned())]).collect()
}

demo_test!(every_row_of_a_query_is_exported_and_recorded, |demo| async move {
    let app = TestApp::new(demo).await;
    let (owner, officer) = (app.account_id("applicant").await, app.account_id("officer").await);
    let mut b = app.sign_in("officer").await;
    let before = cells(&b.post("/association/export", &form("csv", &[("state", "tasks")])).await.text).len() - 1;
    let all = cells(&b.post("/association/export", &form("csv", &[("state", "closed")])).await.text);
    assert!(all.len() > 1 && all[1..].iter().all(|row| row[9] == "已办结"), "{}", all.len());
    insert_queue(app.state(), owner, officer, 5_001).await.unwrap();
    let sent = b.post("/association/export", &form("csv", &[("state", "tasks")])).await;
    assert_eq!(sent.status, 200);
    let header = |name: &str| sent.headers[name].to_str().unwrap().to_owned();
    assert!(header("content-type").starts_with("text/csv") && header("cache-control") == "no-store", "{:?}", sent.headers);
    assert!(header("content-disposition").starts_with("attachment;") && header("content-disposition").ends_with(".csv"));
    let rows = cells(&sent.text);
    assert_eq!(rows[0], ["业务编号", "业务类型", "业务", "申请人", "机构", "环节", "承办人", "提交日", "期限", "状态"]);
    assert_eq!(rows.len(), before + 5_001 + 1);
    assert!(rows.iter().all(|row| row.len() == 10));
    let named = rows.iter().filter(|row| row[3] == "林晓月").count();
    assert!(named >= 5_001 && rows.iter().any(|row| row[6] == "孙立新") && rows.iter().any(|row| row[9] == "已逾期"), "{named}");
    let overdue = cells(&b.post("/association/export", &form("csv", &[("state", "tasks"), ("due", "overdue")])).await.text);
    assert!(overdue.len() > 1_000 && overdue[1..].iter().all(|row| row[9] == "已逾期"), "the filter holds");
    let book = b.post("/association/export", &form("xlsx", &[("state", "tasks"), ("holder", "own")])).await;
    assert!(book.status == 200 && book.text.starts_with("PK"), "{:?}", book.headers);
    let many = b.post("/association/export", &form("csv", &[("state", "closed")])).await;
    assert!(many.status == 422 && many.text.contains("查询结果超过 20000 件"), "{}", many.text);
    let report = list_accesses(app.state(), &AccessSubject::Account("officer".into())).await.unwrap().unwrap();
    let targets: Vec<&str> = report.accesses.iter().filter(|row| row.action == "list.exported").map(|row| row.target.as_str()).collect();
    let expected = format!("/association?state=tasks&words= csv rows={}", before + 5_001);
    assert!(targets.len() == 5 && targets.contains(&expected.as_str()), "{targets:?}");
});

demo_test!(an_export_needs_the_workbench_and_keeps_names_out_of_the_record, |demo| async move {
    let app = TestApp::new(demo).await;
    for (account, path) in [("applicant", "/association/export"), ("inst-a", "/association/export"), ("officer", "/institution/export")] {
        assert_eq!(app.sign_in(account).await.post(path, &form("csv", &[])).await.status, 403, "{account} {path}");
    }
    let mut b = app.sign_in("officer").await;
    assert_eq!(b.post("/association/export", &form("pdf", &[])).await.status, 400);
    assert_eq!(b.get("/association/export").await.location, "/association");
    let named = b.post("/association/export", &form("csv", &[("state", "tasks"), ("applicant", "周建国")])).await;
    let rows = cells(&named.text);
    assert!(rows.len() == 2 && rows[1][3] == "周建国", "{}", named.text);
    let report = list_accesses(app.state(), &AccessSubject::Account("officer".into())).await.unwrap().unwrap();
    let target = &report.accesses.iter().find(|row| row.action == "list.exported").unwrap().target;
    assert_eq!(target, "/association?state=tasks&applicant csv rows=1");
    // An institution exports its own matters only.
    let own = cells(&app.sign_in("inst-b").await.post("/institution/export", &form("csv", &[("state", "all")])).await.text);
    let other = cells(&app.sign_in("inst-a").await.post("/institution/export", &form("csv", &[("state", "all")])).await.text);
    assert!(other.len() > 1 && other[1..].iter().all(|row| !own[1..].contains(row)), "{own:?} {other:?}");
    // Finance reads whose tasks they are in no file either.
    let finance = app.sign_in("finance").await.post("/association/export", &form("csv", &[("state", "tasks")])).await;
    assert!(cells(&finance.text)[1..].iter().all(|row| row[3].is_empty()), "{}", finance.text);
});
