//! Payment over HTTP: permissions, bad input, and the endpoint for payment notices.

use crate::browser::wizard::decide_ok;
use crate::browser::{Browser, Response, TestApp};
use backend::demo_test;

/// The applicant's matter, passed by its institution.
async fn due(app: &TestApp) -> String {
    let id = app.matter_of("applicant", "质量管理体系").await;
    let mut institution = app.sign_in("inst-a").await;
    decide_ok(&mut institution, id, "pass", "").await;
    format!("/matters/{id}/pay")
}

fn online() -> [(&'static str, String); 2] {
    [("method", "online".into()), ("invoice", "no".into())]
}

/// Starts a payment; returns the gateway's address.
async fn begin(b: &mut Browser, path: &str) -> String {
    let [method, invoice] = online();
    let sent = b.post(path, &[("_seen", b.clone().get(path).await.value("_seen")), method, invoice]).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    assert!(sent.location.starts_with("/pay/sandbox/"), "{}", sent.location);
    sent.location
}

async fn press(b: &mut Browser, path: &str, action: &str) -> Response {
    b.post(path, &[("_action", action.to_owned())]).await
}

demo_test!(a_person_pays_online_and_the_matter_goes_on, |demo| async move {
    let app = TestApp::new(demo).await;
    let path = due(&app).await;
    let mut b = app.sign_in("applicant").await;
    let page = b.get(&path).await;
    assert!(page.text.contains("¥200.00") && page.text.contains("需要开具发票"));
    let cashier = begin(&mut b, &path).await;
    assert!(!cashier.contains("%E6%9E%97"), "no name stands in the address");
    assert!(b.get(&path).await.text.contains("有一笔支付尚未完成"));
    assert_eq!(begin(&mut b, &path).await.split('?').next(), cashier.split('?').next(), "pressed twice, it is one order");
    let done = press(&mut b, &cashier, "pay").await;
    assert_eq!((done.status, done.location.as_str()), (303, format!("{path}?back=1").as_str()));
    assert!(b.get(&done.location).await.text.contains("费用已缴清"));
    let matter = path.trim_end_matches("/pay");
    assert!(b.get(matter).await.text.contains("协会受理中"));
    assert_eq!(press(&mut b, &cashier, "pay").await.status, 303, "paid already");
});

demo_test!(who_pays_by_bank_reads_where_to_pay_what_and_with_which_remark, |demo| async move {
    let app = TestApp::new(demo).await;
    let path = due(&app).await;
    let page = app.sign_in("applicant").await.get(&path).await.text;
    for said in
        ["户名", "开户行", "账号", "附言", "演示账户", "data-copy=\"0000000000000000000\"", "data-copy=\"200.00\"", "src=\"/copy.js\""]
    {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains(">复制<"), "without scripts there are no buttons");
    let number = page.split("data-copy=\"JF").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Finance finds the charge by the remark.
    let mut b = app.sign_in("applicant").await;
    let seen = b.get(&path).await.value("_seen");
    let typed = [
        ("_seen", seen.as_str()),
        ("method", "offline"),
        ("remitter", "林晓月"),
        ("remitted_on", "2026-11-20"),
        ("remitted_amount", "200"),
    ];
    let slip = b.upload(&path, &typed, "voucher", "回单.pdf", backend::infra::file::testing::pdf(b"")).await;
    assert_eq!(slip.status, 303, "{}", slip.text);
    let workbench = app.sign_in("finance").await.get("/association/payments").await.text;
    assert!(workbench.contains(&format!("JF{number}")));

    let bills = app.sign_in("inst-a").await.get("/institution/bills").await.text;
    let fen: i64 = bills.split("data-fen=\"").skip(1).map(|rest| rest.split('"').next().unwrap().parse::<i64>().unwrap()).sum();
    assert!(fen > 0 && bills.contains(&format!("data-copy=\"{}\" data-sum=\"_charge\"", domain::base::money::Fen(fen).yuan())));
    assert!(bills.contains("演示账户") && bills.contains("缴费编号 JF"));
});

demo_test!(an_invoice_is_asked_for_by_a_tick_and_its_fields_keep_what_was_typed, |demo| async move {
    let app = TestApp::new(demo).await;
    let path = due(&app).await;
    let mut b = app.sign_in("applicant").await;
    let page = b.get(&path).await.text;
    assert!(page.contains("需要开具发票") && !page.contains("不开具"), "one tick");
    let box_of =
        |page: &str| page.split("<input").find(|tag| tag.contains("name=\"invoice\"")).unwrap().split('>').next().unwrap().to_owned();
    assert!(box_of(&page).contains("type=\"checkbox\"") && box_of(&page).contains("value=\"yes\"") && !box_of(&page).contains("checked"));
    let page = b.post(&path, &[("method", "online".into()), ("invoice", "yes".into()), ("buyer_name", "示例公司".into())]).await;
    assert_eq!(page.status, 422);
    assert!(box_of(&page.text).contains("checked") && page.text.contains("示例公司") && page.text.contains("id=\"e-receiver_email\""));
    // A form of an earlier release says `no`.
    let seen = b.get(&path).await.value("_seen");
    for invoice in ["no", ""] {
        let page = b.post(&path, &[("_seen", seen.clone()), ("method", "online".into()), ("invoice", invoice.into())]).await;
        assert_eq!(page.status, 303, "{invoice}");
    }
});

demo_test!(who_comes_back_from_the_cashier_finds_the_payment_whose_notice_was_lost, |demo| async move {
    let app = TestApp::new(demo).await;
    let path = due(&app).await;
    let mut b = app.sign_in("applicant").await;
    let cashier = begin(&mut b, &path).await;
    assert!(press(&mut b, &cashier, "lose").await.text.contains("支付通知没有送达"));
    assert!(b.get(&path).await.text.contains("有一笔支付尚未完成"));
    assert_eq!(press(&mut b, &path, "probe").await.status, 303);
    assert!(b.get(&path).await.text.contains("费用已缴清"));
});

demo_test!(bad_input_is_told_at_its_field_and_keeps_what_was_typed_and_uploaded, |demo| async move {
    let app = TestApp::new(demo).await;
    let path = due(&app).await;
    let mut b = app.sign_in("applicant").await;
    let typed = [
        ("method", "offline"),
        ("remitter", "林晓月"),
        ("remitted_on", "2026-11-31"),
        ("remitted_amount", "200"),
        ("invoice", "yes"),
        ("invoice_kind", "82"),
        ("title_type", "enterprise"),
        ("buyer_name", "示例公司"),
        ("tax_id", "123"),
    ];
    let slip = backend::infra::file::testing::pdf(b"");
    let page = b.upload(&path, &typed, "voucher", "汇款回单.pdf", slip).await;
    assert_eq!(page.status, 422);
    for fault in ["e-remitted_on", "e-tax_id", "e-receiver_email"] {
        assert!(page.text.contains(&format!("id=\"{fault}\"")), "{fault}");
    }
    assert!(page.text.contains("示例公司") && page.text.contains("已上传：汇款回单.pdf"));
    let mut form: Vec<(&str, String)> = typed.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
    form.push(("_slip", page.value("_slip")));
    form.push(("_seen", page.value("_seen")));
    form.push(("receiver_email", "lin@example.cn".into()));
    for (name, value) in [("remitted_on", "2026-11-20"), ("tax_id", "91350100M000100Y43"), ("remitted_amount", "199")] {
        form.iter_mut().filter(|(n, _)| *n == name).for_each(|(_, v)| *v = value.into());
    }
    let amount = b.post(&path, &form).await;
    assert!(amount.status == 422 && amount.text.contains("凭证金额应与应缴金额一致（200.00 元）"), "{}", amount.status);
    form.iter_mut().filter(|(n, _)| *n == "remitted_amount").for_each(|(_, v)| *v = "200.00".into());
    assert_eq!(b.post(&path, &form).await.status, 303);
    let page = b.get(&path).await;
    assert!(page.text.contains("正在由协会财务核验") && page.text.contains("汇款回单.pdf"));

    let mut finance = app.sign_in("finance").await;
    let workbench = finance.get("/association/payments").await;
    let order = workbench.text.split("accept:").nth(1).unwrap()[..36].to_owned();
    let mine = workbench.text.split("accept:").map(|t| t[..36].to_owned()).skip(1).find(|_| workbench.text.contains("林晓月"));
    assert!(mine.is_some());
    let empty = finance.post("/association/payments", &[("_action", format!("reject:{order}")), ("note", String::new())]).await;
    assert!(empty.status == 422 && empty.text.contains("请填写理由"));
    let strange = b.post("/matters/none/pay", &online()).await;
    assert_eq!(strange.status, 404);
});

demo_test!(a_file_of_another_person_is_no_slip_of_ones_own, |demo| async move {
    let app = TestApp::new(demo).await;
    let path = due(&app).await;
    let mut finance = app.sign_in("finance").await;
    let workbench = finance.get("/association/payments").await;
    let slip = workbench.text.split("/slips/").nth(1).unwrap()[..36].to_owned();
    let mut b = app.sign_in("applicant").await;
    let typed = [
        ("method", "offline".to_owned()),
        ("remitter", "林晓月".into()),
        ("remitted_on", "2026-11-20".into()),
        ("remitted_amount", "200".into()),
        ("invoice", "no".into()),
        ("_slip", slip),
    ];
    let page = b.post(&path, &typed).await;
    assert!(page.status == 422 && page.text.contains("id=\"e-voucher\""), "{}", page.status);
});

demo_test!(nobody_else_sees_or_pays_a_fee_and_finance_alone_has_its_desk, |demo| async move {
    let app = TestApp::new(demo).await;
    let path = due(&app).await;
    for other in ["certified", "inst-a", "inst-b", "officer", "finance", "expert1"] {
        let mut b = app.sign_in(other).await;
        assert_eq!(b.get(&path).await.status, 404, "{other}");
        assert_eq!(b.post(&path, &online()).await.status, 404, "{other}");
    }
    for other in ["applicant", "officer", "admin", "inst-a", "expert1", "examiner"] {
        let mut b = app.sign_in(other).await;
        assert_eq!(b.get("/association/payments").await.status, 403, "{other}");
        let form = [("_action", format!("accept:{}", uuid::Uuid::now_v7()))];
        assert_eq!(b.post("/association/payments", &form).await.status, 403, "{other}");
    }
    for other in ["applicant", "officer", "finance"] {
        assert_eq!(app.sign_in(other).await.get("/institution/bills").await.status, 403, "{other}");
    }
    assert_eq!(app.browser().get(&path).await.status, 303, "who is not signed in is asked to");
    let mut strange = app.sign_in("inst-b").await;
    let mut own = app.sign_in("inst-a").await;
    let bills = own.get("/institution/bills").await;
    let charge = bills.value("_charge");
    assert_eq!(charge.len(), 36);
    let [method, invoice] = online();
    let form = [("_charge", charge), ("_seen", bills.value("_seen")), method, invoice];
    assert_eq!(strange.post("/institution/bills", &form).await.status, 404);
    let sent = own.post("/institution/bills", &form).await;
    assert!(sent.location.starts_with("/pay/sandbox/"));
    assert_eq!(press(&mut own, &sent.location, "pay").await.location, "/institution/bills?back=1");
    assert!(own.get("/institution/bills").await.text.contains("没有待缴的费用"));
});

demo_test!(the_door_for_notices_takes_from_any_origin_what_is_signed_and_nothing_else, |demo| async move {
    let app = TestApp::new(demo).await;
    let path = due(&app).await;
    let mut b = app.sign_in("applicant").await;
    let cashier = begin(&mut b, &path).await;
    assert_eq!(press(&mut b, &cashier, "lose").await.status, 200);
    let number = cashier.trim_start_matches("/pay/sandbox/").split('?').next().unwrap().to_owned();
    let notice = app.notice(&number).await;
    let send = |pairs: Vec<(String, String)>| {
        let mut gateway = app.browser();
        gateway.origin = "https://openapi.alipay.com".into();
        async move {
            let form: Vec<(&str, String)> = pairs.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
            let answer = gateway.post("/api/pay/notice/sandbox", &form).await;
            (answer.status, answer.text)
        }
    };
    let mut forged = notice.clone();
    forged.iter_mut().filter(|(n, _)| n == "total_amount").for_each(|(_, v)| *v = "0.01".into());
    assert_eq!(send(forged).await.0, 400);
    assert_eq!(send(Vec::new()).await.0, 400);
    assert!(b.get(&path).await.text.contains("有一笔支付尚未完成"));
    for _ in 0..2 {
        assert_eq!(send(notice.clone()).await, (200, "success".to_owned()));
    }
    assert!(b.get(&path).await.text.contains("费用已缴清"));
    let mut elsewhere = app.browser();
    elsewhere.origin = "https://evil.example".into();
    assert_eq!(elsewhere.post("/login", &[]).await.status, 403, "the other doors stay shut");
});

demo_test!(a_voucher_that_is_not_taken_is_refused_with_its_name_its_kind_and_the_way_out, |demo| async move {
    let app = TestApp::new(demo).await;
    let path = due(&app).await;
    let mut b = app.sign_in("applicant").await;
    let all = backend::infra::file::corpus::refused();
    for about in ["an electronic invoice", "a password", "half", "OFD", "HEIC"] {
        let file = all.iter().find(|file| file.about == about).unwrap();
        let page = b.upload(&path, &[("method", "offline")], "voucher", "缴费凭证.pdf", file.bytes.clone()).await;
        assert_eq!(page.status, 422, "{about}");
        let text = file.error.text_of("缴费凭证.pdf").replace('"', "&quot;");
        assert!(page.text.contains(&text), "{about}: {text}: {}", page.text);
    }
    let page = b.get(&path).await.text;
    assert!(page.contains("JPG、PNG 图片或 PDF，每个不超过 5 MB，最多 3 个文件"), "what is taken is said beforehand: {page}");
});
