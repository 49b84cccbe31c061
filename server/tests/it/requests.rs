//! Requests of a browser through all layers of the server: responses to bad input, which must not lose what was typed.

use crate::browser::{Browser, TestApp};
use app::routes::ErrorFormat;
use backend::demo_test;
use chrono::TimeDelta;

fn registration(account: &str, document: &str, mobile: &str) -> Vec<(&'static str, String)> {
    vec![
        ("account", account.into()),
        ("password", "Spring-2026-leaf".into()),
        ("password_again", "Spring-2026-leaf".into()),
        ("name", "张伟".into()),
        ("document_type", "resident_id".into()),
        ("document_number", document.into()),
        ("mobile", mobile.into()),
        ("email", format!("{account}@example.com")),
        ("agreed", "yes".into()),
    ]
}

demo_test!(a_new_account_signs_in_after_its_code, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    let sent = b.post("/register/individual", &registration("zhangwei", "11010119900307707X", "13812345678")).await;
    assert_eq!((sent.status, sent.location.as_str()), (303, "/register/code"), "{}", sent.text);
    assert_eq!(b.post("/register/code", &[("_action", "send".into())]).await.status, 303);
    let page = b.get("/register/code").await;
    assert!(page.text.contains("秒后可重新发送") && page.text.contains("138******78"), "{}", page.text);
    let code = app.last_code().await;
    let done = b.post("/register/code", &[("_action", "confirm".into()), ("code", code)]).await;
    assert_eq!(done.location, "/register/done");
    assert!(b.get("/register/done").await.text.contains("注册成功"));
    let entered =
        b.post("/login", &[("account", "zhangwei".into()), ("password", "Spring-2026-leaf".into()), ("next", "/me".into())]).await;
    assert_eq!((entered.status, entered.location.as_str()), (303, "/me"));
    let me = b.get("/me/profile").await;
    assert!(me.text.contains("张伟") && me.text.contains("1****************X"));
    assert!(!me.text.contains("11010119900307707X") && !me.text.contains("13812345678"));
});

demo_test!(faults_of_registration_stand_at_their_fields_and_what_was_typed_stays, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    for (document, mobile, field, text) in [
        ("110101199003077071", "13812345678", "document_number", "校验位不符"),
        ("110101199902290010", "13812345678", "document_number", "出生日期不存在"),
        ("11010119900307707X", "1381234567", "mobile", "11 位手机号码"),
    ] {
        let page = b.post("/register/individual", &registration("zhangwei", document, mobile)).await;
        assert_eq!(page.status, 422, "{document} {mobile}");
        assert!(page.text.contains(text), "{text}: {}", page.text);
        assert!(page.text.contains(&format!("id=\"e-{field}\"")), "{field}");
        for typed in ["zhangwei", "张伟", document, mobile] {
            assert!(page.text.contains(typed), "{typed} is lost");
        }
        assert!(!page.text.contains("Spring-2026-leaf"), "a password is not sent back");
    }
});

demo_test!(a_mobile_that_is_taken_is_told_at_its_field, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    let page = b.post("/register/individual", &registration("zhangwei", "11010119900307707X", "13800000001")).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("该手机号码已注册") && page.text.contains("id=\"e-mobile\""));
    assert!(page.text.contains("13800000001") && page.text.contains("11010119900307707X"));
});

demo_test!(wrong_late_and_repeated_codes_each_have_their_answer, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    b.post("/register/individual", &registration("zhangwei", "11010119900307707X", "13812345678")).await;
    let none = b.post("/register/code", &[("_action", "confirm".into()), ("code", "123456".into())]).await;
    assert!(none.status == 422 && none.text.contains("请先发送短信验证码"));
    b.post("/register/code", &[("_action", "send".into())]).await;
    let again = b.post("/register/code", &[("_action", "send".into())]).await;
    assert_eq!(again.status, 429);
    assert!(again.text.contains("每 2 分钟只能发送一次"), "{}", again.text);
    let code = app.last_code().await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let answer = b.post("/register/code", &[("_action", "confirm".into()), ("code", wrong.into())]).await;
    assert!(answer.status == 422 && answer.text.contains("还可尝试 4 次") && answer.text.contains(wrong));
    app.clock.advance(TimeDelta::seconds(120));
    let late = b.post("/register/code", &[("_action", "confirm".into()), ("code", code)]).await;
    assert!(late.status == 422 && late.text.contains("已失效"), "{}", late.text);
});

