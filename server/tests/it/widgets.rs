//! The widgets of forms, on the wizard of the trial kind, as a browser without scripts posts it.

use axum::body::Body;
use backend::demo_test;
use backend::infra::file::testing::{jpeg, pdf, pdf_of_size};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use uuid::Uuid;

use crate::browser::wizard::{Pairs, fill, form_values, submit_ok};
use crate::browser::{Browser, Response, TestApp};

const GUIDE: &str = "/institution/apply/trial";

/// A draft of the institution.
async fn begun(b: &mut Browser) -> Uuid {
    crate::browser::wizard::begin(b, GUIDE).await
}

fn schedule(matter: Uuid) -> String {
    format!("/matters/{matter}/edit/schedule")
}

/// Posts the step with the widgets from its page, with the hidden controls of that page.
async fn post(b: &mut Browser, page: &Response, matter: Uuid, pairs: Pairs<'_>, action: &str) -> Response {
    let mut form = form_values(pairs, &page.value("_rev"), action);
    form.extend(page.values("_warned").into_iter().map(|names| ("_warned", names)));
    b.post(&schedule(matter), &form).await
}

/// Opens the step and posts it.
async fn next(b: &mut Browser, matter: Uuid, pairs: Pairs<'_>) -> Response {
    let page = b.get(&schedule(matter)).await;
    post(b, &page, matter, pairs, "next").await
}

/// The control of a field with what stands around it.
fn control(page: &Response, name: &str) -> String {
    let start = page.text.find(&format!("id=\"f-{name}\"")).unwrap();
    let before = page.text[..start].rfind("<div class=\"field").unwrap();
    page.text[before..].split("<div class=\"field").nth(1).unwrap().to_owned()
}

demo_test!(a_choice_within_another_is_asked_after_that_one_was_saved_and_told_when_it_no_longer_belongs, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("inst-a").await;
    let id = begun(&mut b).await;
    let first = b.get(&schedule(id)).await;
    let site = control(&first, "site");
    assert!(site.contains("disabled") && site.contains("请先选择考试期次") && !site.contains("value=\"bj\""), "{site}");
    let asked = next(&mut b, id, &[("session", "one")]).await;
    assert_eq!((asked.status, asked.location.as_str()), (303, &*format!("{}?supplement=1", schedule(id))), "{}", asked.text);
    let page = b.get(&asked.location).await;
    let site = control(&page, "site");
    assert!(page.text.contains("请补充：考点") && !page.text.contains("field-fault"), "no error: {}", page.text);
    assert!(site.contains("value=\"bj\"") && site.contains("上海考点") && !site.contains("disabled"), "{site}");
    let missing = next(&mut b, id, &[("session", "one"), ("site", "")]).await;
    assert!(missing.status == 422 && missing.text.contains("请选择考点"), "now it was asked: {}", missing.text);
    let other = next(&mut b, id, &[("session", "two"), ("site", "bj"), ("subjects", "base"), ("subjects", "qms")]).await;
    assert_eq!(other.status, 422, "{}", other.text);
    let (site, subjects) = (control(&other, "site"), other.text.split("id=\"f-subjects\"").nth(1).unwrap().to_owned());
    assert!(site.contains("“北京考点”不属于所选的考试期次，请重新选择"), "{site}");
    assert!(site.contains("北京考点（不属于所选的考试期次）") && site.contains("value=\"gz\""), "it is still there: {site}");
    assert!(subjects.contains("质量管理（不属于所选的考试期次）"), "{subjects}");
    assert!(other.text.contains("“质量管理”不属于所选的考试期次"));
    let right = next(&mut b, id, &[("session", "two"), ("site", "gz"), ("subjects", "base")]).await;
    assert_eq!((right.status, right.location), (303, format!("/matters/{id}/review")), "{}", right.text);
    let review = b.get(&format!("/matters/{id}/review")).await;
    assert!(review.text.contains("第二期") && review.text.contains("广州考点") && review.text.contains("通用基础"), "{}", review.text);
});

