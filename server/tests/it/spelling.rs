//! Texts of people over HTTP: every usual spelling is taken in every form and stored in one form, and a refusal names what is wrong.

use backend::demo_test;
use uuid::Uuid;

use crate::browser::wizard::{form_values, submit};
use crate::browser::{Browser, TestApp};

type Form = Vec<(&'static str, String)>;

fn pairs(form: &[(&'static str, &str)]) -> Form {
    form.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

fn registration(other: &[(&'static str, &str)]) -> Form {
    let form = [
        ("account", "ayiguli"),
        ("password", "Spring-2026-leaf"),
        ("password_again", "Spring-2026-leaf"),
        ("name", "阿依古丽 • 买买提"),
        ("document_type", "resident_id"),
        ("document_number", "110101 19900307 707×"),
        ("mobile", "（+86）138–1234–5678"),
        ("email", "mailto:ayiguli@Example.com"),
        ("agreed", "yes"),
    ];
    let kept = form.iter().filter(|(name, _)| other.iter().all(|(replaced, _)| replaced != name));
    pairs(&kept.chain(other).copied().collect::<Vec<_>>())
}

/// Registers with a code in a spelling, and signs in.
async fn register(app: &TestApp, form: &Form, spelling: impl Fn(&str) -> String) -> Browser {
    let mut b = app.browser();
    let begun = b.post("/register/individual", form).await;
    assert_eq!(begun.location, "/register/code", "{}", begun.text);
    b.post("/register/code", &pairs(&[("_action", "send")])).await;
    let code = spelling(&app.last_code().await);
    let done = b.post("/register/code", &[("_action", "confirm".into()), ("code", code.clone())]).await;
    assert_eq!(done.location, "/register/done", "{code}: {}", done.text);
    let account = form.iter().find(|(name, _)| *name == "account").unwrap().1.clone();
    let entered = b.post("/login", &[("account", account), ("password", "Spring-2026-leaf".into()), ("next", "/me".into())]).await;
    assert_eq!(entered.status, 303);
    b
}

demo_test!(registration_takes_every_usual_spelling_and_stores_one_form, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = register(&app, &registration(&[]), |code| format!("{} {}", &code[..3], &code[3..])).await;
    let profile = b.get("/me/profile").await.text;
    for stored in ["阿依古丽·买买提", "1****************X", "138******78", "a***@example.com"] {
        assert!(profile.contains(stored), "{stored}: {profile}");
    }
    for (other, field) in [
        (&[("account", "another1"), ("mobile", "13812345679"), ("email", "x1@example.com")][..], "document_number"),
        (&[("account", "another2"), ("document_number", "11010119900307002X"), ("email", "x2@example.com")], "mobile"),
        (&[("account", "another3"), ("document_number", "11010119900307002X"), ("mobile", "13812345679")], "email"),
    ] {
        let page = app.browser().post("/register/individual", &registration(other)).await;
        assert!(page.status == 422 && page.text.contains(&format!("id=\"e-{field}\"")), "{field}: {}", page.text);
    }
    let spellings: [fn(&str) -> String; 5] = [
        |code| format!("验证码：{code}。"),
        |code| format!("{code}{code}"),
        |code| format!("{}\u{A0}{}", &code[..3], &code[3..]),
        |code| format!("【认证人员综合服务平台】您正在办理注册，验证码 {code}，2 分钟内有效，请勿告知他人。"),
        |code| format!("{}-{}", &code[..3], &code[3..]),
    ];
    for (n, spelling) in spellings.into_iter().enumerate() {
        app.clock.advance(chrono::TimeDelta::minutes(3));
        let (account, mobile) = (format!("reader-{n}"), format!("0086 139 0000 111{n}"));
        let passport = [
            ("account", account.as_str()),
            ("name", "O"),
            ("document_type", "passport"),
            ("document_number", &format!("E 1234 567{n}")),
            ("sex", "male"),
            ("birth_date", "1990年3月7日"),
            ("mobile", &mobile),
            ("email", &format!("<{account}@example.com>")),
        ];
        register(&app, &registration(&passport), spelling).await;
    }
});

demo_test!(a_refusal_of_registration_names_the_wrong_character_and_keeps_what_was_typed, |demo| async move {
    let app = TestApp::new(demo).await;
    for (field, typed, said) in [
        ("name", "张伟1", "姓名中的“1”不能用于姓名"),
        ("name", "王\u{E863}", "（U+E863）是本机字库自造的字"),
        ("document_number", "11O101199003077071", "证件号码中的“O”无法识别"),
        ("document_number", "1101011990030770", "身份证号码应为 18 位，现有 16 位"),
        ("mobile", "1381234567", "请填写 11 位手机号码，现有 10 位"),
        ("mobile", "1381234567l", "手机号码中的“l”无法识别"),
        ("email", "ayiguli.example.com", "电子邮箱缺少“@”"),
        ("email", "阿依@example.com", "电子邮箱中的“阿”无法识别"),
    ] {
        let page = app.browser().post("/register/individual", &registration(&[(field, typed)])).await;
        assert!(page.status == 422 && page.text.contains(said), "{typed}: {}", page.text);
        assert!(page.text.contains(&format!("value=\"{typed}\"")), "{typed} is lost");
    }
    let passport = [("document_type", "passport"), ("document_number", "E12345678"), ("sex", "male"), ("birth_date", "1990-3")];
    let page = app.browser().post("/register/individual", &registration(&passport)).await;
    assert!(page.status == 422 && page.text.contains("日期缺少日") && page.text.contains("value=\"1990-3\""), "{}", page.text);
});

demo_test!(a_picked_birth_date_registers_and_two_different_ones_do_not, |demo| async move {
    let app = TestApp::new(demo).await;
    let with = |typed: &'static str, picked: &'static str| {
        let document = [("document_type", "passport"), ("document_number", "E12345678"), ("sex", "male")];
        let days = [("birth_date", typed), ("_pick_birth_date", picked), ("_shown_birth_date", "")];
        registration(&document.iter().chain(&days).copied().collect::<Vec<_>>())
    };
    let both = app.browser().post("/register/individual", &with("1990-03-07", "1990-03-08")).await;
    assert!(both.status == 422 && both.text.contains("这里有两个日期") && both.text.contains("1990-03-07 或 1990-03-08"), "{}", both.text);
    let picked = app.browser().post("/register/individual", &with("", "1990-03-08")).await;
    assert_eq!(picked.location, "/register/code", "{}", picked.text);
});

demo_test!(letters_that_certificates_lack_are_told_at_registration_and_do_not_prevent_it, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    b.post("/register/individual", &registration(&[("name", "\u{20BB7}田光")])).await;
    let page = b.get("/register/code").await;
    assert!(page.status == 200 && page.text.contains("姓名中的“\u{20BB7}”不在证书字库中"), "{}", page.text);
    b.post("/register/individual", &registration(&[])).await;
    assert!(!b.get("/register/code").await.text.contains("字库"));
});

demo_test!(recovery_takes_every_usual_spelling_and_an_impossible_code_costs_no_try, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    let refused = b.post("/recover", &pairs(&[("account", "applicant"), ("mobile", "1380000000l")])).await;
    assert!(refused.status == 422 && refused.text.contains("手机号码中的“l”无法识别"), "{}", refused.text);
    let sent = b.post("/recover", &pairs(&[("account", "applicant"), ("mobile", "tel:+86-138\u{2011}0000\u{2011}0001；")])).await;
    assert_eq!(sent.location, "/recover/code", "{}", sent.text);
    let code = app.last_code().await;
    let finish = |code: &str| pairs(&[("code", code), ("password", "Autumn-2026-leaf"), ("password_again", "Autumn-2026-leaf")]);
    for (typed, said) in [("12", "现有 2 位"), ("12345O", "验证码中的“O”无法识别"), ("没收到", "验证码中的“没”无法识别")]
    {
        for _ in 0..3 {
            let page = b.post("/recover/code", &finish(typed)).await;
            assert!(page.status == 422 && page.text.contains(said) && page.text.contains(typed), "{typed}: {}", page.text);
        }
    }
    let done = b.post("/recover/code", &finish(&format!("{}-{}。", &code[..3], &code[3..]))).await;
    assert_eq!(done.location, "/login", "{}", done.text);
});

async fn begin(app: &TestApp, b: &mut Browser) -> Uuid {
    app.begin(b).await.parse().unwrap()
}

async fn save(b: &mut Browser, id: Uuid, step: &str, form: &[(&str, &str)]) -> crate::browser::Response {
    let path = format!("/matters/{id}/edit/{step}");
    let revision = b.get(&path).await.value("_rev");
    b.post(&path, &form_values(form, &revision, "save")).await
}

demo_test!(the_wizard_takes_every_usual_spelling_and_shows_the_stored_form, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = begin(&app, &mut b).await;
    let days = [
        "20200901",
        "2020/9/1",
        "2020.9.1",
        "2020年9月1日",
        "2020-9-1",
        "2020 09 01",
        "2020–09–01",
        "2020−09−01",
        "２０２０－０９－０１",
        "二〇二〇年九月一日",
        "2020-09-01T00:00:00",
    ];
    for day in days {
        let form =
            [("entry_date", day), ("emergency_contact", "张 三"), ("emergency_phone", "（010）12345678转801"), ("postcode", "100 000")];
        let saved = save(&mut b, id, "person", &form).await;
        assert_eq!(saved.status, 303, "{day}: {}", saved.text);
        let page = b.get(&format!("/matters/{id}/edit/person")).await;
        for (name, stored) in
            [("entry_date", "2020-09-01"), ("emergency_contact", "张三"), ("emergency_phone", "010-12345678-801"), ("postcode", "100000")]
        {
            assert_eq!(page.value(name), stored, "{day} {name}");
        }
        save(&mut b, id, "person", &[("entry_date", "")]).await;
    }
    let path = format!("/matters/{id}/edit/person");
    for (day, said) in
        [("2020-9", "日期缺少日"), ("31/12", "请先写 4 位数的年份"), ("2020-02-30", "日期不存在"), ("2020-09-O1", "日期中的“O”无法识别")]
    {
        let revision = b.get(&path).await.value("_rev");
        let page = b.post(&path, &form_values(&[("entry_date", day)], &revision, "next")).await;
        assert!(page.status == 422 && page.text.contains(said) && page.value("entry_date") == day, "{day}: {}", page.text);
    }
});

demo_test!(a_picked_day_is_saved_and_never_replaces_a_typed_one, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = begin(&app, &mut b).await;
    let path = format!("/matters/{id}/edit/person");
    for (typed, picked, shown, stored) in [
        ("", "2020-09-01", "", "2020-09-01"),
        ("2020-09-01", "2020-09-02", "2020-09-01", "2020-09-02"),
        ("2020/9/3", "2020-09-02", "2020-09-02", "2020-09-03"),
        ("2020-09-04", "2020-09-05", "2020-09-03", "2020-09-04 或 2020-09-05"),
    ] {
        let saved = save(&mut b, id, "person", &[("entry_date", typed), ("_pick_entry_date", picked), ("_shown_entry_date", shown)]).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        let page = b.get(&path).await;
        assert_eq!(page.value("entry_date"), stored);
        assert_eq!(page.value("_pick_entry_date"), if stored.contains('或') { "" } else { stored });
    }
    let review = b.get(&format!("/matters/{id}/review")).await;
    assert!(review.text.contains("这里有两个日期，请只保留一个"), "{}", review.text);
});

demo_test!(a_signature_in_another_spelling_of_the_name_is_taken, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = register(&app, &registration(&[]), str::to_owned).await;
    let id = begin(&app, &mut b).await;
    for (signature, taken) in [("阿依古丽‧买买提", true), ("阿依古丽．买买提", true), ("阿依古丽买买提", true), ("阿依古丽·买提", false)]
    {
        assert_eq!(save(&mut b, id, "declaration", &[("signed_name", signature)]).await.status, 303);
        let review = submit(&mut b, id).await;
        assert_eq!(review.text.contains("声明人姓名与账号姓名不一致"), !taken, "{signature}");
    }
});

