//! 个人注册 (docs/manual.md 2): account and personal data, SMS code, confirmation.

use axum::extract::State;
use backend::AppState;
use backend::access::account::code::{CodeSendError, CodeTarget, seconds_until_resend, send_code};
use backend::access::account::proof::{Challenge, new_challenge, same_challenge};
use backend::access::account::signup::{BeginSignupError, ConfirmSignupError, PendingSignup};
use backend::service::certificate::print::missing_letters;
use domain::engine::form_draft::REGISTRATION;
use domain::record::account::{Purpose, SignupError as FieldFault, SignupForm};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use tower_sessions::Session;
use uuid::Uuid;

use super::proof::{ProofFields, read_proof};
use super::{Countdown, DocumentFields};
use crate::client::Client;
use crate::error::{HttpStatus, PageError};
use crate::extract::Form;
use crate::form_draft::{TabDraftEnd, TabDraftFields};
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::ui::*;

/// Session key of the registration in progress.
const SIGNUP: &str = "signup";

/// The form of 手机验证.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CodeForm {
    #[serde(rename = "_action")]
    action: String,
    code: String,
}

/// 立即注册: choice of the kind of account.
pub async fn choose() -> Page {
    Page::new("注册", || {
        view! {
            <PageHead title="注册" lead="请选择账号类型" />
            <Tiles items=vec![
                Tile::new(IconName::User, "个人注册", "申请人、注册人员、考生、教师和专家", "/register/individual"),
            ] />
            <p class="saved">"机构用户由协会开通，请与协会联系。已有账号？"<a href="/login">"返回登录"</a></p>
        }
        .into_any()
    })
    .standalone()
}

/// 个人注册.
pub async fn show(State(app): State<AppState>) -> Page {
    page(&app, SignupForm::default(), new_challenge(&app), Vec::new())
}

/// 下一步: validates the form, checks for duplicates, and sends the code.
pub async fn begin(State(app): State<AppState>, client: Client, post: Post) -> Result<PageResponse, PageError> {
    let typed = SignupForm::read(&post.pairs);
    let proof = read_proof(&post);
    let origin = client.origin().await?;
    match backend::access::account::signup::begin_signup(&app, &typed, &proof, &origin).await {
        Ok(id) => {
            client.remember(&origin).await?;
            client.session.insert(SIGNUP, id).await?;
            Ok(redirect("/register/code"))
        }
        Err(error) => {
            let status = error.http_status();
            Ok(page(&app, typed, same_challenge(&app, &proof).await?, faults(error)).status(status).into())
        }
    }
}

/// The errors of the form, by field.
fn faults(error: BeginSignupError) -> Vec<FieldFault> {
    let fault = |field, text| vec![FieldFault { field, code: "later", text }];
    match error {
        BeginSignupError::InvalidFields(faults) => faults,
        BeginSignupError::Proof(error) => fault("_answer", error.text()),
        BeginSignupError::TooMany => fault("account", "提交次数过多，请半小时后再试".to_owned()),
        _ => fault("account", "系统繁忙，请稍后再试".to_owned()),
    }
}