demo_test!(a_wrong_password_and_an_unknown_account_get_the_same_answer, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut answers = Vec::new();
    for account in ["applicant", "nobodyy"] {
        let mut b = app.browser();
        let page = b.post("/login", &[("account", account.into()), ("password", "wrong".into()), ("next", "/".into())]).await;
        answers.push((page.status, crate::browser::without_nonce(&page.text).replace(account, "X")));
    }
    assert_eq!(answers[0].0, 422);
    assert_eq!(answers[0], answers[1]);
});

demo_test!(log_out_ends_the_session_on_the_server, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let stolen = b.clone();
    assert_eq!(b.get("/me").await.status, 200);
    assert_eq!(b.post("/logout", &[]).await.location, "/login");
    for mut old in [b, stolen] {
        let page = old.get("/me").await;
        assert_eq!((page.status, page.location.as_str()), (303, "/login?next=%2Fme"));
    }
});

demo_test!(signing_in_changes_the_token, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.browser();
    b.post("/register/individual", &registration("zhangwei", "11010119900307707X", "13812345678")).await;
    let before = b.cookie().to_owned();
    b.post("/login", &[("account", "applicant".into()), ("password", "Demo-2026-pass".into()), ("next", "/".into())]).await;
    assert!(!before.is_empty() && b.cookie() != before);
    let mut fixed = app.browser();
    fixed.set_cookie(&before);
    assert_eq!(fixed.get("/me").await.status, 303);
});

demo_test!(a_day_that_does_not_exist_is_told_at_its_field_and_kept, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let path = format!("/matters/{id}/edit/person");
    let page = b
        .post(
            &path,
            &[("_rev", "0".into()), ("_action", "next".into()), ("name_pinyin", "Lin Xiaoyue".into()), ("entry_date", "2023-02-29".into())],
        )
        .await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("日期不存在") && page.text.contains("id=\"e-entry_date\""));
    assert!(page.text.contains("Lin Xiaoyue") && page.text.contains("2023-02-29"));
    let again = b.get(&path).await;
    assert!(again.text.contains("Lin Xiaoyue") && again.text.contains("2023-02-29"), "saved all the same");
});

demo_test!(a_field_the_page_does_not_have_is_refused_and_changes_nothing, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let path = format!("/matters/{id}/edit/person");
    for name in ["status", "owner_id", "fee_paid", "stage"] {
        let page = b
            .post(&path, &[("_rev", "0".into()), ("_action", "save".into()), ("name_pinyin", "Marker".into()), (name, "approved".into())])
            .await;
        assert_eq!(page.status, 400, "{name}");
    }
    assert!(!b.get(&path).await.text.contains("Marker"));
});

demo_test!(a_file_too_large_or_not_what_it_says_is_told_at_its_field_and_the_text_stays, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let path = format!("/matters/{id}/edit/training/training/{}", uuid::Uuid::now_v7());
    let text = [("_rev", "0"), ("_action", "save"), ("content", "质量管理体系课程"), ("organiser", "某培训机构")];
    for (name, bytes, said) in [
        ("scan.jpg", vec![0u8; 12 << 20], "文件超过 5 MB"),
        ("photo.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".to_vec(), "只能上传 JPG、PNG、PDF 文件"),
    ] {
        let page = b.upload(&path, &text, "proof", name, bytes).await;
        assert_eq!(page.status, 422, "{name}: {}", page.text);
        assert!(page.text.contains(said), "{said}: {}", page.text);
        assert!(page.text.contains("质量管理体系课程") && page.text.contains("某培训机构"));
    }
    assert!(b.get(&path).await.text.contains("质量管理体系课程"));
});

demo_test!(an_older_revision_is_not_submitted, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("certified").await;
    let id = app.matter_of("certified", "信息安全管理体系").await;
    let review = b.get(&format!("/matters/{id}/review")).await;
    let (rev, key) = (review.value("_rev"), review.value("_key"));
    let step = format!("/matters/{id}/edit/declaration");
    b.post(
        &step,
        &[
            ("_rev", rev.clone()),
            ("_action", "save".into()),
            ("declared", domain::kind::registration::DECLARATION.version.into()),
            ("signed_name", "周国建".into()),
        ],
    )
    .await;
    let page = b.post(&format!("/matters/{id}/review"), &[("_rev", rev), ("_key", key)]).await;
    assert_eq!(page.status, 409);
    assert!(page.text.contains("内容在别处有更新"), "{}", page.text);
    assert!(page.text.contains("周国建"));
});