demo_test!(days_times_and_digits_are_read_as_typed_and_judged_by_the_fields_they_depend_on, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("inst-a").await;
    let id = begun(&mut b).await;
    let wrong = next(&mut b, id, &[("first_day", "2020/1/1"), ("last_day", "2019-12-31"), ("ticket", "0126-1100-1234")]).await;
    assert_eq!(wrong.status, 422);
    for said in ["日期不能早于今天", "结业日期不能早于开班日期（2020-01-01）", "准考证号应为 13 位数字，现有 12 位，请核对"]
    {
        assert!(wrong.text.contains(said), "{said}: {}", wrong.text);
    }
    let typed = next(&mut b, id, &[("first_day", "2031年3月1日"), ("last_day", "2031-03-05"), ("ticket", "０１２６ 1100 12345")]).await;
    assert_eq!(typed.status, 303, "{}", typed.text);
    let page = b.get(&schedule(id)).await;
    assert!(page.text.contains("value=\"2031-03-01\"") && page.text.contains("value=\"0126110012345\""), "{}", page.text);
    let lesson = format!("{}/lessons/{}", schedule(id), Uuid::now_v7());
    let form = b.get(&lesson).await;
    assert!(form.text.contains("placeholder=\"时:分\"") && form.text.contains("24 小时制"), "{}", form.text);
    let mut save = async |pairs: Pairs<'_>| {
        let revision = b.get(&lesson).await.value("_rev");
        b.post(&lesson, &form_values(pairs, &revision, "save")).await
    };
    let wrong = save(&[("begins_on", "2031-03-06"), ("ends_on", "2031-03-02"), ("begins_at", "下午2点"), ("ends_at", "1:60")]).await;
    assert_eq!(wrong.status, 422);
    for said in [
        "授课日期（起）不能晚于结业日期（2031-03-05）",
        "授课日期（止）不能早于授课日期（起）（2031-03-06）",
        "时间应在 00:00 至 23:59 之间",
    ] {
        assert!(wrong.text.contains(said), "{said}: {}", wrong.text);
    }
    assert!(wrong.text.contains("value=\"14:00\""), "the stored form is shown: {}", wrong.text);
    let early = save(&[("begins_on", "2031-03-02"), ("begins_at", "14：00"), ("ends_at", "1330")]).await;
    assert!(early.status == 422 && early.text.contains("下课时间应晚于上课时间（14:00）"), "{}", early.text);
    let right = save(&[("begins_on", "2031-03-02"), ("ends_on", "2031-03-03"), ("begins_at", "14:00"), ("ends_at", "下午四点半")]).await;
    assert_eq!(right.status, 303, "{}", right.text);
    let page = b.get(&schedule(id)).await;
    assert!(page.text.contains("2031-03-02 至 2031-03-03"), "the span of the record: {}", page.text);
    let review = b.get(&format!("/matters/{id}/review")).await;
    assert!(review.text.contains("16:30"), "{}", review.text);
});

demo_test!(a_field_names_the_files_that_it_takes_and_refuses_others_however_they_come, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("inst-a").await;
    let id = begun(&mut b).await;
    let page = b.get(&schedule(id)).await;
    let timetable = control(&page, "timetable");
    assert!(
        timetable.contains("PDF，每个不超过 1 MB，限 1 个文件") && timetable.contains("accept=\"application/pdf,.pdf\""),
        "{timetable}"
    );
    // With the form.
    for (name, bytes, said) in [
        ("课表.jpg", jpeg(20, 20), "“课表.jpg”：这是 JPG 文件，此处只能上传 PDF"),
        ("课表.pdf", b"GIF89a".to_vec(), "“课表.pdf”：这是 GIF 图片，此处只能上传 PDF"),
        ("课表.pdf", pdf_of_size((1 << 20) + 1), "“课表.pdf”：文件超过 1 MB，请压缩后再上传"),
        ("大.pdf", vec![0; 12 << 20], "“大.pdf”：文件超过 1 MB，请压缩后再上传"),
    ] {
        let refused = b.upload(&schedule(id), &[("_rev", "0"), ("_action", "next")], "timetable", name, bytes).await;
        assert!(refused.status == 422 && control(&refused, "timetable").contains(said), "{said}: {}", refused.text);
    }
    // In pieces.
    let mut begin = async |name: &str, size: usize| {
        let pairs =
            [("id", Uuid::now_v7().to_string()), ("matter", id.to_string()), ("path", "timetable".into()), ("filename", name.into())];
        let metadata: Vec<String> = pairs.iter().map(|(n, v)| format!("{n} {}", STANDARD.encode(v))).collect();
        let headers = [("tus-resumable", "1.0.0".to_owned()), ("upload-length", size.to_string()), ("upload-metadata", metadata.join(","))];
        b.upload_request("POST", "/api/uploads", &headers, Body::empty()).await
    };
    let large = begin("课表.pdf", (1 << 20) + 1).await;
    assert!(large.status == 413 && large.text.contains("文件超过 1 MB"), "{} {}", large.status, large.text);
    let picture = jpeg(30, 30);
    let upload = begin("课表.jpg", picture.len()).await;
    assert_eq!(upload.status, 201, "{}", upload.text);
    let headers = [
        ("tus-resumable", "1.0.0".to_owned()),
        ("content-type", "application/offset+octet-stream".to_owned()),
        ("upload-offset", "0".to_owned()),
    ];
    let refused = b.upload_request("PATCH", &upload.location, &headers, Body::from(picture)).await;
    assert!(refused.status == 422 && refused.text.contains("“课表.jpg”：这是 JPG 文件，此处只能上传 PDF"), "{}", refused.text);
    // With the patch of a device: a picture that is stored for another draft of the same account.
    let other = app.begin(&mut b).await;
    let record = Uuid::now_v7();
    let path = format!("/matters/{other}/edit/training/training/{record}");
    b.upload(&path, &[("_rev", "0"), ("_action", "later")], "proof", "证书.jpg", jpeg(20, 20)).await;
    let stored = app.authorize("inst-a").await;
    let answers = backend::matter::load(app.state(), &stored, other.parse().unwrap()).await.unwrap().answers;
    let file = answers.files().next().unwrap();
    let value = json!([{ "file": file.file, "name": "课表.pdf", "size": 1, "mime": "application/pdf" }]);
    let ops = json!([{ "path": "timetable", "value": value }, { "path": "ticket", "value": "0126110012345" }]);
    let patch = json!({ "matter": id, "base_rev": 0, "device": Uuid::now_v7(), "seq": 1, "ops": ops });
    let reply = b.call("/api/draft/patch", &json!({ "kind": "trial", "patch": patch })).await;
    assert!(reply.status == 200 && reply.text.contains("“证书.jpg”：这是 JPG 文件，此处只能上传 PDF"), "{}", reply.text);
    let page = b.get(&schedule(id)).await;
    assert!(page.text.contains("0126110012345") && !page.text.contains("证书.jpg"), "the rest is applied: {}", page.text);
    // And one that it takes.
    let taken = b.upload(&schedule(id), &[("_rev", &page.value("_rev")), ("_action", "save")], "timetable", "课表.pdf", pdf(b"x")).await;
    assert_eq!(taken.status, 303, "{}", taken.text);
    assert!(control(&b.get(&schedule(id)).await, "seen").contains("课表.pdf") || b.get(&schedule(id)).await.text.contains("课表.pdf("));
});