fn page(app: &AppState, typed: SignupForm, challenge: Option<Challenge>, faults: Vec<FieldFault>) -> Page {
    let today = app.today().to_string();
    let body = move || {
        let summary = faults.iter().map(|f| (format!("#f-{}", f.field), f.text.clone())).collect::<Vec<_>>();
        let proof_fault = faults.iter().find(|f| f.field == "_answer").map(|f| f.text.clone());
        let document_faults = faults.iter().map(|f| (f.field.to_owned(), f.text.clone())).collect::<Vec<_>>();
        let ask = move |name: &str, label: &str| {
            let fault = faults.iter().find(|f| f.field == name).map(|f| f.text.clone());
            FieldProps::new(name, label).fault(fault)
        };
        view! {
            <PageHead
                title="个人注册"
                lead="第 1 步：设置账号，填写个人信息"
                crumbs=vec![("登录".into(), "/login".into()), ("注册".into(), "/register".into())]
            />
            <ErrorSummary items=summary />
            <Section>
                <form method="post" action="/register/individual" class="fields" novalidate=true data-check-field="/api/register/field">
                    <h2 class="group-title">"登录账号"</h2>
                    <TextField
                        ask=ask("account", "登录账号").hint("4 至 30 位，以字母开头")
                        value=typed.account
                        autocomplete="username"
                    />
                    <TextField
                        ask=ask("password", "密码").hint("至少 8 位，含大写字母、小写字母、数字、符号中的三种")
                        value=""
                        kind="password"
                        autocomplete="new-password"
                    />
                    <TextField ask=ask("password_again", "确认密码") value="" kind="password" autocomplete="new-password" />
                    <h2 class="group-title">"个人信息"</h2>
                    <TextField ask=ask("name", "姓名").hint("须与证件一致") value=typed.name autocomplete="name" />
                    <DocumentFields
                        today=today
                        kind=typed.document_type
                        number=typed.document_number
                        sex=typed.sex
                        birth_date=typed.birth_date
                        faults=document_faults
                    />
                    <TextField
                        ask=ask("mobile", "手机号码").hint("用于接收短信验证码")
                        value=typed.mobile
                        kind="tel"
                        inputmode="tel"
                        autocomplete="tel"
                    />
                    <TextField ask=ask("email", "电子邮箱") value=typed.email kind="email" inputmode="email" autocomplete="email" />
                    <CheckboxField
                        ask=ask("agreed", "同意")
                        statement="我已阅读并同意用户服务协议和个人信息处理规则"
                        ticked=typed.agreed == "yes"
                    />
                    <ProofFields challenge=challenge fault=proof_fault />
                    <p>
                        <a href="/terms" target="_blank" rel="noopener">
                            "查看用户服务协议和个人信息处理规则"
                        </a>
                    </p>
                    <div class="actions">
                        <Submit label="下一步" />
                    </div>
                    <TabDraftFields form=&REGISTRATION />
                </form>
            </Section>
        }
        .into_any()
    };
    Page::new("个人注册", body).standalone().with_islands().with_form_drafts().with_script(super::proof::SCRIPT)
}

/// The registration that waits for the code of this browser.
async fn in_progress(app: &AppState, session: &Session) -> Result<Option<(Uuid, PendingSignup)>, PageError> {
    let Some(id) = session.get::<Uuid>(SIGNUP).await? else {
        return Ok(None);
    };
    Ok(backend::access::account::signup::pending_signup(app, id).await?.map(|w| (id, w)))
}

/// 手机验证.
pub async fn code(State(app): State<AppState>, client: Client) -> Result<PageResponse, PageError> {
    let Some((_, waiting)) = in_progress(&app, &client.session).await? else {
        return Ok(redirect("/register/individual"));
    };
    let wait = seconds_until_resend(&app, &target(&waiting), &client.origin().await?).await?;
    Ok(code_page(&app, &waiting, wait, None, String::new()).await.into())
}

fn target(waiting: &PendingSignup) -> CodeTarget {
    CodeTarget::new(Purpose::Signup, &waiting.person.mobile)
}