demo_test!(a_double_click_on_submit_is_one_submission, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("certified").await;
    let id = app.matter_of("certified", "信息安全管理体系").await;
    let step = format!("/matters/{id}/edit/person");
    let page = b.get(&step).await;
    let mut typed: Vec<(&str, String)> =
        ["name_pinyin", "professional_title", "entry_date", "address"].into_iter().map(|n| (n, page.value(n))).collect();
    typed.extend([
        ("highest_education", "bachelor".into()),
        ("title_level", "intermediate".into()),
        ("employment_type", "full_time".into()),
        ("is_retired", "no".into()),
    ]);
    typed.extend([("postcode", "200121".into()), ("_rev", page.value("_rev")), ("_action", "save".into())]);
    assert_eq!(b.post(&step, &typed).await.status, 303);
    let review = b.get(&format!("/matters/{id}/review")).await;
    let form = [("_rev", review.value("_rev")), ("_key", review.value("_key"))];
    for _ in 0..3 {
        let sent = b.post(&format!("/matters/{id}/review"), &form).await;
        assert_eq!((sent.status, sent.location), (303, format!("/matters/{id}/done")), "{}", sent.text);
    }
    let detail = b.get(&format!("/matters/{id}")).await;
    assert_eq!(detail.text.matches("修改后重新提交").count(), 1);
});

demo_test!(another_persons_matter_looks_like_none_at_all, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    for stranger in ["certified", "inst-b", "expert1"] {
        let mut b = app.sign_in(stranger).await;
        let nothing = uuid::Uuid::now_v7();
        for (theirs, none) in [("", ""), ("/review", "/review"), ("/edit/person", "/edit/person")] {
            let page = b.get(&format!("/matters/{id}{theirs}")).await;
            let absent = b.get(&format!("/matters/{nothing}{none}")).await;
            assert_eq!((page.status, absent.status), (404, 404), "{stranger} {theirs}");
            assert_eq!(crate::browser::without_nonce(&page.text), crate::browser::without_nonce(&absent.text));
            assert!(!page.text.contains("林晓月"));
        }
        let post = b.post(&format!("/matters/{id}/edit/person"), &[("_rev", "0".into()), ("_action", "save".into())]).await;
        assert_eq!(post.status, 404, "{stranger}");
    }
});

demo_test!(the_wrong_role_decides_nothing, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    for (who, command) in [
        ("applicant", "pass"),
        ("officer", "pass"),
        ("officer", "approve"),
        ("inst-a", "approve"),
        ("finance", "accept"),
        ("inst-b", "pass"),
        ("certified", "approve"),
    ] {
        let mut b = app.sign_in(who).await;
        let (key, seen) = (uuid::Uuid::now_v7().to_string(), app.seen(who, id).await);
        let form = [("_key", key), ("_seen", seen), ("_action", command.into()), ("note", "x".into())];
        let page = b.post(&format!("/matters/{id}"), &form).await;
        assert!(matches!(page.status, 404 | 409), "{who} {command}: {}", page.status);
    }
    let mut b = app.sign_in("inst-a").await;
    let page = b.get(&format!("/matters/{id}")).await;
    assert!(page.text.contains("机构初核中"));
    for (who, workbench) in [
        ("applicant", "/institution"),
        ("applicant", "/association"),
        ("inst-a", "/association"),
        ("officer", "/institution"),
        ("expert1", "/association"),
    ] {
        let page = app.sign_in(who).await.get(workbench).await;
        assert_eq!(page.status, 403, "{who} {workbench}");
        assert!(page.text.contains("没有权限"));
    }
});

demo_test!(a_return_without_an_opinion_is_asked_for_one, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let mut b = app.sign_in("inst-a").await;
    let (key, seen) = (uuid::Uuid::now_v7().to_string(), app.seen("inst-a", id).await);
    let form = [("_key", key), ("_seen", seen), ("_action", "return".into()), ("note", "  ".into())];
    let page = b.post(&format!("/matters/{id}"), &form).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("请填写意见"));
});

