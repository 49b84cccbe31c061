//! 我的考试: the caller's scores, and the demo's page that records scores.

use axum::extract::State;
use backend::AppState;
use backend::record::exam::{Correction, Recorder, ScoreError, own_corrections, own_scores, record_scores};
use chrono::NaiveDate;
use domain::base::rule::RulesOn;
use domain::base::text::normalise;
use domain::engine::form::typed_day;
use domain::record::exam::{InvalidScore, SUBJECT_CHOICES, Score};
use http::StatusCode;
use leptos::prelude::*;

use crate::error::PageError;
use crate::extract::{Query, SavedQuery};
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

/// 我的考试.
pub async fn own(State(app): State<AppState>, Authorized(who): Authorized) -> Result<PageResponse, PageError> {
    let (scores, corrections) = (own_scores(&app, &who).await?, own_corrections(&app, &who).await?);
    let (tables, today) = (app.tables(), app.today());
    let page = Page::new("我的考试", move || {
        let rules = tables.rules.on(today);
        let empty = scores.is_empty();
        let cards = scores.iter().map(|s| card(s, &corrections, today, &rules)).collect_view();
        view! {
            <PageHead
                title="我的考试"
                lead="全国统一考试成绩。有效期内的合格成绩在申请注册时自动带入。"
                crumbs=vec![("个人中心".into(), "/me".into())]
            />
            <Section>{cards}{empty.then(|| view! { <Empty text="暂无考试成绩" /> })}</Section>
        }
        .into_any()
    });
    Ok(page.under("/me").into())
}

fn card(score: &Score, corrections: &[Correction], today: NaiveDate, rules: &RulesOn<'_>) -> AnyView {
    let until = score.valid_until(rules);
    let (tone, word) = match (score.passed, score.is_valid_on(today, rules)) {
        (true, true) => (Tone::Good, "合格"),
        (true, false) => (Tone::Warn, "合格，已过有效期"),
        (false, _) => (Tone::Bad, "不合格"),
    };
    let mut items = vec![
        ("考试日期".to_owned(), score.sat_on.to_string()),
        ("成绩".to_owned(), format!("{} 分", score.marks)),
        ("公布日期".to_owned(), score.published_on.to_string()),
        ("有效期至".to_owned(), if score.passed { until.to_string() } else { String::new() }),
    ];
    items.extend(corrections.iter().filter(|c| c.subject == score.subject && c.sat_on == score.sat_on).map(correction));
    view! {
        <div class="record">
            <div class="record-head">
                <h2 class="record-title">{score.label()}</h2>
                <StatusTag tone=tone text=word />
            </div>
            <DescriptionList items=items />
        </div>
    }
    .into_any()
}

/// 更正记录: 2026-11-23 由 69 分更正为 70 分（成绩复核）.
fn correction(row: &Correction) -> (String, String) {
    ("更正记录".to_owned(), format!("{} 由 {} 分更正为 {} 分（{}）", row.published_on, row.before, row.after, row.reason))
}

/// The form of the demo's page as typed.
#[derive(Default)]
struct ScoreForm {
    account: String,
    subjects: Vec<String>,
    day: String,
    marks: String,
    reason: String,
}

/// The demo's page: records scores of any account, so that a new account can apply.
pub async fn demo(State(app): State<AppState>, Query(query): Query<SavedQuery>) -> Result<PageResponse, PageError> {
    let typed = ScoreForm { day: app.today().to_string(), marks: "85".into(), ..ScoreForm::default() };
    let message = query.is_saved().then(|| "成绩已录入。".to_owned());
    Ok(demo_page(typed, None, message).into())
}

/// Records the scores. The permission of the route is granted on demo servers only.
pub async fn record(State(app): State<AppState>, post: Post) -> Result<PageResponse, PageError> {
    let typed = ScoreForm {
        account: normalise(post.text("account")),
        subjects: post.values("subject").map(str::to_owned).collect(),
        day: typed_day(&post.pairs, "day"),
        marks: normalise(post.text("score")),
        reason: normalise(post.text("reason")),
    };
    let subjects: Vec<&str> = typed.subjects.iter().map(String::as_str).collect();
    let subjects = if subjects.is_empty() { vec![""] } else { subjects };
    let by = Recorder { account: None, reason: &typed.reason };
    match record_scores(&app, &typed.account, &subjects, (&typed.day, &typed.marks), by).await {
        Ok(()) => Ok(redirect("/dev/scores?saved=1")),
        Err(ScoreError::Db(error)) => Err(error.into()),
        Err(error) => Ok(demo_page(typed, Some(error), None).status(StatusCode::UNPROCESSABLE_ENTITY).into()),
    }
}

fn demo_page(typed: ScoreForm, error: Option<ScoreError>, message: Option<String>) -> Page {
    Page::new("演示：录入考试成绩", move || {
        let field = match &error {
            Some(ScoreError::NoAccount) => "account",
            Some(ScoreError::NoReason) => "reason",
            Some(ScoreError::Invalid(InvalidScore::Subject)) => "subject",
            Some(ScoreError::Invalid(InvalidScore::Day)) => "day",
            Some(ScoreError::Invalid(InvalidScore::Marks)) => "score",
            Some(ScoreError::Db(_)) | None => "",
        };
        let ask = |name: &str, label: &str| {
            let fault = error.as_ref().filter(|_| field == name).map(|e| e.text().to_owned());
            FieldProps::new(name, label).fault(fault)
        };
        let picks =
            SUBJECT_CHOICES.iter().map(|c| ChoiceItem { code: c.code.into(), label: c.label.into(), group: String::new() }).collect();
        view! {
            <PageHead
                title="演示：录入考试成绩"
                lead="仅在演示环境中开放。正式环境的成绩由考试业务公布，或由管理员在服务器上用命令录入。"
            />
            {message.map(|text| view! { <Notice tone=Tone::Good>{text}</Notice> })}
            <section class="panel">
                <p>
                    "刚注册的账号没有考试成绩，不能提交人员注册申请。在这里为一个登录账号录入成绩后，即可继续体验。同一科目、同一考试日期再次录入的为更正，须填写更正原因，原成绩保留在记录中。"
                </p>
                <form method="post" action="/dev/scores" class="fields" novalidate=true>
                    <TextField ask=ask("account", "登录账号") value=typed.account.clone() />
                    <ChoiceField ask=ask("subject", "考试科目") picks=picks values=typed.subjects.clone() many=true />
                    <DayField ask=ask("day", "考试日期").hint("如 2026-04-25 或 20260425") value=typed.day.clone() />
                    <TextField ask=ask("score", "成绩") value=typed.marks.clone() inputmode="numeric" short=true />
                    <TextField
                        ask=ask("reason", "更正原因").optional().hint("更正已录入的成绩时填写")
                        value=typed.reason.clone()
                    />
                    <Actions>
                        <Submit label="录入成绩" />
                    </Actions>
                </form>
            </section>
        }
        .into_any()
    })
}