demo_test!(a_certificate_is_found_by_its_number_in_every_usual_spelling, |demo| async move {
    let app = TestApp::new(demo).await;
    let list = app.browser().get("/published").await.text;
    let number = list.split("/verify/").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let dashed = |dash: &str| number.replace('-', dash);
    let encode = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    for typed in [
        number.to_lowercase(),
        dashed("\u{2011}"),
        dashed("–"),
        dashed("—"),
        dashed("－"),
        dashed(" - "),
        format!("证书编号：{number}"),
        format!(" {number}。"),
        dashed(""),
        format!("No. {number}"),
    ] {
        let found = app.browser().get(&format!("/verify?number={}", encode(&typed))).await;
        assert_eq!(found.location, format!("/verify/{number}"), "{typed}");
        let page = app.browser().get(&format!("/verify/{}", encode(&typed))).await;
        assert_eq!(page.status, 200, "{typed}");
    }
    for (typed, said) in [("2026-N0QMS-1", "最后一段应为 7 位数字，现有 1 位"), ("2026#N0QMS", "证书编号中的“#”无法识别"), ("张伟", "“张”")]
    {
        let page = app.browser().get(&format!("/verify?number={}", encode(typed))).await;
        assert!(page.status == 422 && page.text.contains(said) && page.value("number") == typed, "{typed}: {}", page.text);
    }
});

