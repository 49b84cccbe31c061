//! The same thing twenty times at one moment, over HTTP: one wins, the others are told why not, and nobody gets a fault of the server. The
//! pools of the server are wide here, so that a 503 is a fault as well.

use backend::demo::testing::create_applicants;
use backend::demo_test;
use backend::infra::db::testing::count_rows;
use backend::matter::{ErrorClass, MatterError};
use backend::workflow::execute::{CommandRequest, execute};
use domain::engine::flow::Command;
use uuid::Uuid;

use crate::browser::wizard::{complaint, decide_ok, pay_online, submit_ok};
use crate::browser::{Browser, Response, TestApp};
use crate::security::set_rules;

/// Requests of one race.
const ATTEMPTS: usize = 20;

/// A form of one of the requests.
type Form = Vec<(&'static str, String)>;

/// Sends a form of each browser at one moment; gives the responses in the order of the browsers.
async fn post_all(requests: Vec<(Browser, String, Form)>) -> Vec<Response> {
    let jobs = requests.into_iter().map(|(mut b, path, form)| async move { b.post(&path, &form).await });
    futures::future::join_all(jobs).await
}

/// Lets the accounts send forms by turns, twenty in all; one of them is carried out, and the others are refused as people are refused.
async fn one_wins(app: &TestApp, what: &str, accounts: &[&str], path: &str, form: impl Fn(usize) -> Form) -> Vec<Response> {
    let mut browsers = Vec::new();
    for account in accounts {
        browsers.push(app.sign_in(account).await);
    }
    let requests = (0..ATTEMPTS).map(|n| (browsers[n % browsers.len()].clone(), path.to_owned(), form(n))).collect();
    let all = post_all(requests).await;
    let statuses: Vec<u16> = all.iter().map(|response| response.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{what}: {statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 303 | 404 | 409 | 422)), "{what}: {statuses:?}");
    all
}

/// The form of a command under a key of its own, as the page of the case gives it.
fn command(seen: &str, name: &str) -> Form {
    [("_key", Uuid::now_v7().to_string()), ("_seen", seen.to_owned()), ("_action", name.to_owned()), ("note", "意见".to_owned())].into()
}

/// Lets accounts give one of these commands by turns.
async fn command_wins(app: &TestApp, id: Uuid, accounts: &[&str], names: &[&str]) {
    let path = format!("/matters/{id}");
    // What is seen differs by what a role may see.
    let mut seen = Vec::new();
    for account in accounts {
        seen.push(app.seen(account, id).await);
    }
    one_wins(app, &names.join(" or "), accounts, &path, |n| command(&seen[n % seen.len()], names[n % names.len()])).await;
}

demo_test!(of_twenty_commands_at_every_stage_of_a_case_one_counts, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let id = app.matter_of("applicant", "质量管理体系").await;
    command_wins(&app, id, &["inst-a"], &["pass"]).await;
    pay_online(&mut app.sign_in("applicant").await, id).await;
    let id = app.matter_of("certified", "职业健康安全").await;
    for (accounts, names) in [
        (&["officer", "officer2"][..], &["accept"][..]),
        (&["officer", "officer2"], &["waive"]),
        (&["officer", "officer2"], &["propose"]),
        (&["admin", "approver2"], &["approve", "refuse"]),
    ] {
        command_wins(&app, id, accounts, names).await;
    }
});

demo_test!(of_twenty_measures_about_a_certificate_one_is_proposed_and_of_twenty_approvals_one_counts, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let own = app.sign_in("certified").await.get("/me/certificates").await.text;
    let number = own.split("/me/certificates/").find(|rest| rest.contains("/pdf")).unwrap().split('/').next().unwrap().to_owned();
    let path = format!("/association/certificates/{number}");
    let seen = app.sign_in("officer").await.get(&path).await.value("_seen");
    let form = |n: usize| {
        let measure = ["suspend", "cancel", "revoke", "warn"][n % 4];
        let mut form = command(&seen, "");
        form.retain(|(name, _)| *name != "_action" && *name != "note");
        form.extend([("measure", measure.to_owned()), ("effective_on", "2026-11-23".into()), ("reason", "超出能力范围审核".into())]);
        form
    };
    let all = one_wins(&app, "measures", &["officer", "officer2"], &path, form).await;
    let led = all.iter().find(|response| response.status == 303).unwrap().location.clone();
    let id: Uuid = led.rsplit('/').next().unwrap().parse().unwrap();
    command_wins(&app, id, &["admin", "approver2"], &["approve"]).await;
});

