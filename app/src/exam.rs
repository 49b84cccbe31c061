//! 我的考试: one's own scores, and in a demo a page that makes some.

use backend::record::exam::ScoreError;
use chrono::NaiveDate;
use domain::base::rule::RulesOn;
use domain::base::text::normalise;
use domain::record::exam::{SUBJECT_CHOICES, Score, ScoreFault};
use http::StatusCode;
use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;

/// 我的考试.
pub async fn own(call: Call) -> Result<Answer, Fault> {
    let scores = backend::record::exam::own_scores(&call.app, &call.allowed()?).await?;
    let (tables, today) = (call.app.tables(), call.app.today());
    let page = Page::new("我的考试", move || {
        let rules = tables.rules.on(today);
        let empty = scores.is_empty();
        let cards = scores.iter().map(|s| card(s, today, &rules)).collect_view();
        view! {
            <PageHead title="我的考试" lead="全国统一考试成绩。有效期内的合格成绩在申请注册时自动带入。" crumbs=vec![("个人中心".into(), "/me".into())]/>
            <Section>{cards}{empty.then(|| view! { <Empty text="还没有考试成绩"/> })}</Section>
        }
        .into_any()
    });
    Ok(page.under("/me").into())
}

fn card(score: &Score, today: NaiveDate, rules: &RulesOn<'_>) -> AnyView {
    let until = score.valid_until(rules);
    let (tone, word) = match (score.passed, score.counts_on(today, rules)) {
        (true, true) => (Tone::Good, "合格"),
        (true, false) => (Tone::Warn, "合格，已过有效期"),
        (false, _) => (Tone::Bad, "不合格"),
    };
    let items = vec![
        ("考试日期".to_owned(), score.sat_on.to_string()),
        ("成绩".to_owned(), format!("{} 分", score.marks)),
        ("公布日期".to_owned(), score.published_on.to_string()),
        ("有效期至".to_owned(), if score.passed { until.to_string() } else { String::new() }),
    ];
    view! {
        <div class="record">
            <div class="record-head"><h2 class="record-title">{score.label()}</h2><Badge tone=tone text=word/></div>
            <Facts items=items/>
        </div>
    }
    .into_any()
}

/// What was typed into the demo's page.
#[derive(Default)]
struct Typed {
    account: String,
    subjects: Vec<String>,
    day: String,
    marks: String,
}

/// The demo's page: scores for any account, so that someone who registered a minute ago can apply.
pub async fn demo(call: Call) -> Result<Answer, Fault> {
    let typed = Typed { day: call.app.today().to_string(), marks: "85".into(), ..Typed::default() };
    let said = (call.asked("saved") == "1").then(|| "成绩已录入。".to_owned());
    Ok(demo_page(typed, None, said).into())
}

/// Records what was typed. The address is open in a demo only; the table of actions says so.
pub async fn record(call: Call) -> Result<Answer, Fault> {
    let typed = Typed {
        account: normalise(call.post.text("account")),
        subjects: call.post.pairs.iter().filter(|(n, _)| n == "subject").map(|(_, v)| v.clone()).collect(),
        day: normalise(call.post.text("day")),
        marks: normalise(call.post.text("score")),
    };
    let subjects: Vec<&str> = typed.subjects.iter().map(String::as_str).collect();
    let subjects = if subjects.is_empty() { vec![""] } else { subjects };
    match backend::record::exam::record_scores(&call.app, &typed.account, &subjects, &typed.day, &typed.marks).await {
        Ok(()) => Ok(Answer::See("/dev/scores?saved=1".into())),
        Err(ScoreError::Db(error)) => Err(error.into()),
        Err(error) => Ok(demo_page(typed, Some(error), None).status(StatusCode::UNPROCESSABLE_ENTITY).into()),
    }
}

fn demo_page(typed: Typed, error: Option<ScoreError>, said: Option<String>) -> Page {
    Page::new("演示：录入考试成绩", move || {
        let field = match &error {
            Some(ScoreError::NoAccount) => "account",
            Some(ScoreError::Fault(ScoreFault::Subject)) => "subject",
            Some(ScoreError::Fault(ScoreFault::Day)) => "day",
            Some(ScoreError::Fault(ScoreFault::Marks)) => "score",
            Some(ScoreError::Db(_)) | None => "",
        };
        let ask = |name: &str, label: &str| {
            let fault = error.as_ref().filter(|_| field == name).map(|e| e.text().to_owned());
            Ask::new(name, label).fault(fault)
        };
        let picks = SUBJECT_CHOICES.iter().map(|c| Pick { code: c.code.into(), label: c.label.into(), group: String::new() }).collect();
        view! {
            <PageHead title="演示：录入考试成绩" lead="仅在演示环境中开放。正式环境的成绩由考试业务公布，或由管理员在服务器上用命令录入。"/>
            {said.map(|text| view! { <Notice tone=Tone::Good>{text}</Notice> })}
            <section class="panel">
                <p>"刚注册的账号没有考试成绩，不能提交人员注册申请。在这里为一个登录账号录入成绩后，即可继续体验。同一科目、同一月份再次录入的，以后一次为准。"</p>
                <form method="post" action="/dev/scores" class="fields" novalidate=true>
                    <TextField ask=ask("account", "登录账号") value=typed.account.clone()/>
                    <ChoiceField ask=ask("subject", "考试科目") picks=picks values=typed.subjects.clone() many=true/>
                    <TextField ask=ask("day", "考试日期").hint("格式：年-月-日，如 2026-04-25") value=typed.day.clone() short=true/>
                    <TextField ask=ask("score", "成绩") value=typed.marks.clone() inputmode="numeric" short=true/>
                    <Actions><Submit label="录入成绩"/></Actions>
                </form>
            </section>
        }
        .into_any()
    })
}