demo_test!(a_voucher_takes_amount_and_day_in_every_usual_spelling, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    app.decide("inst-a", id, "pass", &[]).await;
    let mut b = app.sign_in("applicant").await;
    let path = format!("/matters/{id}/pay");
    let form = |amount: &'static str, day: &'static str| {
        [("method", "offline"), ("invoice", "no"), ("remitter", "林晓月"), ("remitted_on", day), ("remitted_amount", amount)]
    };
    for (amount, day, said) in
        [("2OO", "2026-11-20", "金额中的“O”无法识别"), ("200,00", "2026-11-20", "金额中的逗号位置不对"), ("200", "2026-11", "日期缺少日")]
    {
        let page = b.post(&path, &pairs(&form(amount, day))).await;
        let (kept_amount, kept_day) = (page.value("remitted_amount"), page.value("remitted_on"));
        assert!(page.status == 422 && page.text.contains(said), "{amount}: {}", page.text);
        assert!(kept_amount == if amount == "200" { "200.00" } else { amount } && kept_day == day, "{kept_amount} {kept_day}");
    }
    for (amount, day) in
        [("¥200", "2026/11/20"), ("200元", "20261120"), ("２００．００", "2026年11月20日"), ("人民币 200.0 元整", "2026.11.20")]
    {
        let page = b.post(&path, &pairs(&form(amount, day))).await;
        assert!(page.text.contains("id=\"e-voucher\"") && !page.text.contains("id=\"e-remitted"), "{amount} {day}: {}", page.text);
        assert_eq!((page.value("remitted_amount").as_str(), page.value("remitted_on").as_str()), ("200.00", "2026-11-20"));
    }
    let slip = backend::infra::file::testing::pdf(b"");
    let seen = b.get(&path).await.value("_seen");
    let mut sent = form("¥200", "2026年11月20日").to_vec();
    sent.push(("_seen", &seen));
    let sent = b.upload(&path, &sent, "voucher", "汇款回单.pdf", slip).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
});