/// 发送短信 or 确认注册.
pub async fn confirm(State(app): State<AppState>, client: Client, Form(form): Form<CodeForm>) -> Result<PageResponse, PageError> {
    let Some((id, waiting)) = in_progress(&app, &client.session).await? else {
        return Ok(redirect("/register/individual"));
    };
    let origin = client.origin().await?;
    if form.action == "send" {
        return match send_code(&app, target(&waiting), &origin).await {
            Ok(()) => Ok(redirect("/register/code")),
            Err(CodeSendError::Db(error)) => Err(error.into()),
            Err(CodeSendError::Refused(refusal)) => {
                let wait = seconds_until_resend(&app, &target(&waiting), &origin).await?;
                let page = code_page(&app, &waiting, wait, Some(refusal.text()), String::new()).await;
                Ok(page.status(StatusCode::TOO_MANY_REQUESTS).into())
            }
        };
    }
    let typed = form.code;
    match backend::access::account::signup::confirm_signup(&app, id, &typed, &origin).await {
        Ok(_) => {
            client.session.remove::<Uuid>(SIGNUP).await?;
            Ok(redirect("/register/done"))
        }
        Err(ConfirmSignupError::NotFound) => Ok(redirect("/register/individual")),
        Err(ConfirmSignupError::Db(error)) => Err(error.into()),
        Err(ConfirmSignupError::Code(refusal)) => {
            let wait = seconds_until_resend(&app, &target(&waiting), &origin).await?;
            let page = code_page(&app, &waiting, wait, Some(refusal.text()), typed).await;
            Ok(page.status(StatusCode::UNPROCESSABLE_ENTITY).into())
        }
        Err(ConfirmSignupError::Taken(fault)) => Err(PageError::conflict(fault.text)),
    }
}

async fn code_page(app: &AppState, waiting: &PendingSignup, wait: Option<i64>, fault: Option<String>, typed: String) -> Page {
    let mobile = waiting.person.masked_mobile();
    let person = &waiting.person;
    let items: Vec<(String, String)> = vec![
        ("姓名".into(), person.name.clone()),
        ("性别".into(), person.sex.label().to_owned()),
        ("出生日期".into(), person.birth_date.to_string()),
    ];
    let letters = missing_letters(app, &[&waiting.person.name]).await;
    let body = move || {
        let summary = fault.iter().map(|f| ("#f-code".to_owned(), f.clone())).collect::<Vec<_>>();
        let label = if wait.is_some() { "重新发送短信" } else { "发送短信" };
        view! {
            <PageHead
                title="手机验证"
                lead=format!("第 2 步：验证手机号码 {mobile}")
                crumbs=vec![("返回修改".into(), "/register/individual".into())]
            />
            <ErrorSummary items=summary />
            {(!letters.is_empty())
                .then(|| {
                    view! {
                        <Notice tone=Tone::Warn title="姓名用字提示">
                            {letters_text(&letters)}
                        </Notice>
                    }
                })}
            <Section>
                <DescriptionList items=items />
                <form method="post" action="/register/code" class="fields" novalidate=true>
                    // Enter in the field submits with this button instead of sending another code.
                    <button class="sr-only" type="submit" name="_action" value="confirm" tabindex="-1" aria-hidden="true">
                        "确认注册"
                    </button>
                    <p>"验证码 2 分钟内有效，每 2 分钟只能发送一次。"</p>
                    <div>
                        <Submit label=label weight=Weight::Quiet action="send" />
                        " "
                        {wait.map(|seconds| view! { <Countdown seconds=seconds /> })}
                    </div>
                    <TextField
                        ask=FieldProps::new("code", "短信验证码").fault(fault)
                        value=typed
                        inputmode="numeric"
                        autocomplete="one-time-code"
                        short=true
                    />
                    <div class="actions">
                        <Submit label="确认注册" action="confirm" />
                    </div>
                </form>
            </Section>
        }
        .into_any()
    };
    let page = Page::new("手机验证", body).standalone();
    if wait.is_some() { page.with_islands() } else { page }
}

/// What happens to characters of a name that certificates cannot show.
fn letters_text(letters: &str) -> String {
    format!("姓名中的{letters}不在证书字库中，不影响注册和办理业务。将来的电子证书上，姓名将改用拉丁字母拼写，或由协会人工制作。")
}

/// 注册成功.
pub async fn done() -> Page {
    Page::new("注册成功", || {
        view! {
            <PageHead title="注册成功" />
            <Section>
                <Notice tone=Tone::Good>"账号已开通，请使用登录账号和密码登录。"</Notice>
                <TabDraftEnd form=&REGISTRATION />
                <ButtonLink href="/login" label="返回登录" />
            </Section>
        }
        .into_any()
    })
    .standalone()
    .with_form_drafts()
}