demo_test!(of_twenty_exclusions_of_one_person_one_is_recorded, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let id = complaint(&mut app.sign_in("applicant").await, "/apply/complaint", ("registrant", "某人")).await;
    let (one, other) = (app.seen("officer", id).await, app.seen("officer2", id).await);
    let form = |n: usize| {
        let mut form = command(if n.is_multiple_of(2) { &one } else { &other }, "exclude");
        form.push(("person", ["某某人", "某 某　人"][n / 2 % 2].to_owned()));
        form
    };
    one_wins(&app, "exclusions", &["officer", "officer2"], &format!("/matters/{id}"), form).await;
});

/// A form of 财务 about one order, by its button.
fn finance_form(page: &Response, button: &str) -> Form {
    let form = page.text.split("<form").find(|form| form.contains(&format!("value=\"{button}\""))).unwrap_or_else(|| panic!("{button}"));
    let seen = form.split("name=\"_seen\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1)).unwrap().split('"').next().unwrap();
    [
        ("_key", Uuid::now_v7().to_string()),
        ("_seen", seen.to_owned()),
        ("_action", button.to_owned()),
        ("note", "金额与凭证不符".to_owned()),
    ]
    .into()
}

/// Pays the fee of a matter by a voucher with this number; returns the response.
async fn send_voucher(b: &mut Browser, matter: Uuid, number: &str, invoice: bool) -> Response {
    let path = format!("/matters/{matter}/pay");
    let seen = b.get(&path).await.value("_seen");
    let mut typed = vec![
        ("_seen", seen.as_str()),
        ("method", "offline"),
        ("remitter", "林晓月"),
        ("remitted_on", "2026-11-20"),
        ("remitted_amount", "200"),
        ("remittance_no", number),
    ];
    if invoice {
        typed.extend([
            ("invoice", "yes"),
            ("invoice_kind", "82"),
            ("title_type", "enterprise"),
            ("buyer_name", "示例公司"),
            ("tax_id", "91350100M000100Y43"),
            ("receiver_email", "lin@example.cn"),
        ]);
    }
    // Each slip is another file.
    let slip = backend::infra::file::testing::pdf(matter.as_bytes());
    b.upload(&path, &typed, "voucher", "回单.pdf", slip).await
}

/// Orders whose vouchers finance can accept on a page.
fn orders(page: &str) -> Vec<String> {
    page.split("value=\"accept:").skip(1).filter_map(|rest| rest.get(..36)).map(str::to_owned).collect()
}

/// An order with a voucher to check and an invoice asked for; its page.
async fn order_to_check(app: &TestApp, path: &str) -> (String, Response) {
    let id = app.matter_of("applicant", "质量管理体系").await;
    decide_ok(&mut app.sign_in("inst-a").await, id, "pass", "").await;
    let before = orders(&app.sign_in("finance").await.get(path).await.text);
    let sent = send_voucher(&mut app.sign_in("applicant").await, id, "2026112300099", true).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let page = app.sign_in("finance").await.get(path).await;
    (orders(&page.text).into_iter().find(|order| !before.contains(order)).unwrap(), page)
}

demo_test!(of_twenty_verdicts_on_a_voucher_one_counts, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let path = "/association/payments";
    let (order, page) = order_to_check(&app, path).await;
    let form = |n: usize| finance_form(&page, &format!("{}:{order}", ["accept", "reject"][n % 2]));
    one_wins(&app, "verdicts", &["finance"], path, form).await;
});

demo_test!(of_twenty_invoices_for_an_order_one_counts, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let path = "/association/payments";
    let (order, page) = order_to_check(&app, path).await;
    let mut finance = app.sign_in("finance").await;
    let accepted = finance.post(path, &finance_form(&page, &format!("accept:{order}"))).await;
    assert_eq!(accepted.status, 303, "{}", accepted.text);
    let page = finance.get(path).await;
    let form = |n: usize| {
        let mut form = finance_form(&page, &format!("invoice:{order}"));
        form.extend([("number", format!("263120000000000000{n:02}")), ("day", "2026-11-23".to_owned())]);
        form
    };
    one_wins(&app, "invoices", &["finance"], path, form).await;
});