demo_test!(a_post_from_another_site_does_nothing, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let mut b = app.sign_in("inst-a").await;
    b.origin = "https://evil.example".into();
    let form = [("_key", uuid::Uuid::now_v7().to_string()), ("_action", "pass".into())];
    assert_eq!(b.post(&format!("/matters/{id}"), &form).await.status, 403);
    b.origin = crate::browser::ORIGIN.into();
    assert!(b.get(&format!("/matters/{id}")).await.text.contains("机构初核中"));
});

demo_test!(every_address_keeps_out_who_is_not_signed_in_unless_it_is_for_anyone, |demo| async move {
    let app = TestApp::new(demo).await;
    for route in app::routes::routes().into_iter().filter(|route| route.format == ErrorFormat::Page) {
        use domain::base::permission::Action::{Demo, Public, SignIn, SignOut};
        let path = route.path.replace("{number}", "2026-N0QMS-9999999").replace("{kind}", "registration");
        let path = path.replace("{id}", &uuid::Uuid::nil().to_string()).replace("{step}", "person");
        let path = path
            .replace("{order}", &uuid::Uuid::nil().to_string())
            .replace("{list}", "education")
            .replace("{record}", &uuid::Uuid::nil().to_string())
            .replace("{file}", "x");
        let open = matches!(route.action, Public | SignIn | SignOut | Demo);
        let mut b: Browser = app.browser();
        let page = b.get(&path).await;
        let to_login = page.status == 303 && page.location.starts_with("/login?next=");
        assert_eq!(to_login, !open, "{path}: {} {}", page.status, page.location);
        for header in ["content-security-policy", "x-content-type-options", "referrer-policy", "cache-control"] {
            assert!(page.headers.contains_key(header), "{path} lacks {header}");
        }
    }
});

demo_test!(a_file_is_handed_out_to_be_saved_and_cannot_run, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let mut b = app.sign_in("inst-a").await;
    let page = b.get(&format!("/matters/{id}")).await;
    let links = page.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let link = links.filter(|link| link.contains("/files/")).map(|link| link.trim_end_matches("/view")).next().unwrap();
    // A picture is also shown in place, and runs as little there.
    for (link, disposition) in [(link.to_owned(), "attachment"), (format!("{link}/view"), "inline")] {
        let file = b.get(&link).await;
        assert_eq!(file.status, 200, "{link}");
        let header = |name: &str| file.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
        assert!(header("content-disposition").starts_with(disposition), "{link}");
        assert!(header("content-security-policy").contains("sandbox"), "{link}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{link}");
        assert_eq!(app.sign_in("inst-b").await.get(&link).await.status, 404, "{link}");
    }
});

demo_test!(a_page_is_saved_while_it_is_typed_by_its_owner_and_by_nobody_else, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let id = app.begin(&mut b).await;
    let draft_page = |base: i64, address: &str| serde_json::json!({ "matter": id, "step": "person", "base": base, "pairs": [["address", address], ["entry_date", "2026-02-30"]] });
    let saved = b.call("/api/draft/save", &draft_page(0, "示例路 1 号")).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    assert!(saved.text.contains("\"revision\":1"), "{}", saved.text);
    let page = b.get(&format!("/matters/{id}/edit/person")).await;
    assert!(page.text.contains("示例路 1 号") && page.text.contains("2026-02-30"));
    let old = b.call("/api/draft/save", &draft_page(0, "示例路 2 号")).await;
    assert!(old.status == 409 && old.text.contains("questions"), "{} {}", old.status, old.text);
    for (who, status) in [("certified", 404), ("inst-a", 404), ("officer", 404)] {
        let mut other = app.sign_in(who).await;
        assert_eq!(other.call("/api/draft/save", &draft_page(1, "x")).await.status, status, "{who}");
    }
    assert_eq!(app.browser().call("/api/draft/save", &draft_page(1, "x")).await.status, 401);
    let extra = serde_json::json!({ "matter": id, "step": "person", "base": 1, "pairs": [["status", "approved"]] });
    assert_eq!(b.call("/api/draft/save", &extra).await.status, 400);
    let broken = b.call("/api/draft/save", &serde_json::json!({ "matter": 7 })).await;
    assert!(broken.status == 400 && !broken.text.contains("matter"), "{}", broken.text);
    assert_eq!(b.call("/api/no/such", &extra).await.status, 404);
    b.origin = "https://evil.example".into();
    assert_eq!(b.call("/api/draft/save", &draft_page(1, "x")).await.status, 403);
    b.origin = crate::browser::ORIGIN.into();
    assert!(b.get(&format!("/matters/{id}/edit/person")).await.text.contains("示例路 1 号"));
});

