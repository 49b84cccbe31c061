//! Users of institutions: invitations, roles, disabling.

use chrono::TimeDelta;
use domain::base::permission::{GrantStatus, UserRole};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::testing::TestApp;
use crate::demo_test;
use crate::matter::tests::races::at_once;
use crate::service::admin::set_institution_user;
use crate::service::institution::InstitutionError;
use crate::service::institution::users::{
    InstitutionUser, NewUser, UserChange, answer_invitation, change_user, invitations, invite, users_of_institution,
};

const HUAXIN: &str = "91310115MA1K000016";
const TEACHER: &str = "13800000005";

fn institution_of(who: &Allowed) -> Uuid {
    who.caller().institutions[0].0
}

async fn invite_to(s: &TestApp, who: &Allowed, login: &str, mobile: &str, roles: &[UserRole]) -> Result<(), InstitutionError> {
    let new = NewUser { institution: institution_of(who), login: login.into(), mobile: mobile.into(), roles: roles.to_vec() };
    invite(&s.app, who, new).await
}

/// A user of the first institution with these roles.
async fn colleague(s: &TestApp, name: &str, mobile: &str, roles: &[UserRole]) -> Allowed {
    let administrator = s.sign_in("inst-a").await;
    invite_to(s, &administrator, name, mobile, roles).await.unwrap();
    answer_invitation(&s.app, &s.sign_in(name).await, institution_of(&administrator), true).await.unwrap();
    s.sign_in(name).await
}

async fn listed(s: &TestApp, login: &str) -> Option<InstitutionUser> {
    let administrator = s.sign_in("inst-a").await;
    let users = users_of_institution(&s.app, &administrator, institution_of(&administrator)).await.unwrap();
    users.into_iter().find(|user| user.login == login)
}

demo_test!(who_is_invited_is_no_user_before_accepting_and_has_the_roles_offered_after, |demo| async move {
    let s = TestApp::new(demo).await;
    let administrator = s.sign_in("inst-a").await;
    let institution = institution_of(&administrator);
    invite_to(&s, &administrator, " Teacher ", "138 0000 0005", &[UserRole::Reviewer, UserRole::Handler]).await.unwrap();
    let invited = s.sign_in("teacher").await;
    assert!(invited.caller().institutions.is_empty());
    let row = listed(&s, "teacher").await.unwrap();
    assert_eq!((row.status, row.name.as_str()), (GrantStatus::Pending, ""), "the name is told after the answer");
    let open = invitations(&s.app, &invited).await.unwrap();
    assert_eq!((open.len(), open[0].institution, open[0].roles.len()), (1, institution, 2));
    assert!(matches!(answer_invitation(&s.app, &s.sign_in("certified").await, institution, true).await, Err(InstitutionError::NotFound)));
    for _ in 0..2 {
        answer_invitation(&s.app, &invited, institution, true).await.unwrap();
    }
    let user = s.sign_in("teacher").await;
    let holds = |role| user.caller().has_user_role(institution, role);
    assert_eq!(UserRole::ALL.map(holds), [true, true, false, false]);
    assert_eq!(listed(&s, "teacher").await.unwrap().name, "高志远");
    assert!(invitations(&s.app, &user).await.unwrap().is_empty());
});

demo_test!(an_invitation_that_does_not_fit_says_one_thing_only_and_attempts_are_limited, |demo| async move {
    let s = TestApp::new(demo).await;
    let administrator = s.sign_in("inst-a").await;
    let attempts = [("nobody", TEACHER), ("teacher", "13800000006"), ("teacher", ""), ("teacher", "x"), ("", TEACHER), ("高志远", TEACHER)];
    for (login, mobile) in attempts {
        let refused = invite_to(&s, &administrator, login, mobile, &[UserRole::Handler]).await;
        assert!(matches!(refused, Err(InstitutionError::NoSuchPerson)), "{login} {mobile}: {refused:?}");
    }
    assert!(matches!(invite_to(&s, &administrator, "teacher", TEACHER, &[]).await, Err(InstitutionError::NoRole)), "counts nothing");
    for _ in attempts.len()..10 {
        let _ = invite_to(&s, &administrator, "nobody", TEACHER, &[UserRole::Handler]).await;
    }
    let over = invite_to(&s, &administrator, "teacher", TEACHER, &[UserRole::Handler]).await;
    assert!(matches!(over, Err(InstitutionError::TooMany)), "{over:?}");
    assert!(listed(&s, "teacher").await.is_none());
    s.app.clock.advance(TimeDelta::hours(1));
    invite_to(&s, &administrator, "teacher", TEACHER, &[UserRole::Handler]).await.unwrap();
});