demo_test!(of_twenty_orders_with_one_remittance_number_none_is_accepted_by_one_person, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    set_rules(&app, &[("pay.voucher_two_people_fen", "100000000")]).await;
    let drafts = create_applicants(app.state(), ATTEMPTS).await.unwrap();
    let (mut payers, mut institution) = (Vec::new(), app.sign_in("inst-a").await);
    for draft in &drafts {
        let mut b = app.sign_in(&draft.account).await;
        submit_ok(&mut b, draft.matter).await;
        decide_ok(&mut institution, draft.matter, "pass", "").await;
        payers.push(b);
    }
    let sent = payers.iter_mut().zip(&drafts).map(|(b, draft)| send_voucher(b, draft.matter, "2026 1123-77", false));
    for response in futures::future::join_all(sent).await {
        assert_eq!(response.status, 303, "{}", response.text);
    }
    let (mut finance, path) = (app.sign_in("finance").await, "/association/payments");
    let page = finance.get(path).await;
    let requests = orders(&page.text)
        .iter()
        .map(|order| (finance.clone(), path.to_owned(), finance_form(&page, &format!("accept:{order}"))))
        .collect();
    let all = post_all(requests).await;
    assert!(all.iter().all(|response| response.status == 303), "{:?}", all.iter().map(|r| r.status).collect::<Vec<_>>());
    for (b, draft) in payers.iter_mut().zip(&drafts) {
        let page = b.get(&format!("/matters/{}/pay", draft.matter)).await;
        assert!(page.text.contains("正在由协会财务核验"), "{}", page.text);
    }
});

demo_test!(a_fee_paid_online_and_by_voucher_at_once_has_one_live_order, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let id = app.matter_of("applicant", "质量管理体系").await;
    decide_ok(&mut app.sign_in("inst-a").await, id, "pass", "").await;
    let b = app.sign_in("applicant").await;
    let seen = b.clone().get(&format!("/matters/{id}/pay")).await.value("_seen");
    let jobs = (0..ATTEMPTS).map(|n| {
        let (mut b, seen) = (b.clone(), seen.clone());
        async move {
            match n % 2 {
                0 => b.post(&format!("/matters/{id}/pay"), &[("_seen", seen), ("method", "online".into()), ("invoice", "no".into())]).await,
                _ => send_voucher(&mut b, id, &format!("20261123{n:04}"), false).await,
            }
        }
    });
    let all = futures::future::join_all(jobs).await;
    let statuses: Vec<u16> = all.iter().map(|response| response.status).collect();
    assert!(statuses.contains(&303) && statuses.iter().all(|status| *status < 500), "{statuses:?}");
    let mut tx = app.state().db.read().await.unwrap();
    let charge = backend::infra::db::payment::charge_by_matter(&mut tx, id).await.unwrap().unwrap();
    let live = backend::infra::db::payment::list_orders(&mut tx, charge.id).await.unwrap();
    assert_eq!(live.iter().filter(|order| order.state.is_pending()).count(), 1, "{statuses:?}");
});

demo_test!(a_withdrawal_and_the_notice_of_a_payment_at_once_leave_one_end_and_no_fault, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let id = app.matter_of("applicant", "质量管理体系").await;
    decide_ok(&mut app.sign_in("inst-a").await, id, "pass", "").await;
    let (mut b, path) = (app.sign_in("applicant").await, format!("/matters/{id}/pay"));
    let seen = b.get(&path).await.value("_seen");
    let begun = b.post(&path, &[("_seen", seen), ("method", "online".into()), ("invoice", "no".into())]).await;
    assert_eq!(b.post(&begun.location, &[("_action", "lose".into())]).await.status, 200, "paid, and its notice is lost");
    let number = begun.location.trim_start_matches("/pay/sandbox/").split('?').next().unwrap().to_owned();
    let (notice, seen) = (app.notice(&number).await, app.seen("applicant", id).await);
    let jobs = (0..ATTEMPTS).map(|n| {
        let (mut b, mut gateway, notice, seen) = (b.clone(), app.browser(), notice.clone(), seen.clone());
        gateway.origin = "https://openapi.alipay.com".into();
        async move {
            if n % 2 == 0 {
                let form: Vec<(&str, String)> = notice.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
                gateway.post("/api/pay/notice/sandbox", &form).await
            } else {
                b.post(&format!("/matters/{id}"), &command(&seen, "withdraw")).await
            }
        }
    });
    let all = futures::future::join_all(jobs).await;
    let statuses: Vec<u16> = all.iter().map(|response| response.status).collect();
    assert!(statuses.iter().all(|status| *status < 500), "{statuses:?}");
    assert!(statuses.iter().step_by(2).all(|status| *status == 200), "every notice is taken: {statuses:?}");
    let withdrawn = statuses.iter().filter(|status| **status == 303).count();
    assert!(withdrawn <= 1, "{statuses:?}");
    let page = b.get(&format!("/matters/{id}")).await.text;
    assert!(page.contains(if withdrawn == 1 { "已撤回" } else { "协会受理中" }), "{statuses:?}");
    assert_eq!(backend::demo::testing::find_faults(app.state()).await.unwrap(), Vec::<String>::new());
});