demo_test!(a_warning_is_told_once_at_the_next_step_and_on_the_check_page_and_stops_no_submission, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("inst-a").await;
    let id = begun(&mut b).await;
    fill(&mut b, id, "subject", &[("subject", "内审员培训"), ("day", "2031-01-01")]).await;
    for (account, duty) in [("certified", "讲授"), ("inst-a", "答疑")] {
        let page = format!("/matters/{id}/edit/people/people/{}", Uuid::now_v7());
        let revision = b.get(&page).await.value("_rev");
        let person = app.account_id(account).await.to_string();
        let saved = b.post(&page, &form_values(&[("person", &person), ("duty", duty)], &revision, "save")).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
    }
    let long: Pairs<'_> = &[("first_day", "2031-03-01"), ("last_day", "2031-05-01")];
    let told = next(&mut b, id, long).await;
    assert_eq!((told.status, told.location.as_str()), (303, &*format!("{}?warned=1", schedule(id))), "{}", told.text);
    let page = b.get(&told.location).await;
    let field = control(&page, "last_day");
    assert!(
        field.contains("提醒：培训历时 61 天，超过 30 天，请确认日期无误") && field.contains("aria-describedby=\"h-last_day w-last_day\""),
        "{field}"
    );
    assert!(!page.text.contains("field-fault") && page.text.contains("不影响继续办理"), "{}", page.text);
    let longer: Pairs<'_> = &[("first_day", "2031-03-01"), ("last_day", "2031-05-02")];
    let on = post(&mut b, &page, id, longer, "next").await;
    assert_eq!((on.status, on.location), (303, format!("/matters/{id}/review")), "the warning was on the page: {}", on.text);
    let review = b.get(&format!("/matters/{id}/review")).await;
    assert!(review.text.contains("结业日期：培训历时 62 天") && review.text.contains("填写内容齐全"), "{}", review.text);
    submit_ok(&mut b, id).await;
});

demo_test!(the_address_fills_the_fields_that_the_kind_names_and_no_others, |demo| async move {
    let app = TestApp::new(demo).await;
    let mut b = app.sign_in("inst-a").await;
    let guide = b.get(&format!("{GUIDE}?subject=%E5%86%85%E5%AE%A1%E5%91%98&first_day=2031%2F3%2F1&ticket=0126110012345")).await;
    assert_eq!((guide.status, guide.value("subject").as_str(), guide.value("first_day").as_str()), (200, "内审员", "2031-03-01"));
    assert!(guide.values("ticket").is_empty(), "{}", guide.text);
    let named = |names: &[&'static str]| names.iter().map(|name| (*name, guide.value(name))).collect::<Vec<_>>();
    let begun = b.post(GUIDE, &named(&["_id", "_desk", "subject", "first_day"])).await;
    assert_eq!(begun.status, 303, "{}", begun.text);
    let id: Uuid = begun.location.split('/').nth(2).unwrap().parse().unwrap();
    assert!(b.get(&format!("/matters/{id}/edit/subject")).await.text.contains("内审员"));
    assert!(b.get(&schedule(id)).await.text.contains("2031-03-01"));
    let form = [("_id", Uuid::now_v7().to_string()), ("_desk", guide.value("_desk")), ("ticket", "0126110012345".into())];
    assert_eq!(b.post(GUIDE, &form).await.status, 400, "a field that the address does not fill");
    let long = [("_id", Uuid::now_v7().to_string()), ("_desk", guide.value("_desk")), ("subject", "字".repeat(401))];
    assert_eq!(b.post(GUIDE, &long).await.status, 413);
});