demo_test!(an_invitation_ends_with_its_last_day_or_when_it_is_taken_back_or_declined, |demo| async move {
    let s = TestApp::new(demo).await;
    let administrator = s.sign_in("inst-a").await;
    let institution = institution_of(&administrator);
    let answer = async |accepts| answer_invitation(&s.app, &s.sign_in("teacher").await, institution, accepts).await;
    let again = async || invite_to(&s, &s.sign_in("inst-a").await, "teacher", TEACHER, &[UserRole::Handler]).await.unwrap();
    again().await;
    s.app.clock.advance(TimeDelta::days(15));
    assert!(matches!(answer(true).await, Err(InstitutionError::Expired)));
    assert!(listed(&s, "teacher").await.unwrap().is_expired);
    again().await;
    s.app.clock.advance(TimeDelta::days(14));
    answer(true).await.unwrap();
    let teacher = s.account("teacher").await;
    set_institution_user(&s.app, "teacher", HUAXIN, GrantStatus::Ended).await.unwrap();
    again().await;
    change_user(&s.app, &administrator, institution, teacher, UserChange::Uninvite).await.unwrap();
    assert!(matches!(answer(true).await, Err(InstitutionError::NotFound)));
    again().await;
    answer(false).await.unwrap();
    assert!(matches!(answer(true).await, Err(InstitutionError::NotFound)));
    assert!(s.sign_in("teacher").await.caller().institutions.is_empty());
});

demo_test!(only_administrators_of_the_institution_manage_its_users, |demo| async move {
    let s = TestApp::new(demo).await;
    let institution = institution_of(&s.sign_in("inst-a").await);
    let handler = colleague(&s, "teacher", TEACHER, &[UserRole::Handler]).await;
    let account = s.account("inst-a").await;
    for who in [handler, s.sign_in("inst-b").await, s.sign_in("officer").await, s.sign_in("admin").await] {
        assert!(matches!(users_of_institution(&s.app, &who, institution).await, Err(InstitutionError::NotFound)));
        let new = NewUser { institution, login: "certified".into(), mobile: "13800000002".into(), roles: vec![UserRole::Administrator] };
        assert!(matches!(invite(&s.app, &who, new).await, Err(InstitutionError::NotFound)));
        let disabled = change_user(&s.app, &who, institution, account, UserChange::Disable).await;
        assert!(matches!(disabled, Err(InstitutionError::NotFound)));
    }
});

demo_test!(nobody_changes_the_own_roles_and_a_disabled_user_has_none, |demo| async move {
    let s = TestApp::new(demo).await;
    let administrator = s.sign_in("inst-a").await;
    let institution = institution_of(&administrator);
    for change in [UserChange::Disable, UserChange::Roles(vec![UserRole::Handler])] {
        let own = change_user(&s.app, &administrator, institution, administrator.account(), change).await;
        assert!(matches!(own, Err(InstitutionError::OwnRoles)));
    }
    let user = colleague(&s, "teacher", TEACHER, &[UserRole::Handler]).await;
    let change = async |change| change_user(&s.app, &administrator, institution, user.account(), change).await;
    assert!(matches!(change(UserChange::Roles(Vec::new())).await, Err(InstitutionError::NoRole)));
    change(UserChange::Roles(vec![UserRole::Finance])).await.unwrap();
    assert_eq!(s.sign_in("teacher").await.caller().user_roles, [(institution, UserRole::Finance)]);
    change(UserChange::Disable).await.unwrap();
    let disabled = s.sign_in("teacher").await;
    assert!(disabled.caller().institutions.is_empty() && disabled.caller().user_roles.is_empty());
    assert!(matches!(change(UserChange::Disable).await, Err(InstitutionError::Outdated)), "a second click");
    let invited = invite_to(&s, &administrator, "teacher", TEACHER, &[UserRole::Handler]).await;
    assert!(matches!(invited, Err(InstitutionError::AlreadyUser)));
    change(UserChange::Enable).await.unwrap();
    assert_eq!(s.sign_in("teacher").await.caller().user_roles, [(institution, UserRole::Finance)]);
    let stranger = change_user(&s.app, &administrator, institution, s.account("certified").await, UserChange::Disable).await;
    assert!(matches!(stranger, Err(InstitutionError::NotFound)));
});

demo_test!(two_administrators_who_disable_each_other_leave_one, |demo| async move {
    let s = TestApp::new(demo).await;
    let first = s.sign_in("inst-a").await;
    let institution = institution_of(&first);
    let second = colleague(&s, "teacher", TEACHER, &[UserRole::Administrator]).await;
    let disable = |by: &Allowed, whom: &Allowed| {
        let (app, by, whom) = (s.app.clone(), by.clone(), whom.account());
        async move { change_user(&app, &by, institution, whom, UserChange::Disable).await }
    };
    let results = at_once([disable(&first, &second), disable(&second, &first)]).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let refused = results.into_iter().find_map(Result::err).unwrap();
    assert!(matches!(refused, InstitutionError::NotFound), "who was disabled manages nothing: {refused:?}");
});
