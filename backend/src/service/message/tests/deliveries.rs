//! 通知记录: visibility by party.

use crate::service::message::tests::*;

demo_test!(the_applicant_sees_their_own_the_association_all_and_the_institution_no_address_of_the_applicant, |demo| async move {
    let server = fixture(demo).await;
    let (applicant, inst, officer) = (server.sign_in("applicant").await, server.sign_in("inst-a").await, server.sign_in("officer").await);
    let id = server.matter(&applicant, "质量管理体系").await;
    server.act(&inst, id, "pass", Uuid::now_v7()).await.unwrap();
    crate::demo::actions::pay(&server.app, &applicant, id).await.unwrap();
    crate::demo::actions::accept_voucher(&server.app, &server.sign_in("finance").await, id).await.unwrap();
    server.act(&officer, id, "return", Uuid::now_v7()).await.unwrap();
    let seen = |who: &Allowed| {
        let who = who.clone();
        let app = server.app.clone();
        async move { crate::service::message::delivery::deliveries_of_matter(&app, &who, id).await.unwrap() }
    };
    let own = seen(&applicant).await;
    let targets: Vec<&str> = own.iter().filter_map(|d| d.target.as_deref()).collect();
    assert_eq!(
        (own.len(), targets.len()),
        (5, 5),
        "two ways for what is due and for the return, a mail for the payment, none for the own voucher"
    );
    assert!(own.iter().all(|d| d.to_applicant));
    assert!(targets.contains(&"138******01") && targets.contains(&"a***@example.com"), "{targets:?}");
    let all = seen(&officer).await;
    assert_eq!(all.len(), 10, "the tasks of the institution, of both of finance and of both officers as well");
    assert!(all.iter().all(|d| d.target.is_some()));
    let desk = seen(&inst).await;
    let (theirs, others): (Vec<_>, Vec<_>) = desk.iter().partition(|d| !d.to_applicant);
    assert_eq!((theirs.len(), others.len()), (1, 5), "its own task, and that the applicant was told");
    assert_eq!(theirs[0].target.as_deref(), Some("i***@example.com"));
    assert!(others.iter().all(|d| d.target.is_none()));
    for stranger in ["certified", "inst-b", "expert1"] {
        let who = server.sign_in(stranger).await;
        assert!(
            matches!(crate::service::message::delivery::deliveries_of_matter(&server.app, &who, id).await, Err(MatterError::NotFound)),
            "{stranger}"
        );
    }
});