demo_test!(a_reviewer_reads_the_answers_but_not_where_people_live_or_are_called, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("applicant", "质量管理体系").await;
    let own = app.sign_in("applicant").await.get(&format!("/matters/{id}")).await;
    assert!(own.text.contains("上海市浦东新区示例路 100 号") && own.text.contains("021-65430000"));
    let workbench = app.sign_in("inst-a").await.get(&format!("/matters/{id}")).await;
    assert!(workbench.text.contains("华东理工大学") && workbench.text.contains("上海市****"));
    for hidden in ["示例路 100 号", "65430000", "11010119900307002X", "13800000001"] {
        assert!(!workbench.text.contains(hidden), "{hidden}");
    }
});

demo_test!(a_session_that_ended_in_the_middle_of_a_page_ends_no_text, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    let matter = app.begin(&mut b).await;
    let step = format!("/matters/{matter}/edit/person");
    let rev = b.get(&step).await.value("_rev");
    b.set_cookie("");
    let typed = [("_rev", rev), ("_action", "save".to_owned()), ("address", "甲路 1 号 “东门”".to_owned())];
    let asked = b.post(&step, &typed).await;
    assert!(asked.status == 401 && asked.text.contains("您填写的内容会继续提交"), "{}", asked.status);
    let held = asked.value("_held");
    let sign = |password: &str| {
        [("account", "applicant".to_owned()), ("password", password.to_owned()), ("next", step.clone()), ("_held", held.clone())]
    };
    let wrong = b.post("/login", &sign("Wrong-2026-pass")).await;
    assert!(wrong.status == 422 && wrong.value("_held") == held);
    let back = b.post("/login", &sign("Demo-2026-pass")).await;
    assert!(back.status == 200 && back.text.contains("继续提交"), "{}", back.status);
    let address = back.value("address").replace("&quot;", "\"");
    let again = [("_rev", back.value("_rev")), ("_action", back.value("_action")), ("address", address)];
    assert_eq!(b.post(&step, &again).await.status, 303);
    assert!(b.get(&step).await.text.contains("甲路 1 号 “东门”"));
    let nonsense =
        [("account", "applicant".to_owned()), ("password", "Demo-2026-pass".into()), ("next", "/me".into()), ("_held", "%%".into())];
    assert_eq!(b.post("/login", &nonsense).await.location, "/me");
});

demo_test!(two_windows_that_differ_are_asked_field_by_field_and_what_only_one_changed_is_kept, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("applicant").await;
    for (choice, address) in [("mine", "乙路 2 号"), ("theirs", "甲路 1 号"), ("both", "甲路 1 号；乙路 2 号")] {
        let matter = app.begin(&mut b).await;
        let step = format!("/matters/{matter}/edit/person");
        let rev = b.get(&step).await.value("_rev");
        let save = |rev: &str, address: &str, postcode: &str| {
            [("_rev", rev.to_owned()), ("_action", "save".into()), ("address", address.to_owned()), ("postcode", postcode.to_owned())]
        };
        assert_eq!(b.post(&step, &save(&rev, "甲路 1 号", "100000")).await.status, 303);
        let asked = b.post(&step, &save(&rev, "乙路 2 号", "")).await;
        assert_eq!(asked.status, 409);
        for said in ["这里填写的：乙路 2 号", "别处已保存的：甲路 1 号", "两者都保留"] {
            assert!(asked.text.contains(said), "{said}");
        }
        assert_eq!(asked.value("postcode"), "100000", "what only the other window changed is not undone");
        let mut again = save(&asked.value("_rev"), &asked.value("address"), &asked.value("postcode")).to_vec();
        again.push(("_choice:address", choice.into()));
        assert_eq!(b.post(&step, &again).await.status, 303, "{choice}");
        let page = b.get(&step).await;
        assert_eq!((page.value("address").as_str(), page.value("postcode").as_str()), (address, "100000"), "{choice}");
    }
});
