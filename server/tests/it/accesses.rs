//! The record of accesses, as it comes about over HTTP and as the operator lists it.

use backend::access::access_log::{AccessSubject, list_accesses};
use backend::demo_test;

use crate::browser::TestApp;

demo_test!(prints_vouchers_certificates_and_refused_addresses_are_recorded, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let own = app.sign_in("certified").await.get("/me/certificates").await.text;
    let number = own.split("/me/certificates/").find(|rest| rest.contains("/pdf")).unwrap().split('/').next().unwrap().to_owned();
    let payments = app.sign_in("finance").await.get("/association/payments").await.text;
    let slip = payments.split("href=\"").find(|rest| rest.starts_with("/payments/")).unwrap().split('"').next().unwrap().to_owned();
    let mut tried = Vec::new();
    for (account, path, status, action) in [
        ("officer", format!("/matters/{id}"), 200, "case.opened"),
        ("officer", format!("/matters/{id}/print"), 200, "case.printed"),
        ("officer", format!("/me/certificates/{number}/pdf"), 200, "certificate.downloaded"),
        ("finance", slip, 200, "voucher.downloaded"),
        ("teacher", format!("/matters/{id}"), 404, "case.refused"),
        ("teacher", "/association/payments".to_owned(), 403, "address.refused"),
    ] {
        let mut b = app.sign_in(account).await;
        let answer = b.get(&path).await;
        assert_eq!(answer.status, status, "{account} {path}: {}", answer.text);
        tried.push((account, action));
    }
    for account in ["officer", "finance", "teacher"] {
        let report = list_accesses(app.state(), &AccessSubject::Account(account.into())).await.unwrap().unwrap();
        for (_, action) in tried.iter().filter(|(who, _)| *who == account) {
            let rows: Vec<_> = report.accesses.iter().filter(|row| row.action == *action).collect();
            assert!(!rows.is_empty(), "{account}: {action} is not recorded");
            assert!(rows.iter().all(|row| row.account_id == Some(report.names.keys().next().copied().unwrap())), "{account} {action}");
        }
        assert!(!report.sign_ins.is_empty(), "{account}");
        assert!(report.counts.iter().any(|row| row.action == "sign_in.success" && row.times >= 1), "{account}");
    }
    let report = list_accesses(app.state(), &AccessSubject::Matter(id)).await.unwrap().unwrap();
    let actions: Vec<&str> = report.accesses.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["case.refused", "case.printed", "case.opened"], "newest first");
});
