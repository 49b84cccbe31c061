//! 机构邀请: invitations of the caller to be a user of an institution.

use axum::extract::State;
use backend::AppState;
use backend::service::institution::users::{Invitation, answer_invitation, invitations};
use leptos::prelude::*;

use crate::error::PageError;
use crate::outcome::ActOutcome;
use crate::page::{Page, PageResponse, done};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

const PATH: &str = "/me/invitations";

/// Open invitations of the caller.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let invitations = invitations(&app, &who).await?;
    let page = Page::new("机构邀请", move || {
        let empty = invitations.is_empty().then(|| {
            view! {
                <Section>
                    <Empty text="没有待答复的邀请" />
                </Section>
            }
        });
        let sections = invitations.iter().map(section).collect_view();
        view! {
            <PageHead
                title="机构邀请"
                lead="接受后，您可以按所列角色以机构身份办理业务"
                crumbs=vec![("个人中心".into(), "/me".into())]
            />
            {empty}
            {sections}
        }
        .into_any()
    });
    Ok(page.under("/me"))
}

fn section(invitation: &Invitation) -> AnyView {
    let roles = invitation.roles.iter().map(|role| format!("{}（{}）", role.label(), role.duties()));
    let facts = vec![("角色".to_owned(), roles.collect::<Vec<_>>().join("；")), ("答复期限".to_owned(), invitation.until.to_string())];
    let (id, expired) = (invitation.institution.to_string(), invitation.is_expired);
    view! {
        <Section title=invitation.name.clone()>
            <DescriptionList items=facts />
            {expired.then(|| view! { <Notice tone=Tone::Warn>"邀请已失效，请联系机构管理员重新邀请"</Notice> })}
            <form method="post" action=PATH class="fields">
                <Hidden name="_institution" value=id />
                <Actions>
                    {(!expired).then(|| view! { <Submit label="接受" action="accept" /> })}
                    <Submit label="谢绝" weight=Weight::Quiet action="decline" />
                </Actions>
            </form>
        </Section>
    }
    .into_any()
}

/// Accepts or declines an invitation.
pub async fn answer(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<PageResponse, PageError> {
    let accepts = match post.text("_action") {
        "accept" => true,
        "decline" => false,
        _ => return Err(PageError::OUTDATED_FORM),
    };
    answer_invitation(&app, &who, post.id("_institution")?, accepts).await?;
    Ok(if accepts { done("/institution", ActOutcome::InvitationAccepted) } else { done(PATH, ActOutcome::InvitationDeclined) })
}