demo_test!(two_experts_who_answer_ten_times_each_at_once_are_counted_once_each, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("certified", "食品安全管理体系").await;
    let experts = [app.authorize("expert1").await, app.authorize("expert2").await];
    let jobs = (0..ATTEMPTS).map(|n| {
        let (app, who) = (app.state().clone(), experts[n % 2].clone());
        let command = Command { name: "conform".into(), note: "意见".into(), ..Command::default() };
        let request = CommandRequest { key: Uuid::now_v7(), matter: id, seen: None, command };
        tokio::spawn(async move { execute(&app, &who, request).await })
    });
    let all: Vec<_> = futures::future::join_all(jobs).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 2, "{all:?}");
    let fault = |error: &MatterError| matches!(error.class(), ErrorClass::Unavailable | ErrorClass::Internal);
    assert!(!all.iter().filter_map(|result| result.as_ref().err()).any(fault), "{all:?}");
});

demo_test!(of_twenty_scores_of_one_exam_one_is_recorded, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    let form = |n: usize| -> Form {
        let (marks, day) = ((60 + n).to_string(), "2026-10-18".to_owned());
        [("account", "teacher".to_owned()), ("subject", "GEN".to_owned()), ("day", day), ("score", marks), ("reason", String::new())].into()
    };
    let before = count_rows(&mut app.state().db.read().await.unwrap(), "score_version").await;
    one_wins(&app, "scores", &["officer"], "/dev/scores", form).await;
    assert_eq!(count_rows(&mut app.state().db.read().await.unwrap(), "score_version").await, before + 1);
});

demo_test!(a_draft_discarded_and_submitted_twenty_times_at_once_is_gone_or_submitted, |demo| async move {
    let app = TestApp::new(demo).await.with_wide_pools();
    for draft in create_applicants(app.state(), 3).await.unwrap() {
        let mut b = app.sign_in(&draft.account).await;
        let (id, review) = (draft.matter, b.get(&format!("/matters/{}/review", draft.matter)).await);
        let detail = b.get(&format!("/matters/{id}")).await;
        let requests = (0..ATTEMPTS).map(|n| match n % 2 {
            0 => {
                let form = vec![("_rev", review.value("_rev")), ("_key", Uuid::now_v7().to_string())];
                (b.clone(), format!("/matters/{id}/review"), form)
            }
            _ => (b.clone(), format!("/matters/{id}"), command(&detail.value("_seen"), "discard")),
        });
        let all = post_all(requests.collect()).await;
        let statuses: Vec<u16> = all.iter().map(|response| response.status).collect();
        assert!(statuses.iter().all(|status| *status < 500), "{statuses:?}");
        let done = |first: usize| statuses.iter().skip(first).step_by(2).filter(|status| **status == 303).count();
        // A draft that is gone may be discarded again.
        let (submitted, discarded) = (done(0), done(1));
        assert!((submitted == 1 && discarded == 0) || (submitted == 0 && discarded >= 1), "{statuses:?}");
        let shown = b.get(&format!("/matters/{id}")).await.status;
        assert!(if submitted == 1 { shown == 200 } else { matches!(shown, 404 | 410) }, "{statuses:?} {shown}");
    }
});
