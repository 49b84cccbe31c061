//! Searches on both databases, over the demo's matters.

use std::collections::BTreeSet;

use chrono::Days;
use domain::base::permission::Action;
use domain::matter::Facet;
use uuid::Uuid;

use super::*;
use crate::access::account::name_mark::{mark_all_names, store_name_marks};
use crate::access::guard::{authorize, load_caller};
use crate::demo_test;
use crate::infra::db;
use crate::infra::db::search::SearchPath;
use crate::matter::facets::index_all_old_matters;
use crate::record::expert::{AssignmentFilter, search_cases};

async fn sign_in(app: &AppState, name: &str) -> Allowed {
    let id = db::account::by_name(&mut app.db.read().await.unwrap(), name).await.unwrap().unwrap().id;
    let caller = load_caller(app, id).await.unwrap();
    authorize(app, caller.as_ref(), Action::Matter).unwrap()
}

fn named(name: &str) -> MatterSearch {
    MatterSearch { applicant: name.to_owned(), ..MatterSearch::default() }
}

fn with(conditions: SearchConditions) -> MatterSearch {
    MatterSearch { conditions, ..MatterSearch::default() }
}

fn ids(found: &FoundMatters) -> BTreeSet<Uuid> {
    found.list.matters.iter().map(|matter| matter.id).collect()
}

fn applicants(found: &FoundMatters) -> BTreeSet<&str> {
    found.list.matters.iter().map(|matter| matter.applicant.as_str()).collect()
}

demo_test!(people_are_found_by_the_beginning_of_their_name_in_any_spelling, |demo| async move {
    let app = demo.app().await;
    let officer = sign_in(&app, "officer").await;
    let search = async |name: &str| search_of_association(&app, &officer, &named(name), None).await.unwrap();
    for spelling in ["林晓月", "林晓", " 林 晓·月 "] {
        let found = search(spelling).await;
        assert_eq!(applicants(&found), BTreeSet::from(["林晓月"]), "{spelling}");
        assert_eq!(found.count, i64::try_from(found.list.matters.len()).unwrap());
    }
    for other in ["林", "月", "晓月", "林晓月月", "%", "··"] {
        assert_eq!(search(other).await.count, 0, "{other}");
    }
    assert!(search("").await.count > 1);
    // A change of name replaces what a person is found by.
    let id = db::account::by_name(&mut app.db.read().await.unwrap(), "applicant").await.unwrap().unwrap().id;
    let keys = app.keys.clone();
    app.db.write(move |tx| Box::pin(async move { store_name_marks(tx, &keys, id, "林晓阳").await })).await.unwrap();
    assert_eq!(search("林晓月").await.count, 0);
    assert!(search("林晓阳").await.count > 0);
});

demo_test!(a_search_finds_the_same_by_whatever_condition_it_looks_first, |demo| async move {
    let app = demo.app().await;
    let officer = sign_in(&app, "officer").await;
    let own = search_of_association(&app, &officer, &named("林晓月"), None).await.unwrap();
    let number = own.list.matters.iter().find_map(|matter| matter.number.clone()).unwrap();
    let titled =
        |text: &str| MatterSearch { filter: ListFilter { text: text.to_owned(), ..ListFilter::default() }, ..MatterSearch::default() };
    let numbered = with(SearchConditions { number, ..SearchConditions::default() });
    let scope = scopes_of(officer.caller(), true).remove(0);
    let mut tx = app.db.snapshot().await.unwrap();
    for (search, path) in [
        (named("林晓月"), SearchPath::Name),
        (titled("质量管理体系"), SearchPath::Title),
        (titled("没有这样的业务"), SearchPath::Title),
        (numbered, SearchPath::Number),
        (titled(""), SearchPath::Order),
    ] {
        let mut search = prepare_search(&mut tx, &app, &search).await.unwrap();
        assert_eq!(search.conditions.path, path);
        let mut found = Vec::new();
        for path in [path, SearchPath::Order] {
            search.conditions.path = path;
            let rows = list_matters(&mut tx, &scope, &search.filter, &search.conditions, None, limit()).await.unwrap();
            let count = count_matters(&mut tx, &scope, &search.filter, &search.conditions, COUNTED).await.unwrap();
            found.push((rows.iter().map(|row| row.id).collect::<Vec<_>>(), count));
        }
        assert_eq!(found[0], found[1], "{path:?}");
        assert_eq!(found[0].1 > 0, search.filter.text != "没有这样的业务", "{path:?}");
    }
});

demo_test!(an_institution_finds_its_own_people_only, |demo| async move {
    let app = demo.app().await;
    let (own, other) = (sign_in(&app, "inst-a").await, sign_in(&app, "inst-b").await);
    let found = search_of_institutions(&app, &own, &named("林晓月"), None).await.unwrap();
    assert_eq!(applicants(&found), BTreeSet::from(["林晓月"]));
    let elsewhere = search_of_institutions(&app, &other, &named("林晓月"), None).await.unwrap();
    assert!(ids(&elsewhere).is_disjoint(&ids(&found)));
});

demo_test!(matters_are_found_by_domain_grade_and_kind_and_each_condition_narrows, |demo| async move {
    let app = demo.app().await;
    let officer = sign_in(&app, "officer").await;
    let search = async |conditions: SearchConditions| search_of_association(&app, &officer, &with(conditions), None).await.unwrap();
    let kind = SearchConditions { kind: "registration".into(), ..SearchConditions::default() };
    let all = search(kind.clone()).await;
    let domain = search(kind.clone().with_facet(Facet::Domain, "QMS")).await;
    assert!(domain.count > 0 && domain.count < all.count);
    assert!(domain.list.matters.iter().all(|m| m.title.starts_with("质量管理体系")), "and not 建筑施工行业质量管理体系");
    let grade = search(kind.clone().with_facet(Facet::Domain, "QMS").with_facet(Facet::Grade, "trainee")).await;
    assert!(grade.list.matters.iter().all(|m| m.title.starts_with("质量管理体系 · 实习")) && ids(&grade).is_subset(&ids(&domain)));
    assert_eq!(search(kind.with_facet(Facet::Domain, "XXX")).await.count, 0);
});

demo_test!(the_time_limit_of_the_stage_restricts_what_is_open, |demo| async move {
    let app = demo.app().await;
    let officer = sign_in(&app, "officer").await;
    let search = async |due: DayRange| {
        search_of_association(&app, &officer, &with(SearchConditions { due, ..SearchConditions::default() }), None).await.unwrap()
    };
    let dues: BTreeSet<_> =
        search(DayRange { from: Some(app.today()), until: None }).await.list.matters.iter().filter_map(|m| m.due_on).collect();
    let first = *dues.first().unwrap();
    let found = search(DayRange { from: Some(first), until: Some(first) }).await;
    assert!(found.count > 0 && found.list.matters.iter().all(|m| m.due_on == Some(first)));
    let before = first.checked_sub_days(Days::new(1));
    assert!(search(DayRange { from: None, until: before }).await.list.matters.iter().all(|m| m.due_on < Some(first)));
});

demo_test!(an_expert_finds_cases_by_domain_and_day_of_assignment_and_never_by_name, |demo| async move {
    let app = demo.app().await;
    let expert = sign_in(&app, "expert1").await;
    let filter = AssignmentFilter { state: "all".into(), kind: "registration".into(), ..AssignmentFilter::default() };
    let search = async |conditions: SearchConditions| search_cases(&app, &expert, &filter, &conditions, None).await.unwrap();
    let (all, count) = search(SearchConditions::default()).await;
    assert!(count > 0 && count == i64::try_from(all.cases.len()).unwrap());
    let first = &all.cases[0];
    let facets = db::search::list_facets(&mut app.db.read().await.unwrap(), first.matter.id).await.unwrap();
    let (same, _) = search(SearchConditions { facets, ..SearchConditions::default() }).await;
    assert!(same.cases.iter().any(|case| case.matter.id == first.matter.id));
    let day = domain::base::calendar::day_of(first.assigned_at);
    let assigned = |from, until| SearchConditions { assigned: DayRange { from, until }, ..SearchConditions::default() };
    assert!(search(assigned(Some(day), Some(day))).await.1 > 0);
    assert_eq!(search(assigned(day.succ_opt(), None)).await.1, 0);
    assert_eq!(search(SearchConditions::default().with_facet(Facet::Domain, "XXX")).await.1, 0);
    let by_name = SearchConditions { name_mark: searched_mark(&app.keys, "没有这个人"), ..SearchConditions::default() };
    assert_eq!(search(by_name).await.1, count, "the name restricts nothing, so that nothing is learnt of it");
});

demo_test!(matters_and_people_of_an_earlier_release_are_found_after_the_job, |demo| async move {
    let app = demo.app().await;
    let officer = sign_in(&app, "officer").await;
    let search = MatterSearch { conditions: SearchConditions::default().with_facet(Facet::Domain, "QMS"), ..named("林晓月") };
    let before = ids(&search_of_association(&app, &officer, &search, None).await.unwrap());
    assert!(!before.is_empty());
    app.db.write(|tx| Box::pin(async move { db::search::forget_all(tx).await })).await.unwrap();
    assert_eq!(search_of_association(&app, &officer, &search, None).await.unwrap().count, 0);
    index_all_old_matters(&app).await.unwrap();
    mark_all_names(&app).await.unwrap();
    assert_eq!(ids(&search_of_association(&app, &officer, &search, None).await.unwrap()), before);
});

demo_test!(a_matter_is_found_by_its_number_alone_whatever_its_title, |demo| async move {
    let app = demo.app().await;
    let (officer, expert) = (sign_in(&app, "officer").await, sign_in(&app, "expert1").await);
    let all = search_of_association(&app, &officer, &MatterSearch::default(), None).await.unwrap();
    for matter in &all.list.matters {
        let number = matter.number.clone().unwrap();
        let conditions = SearchConditions { number: number.clone(), ..SearchConditions::default() };
        // The words of the search are the number, as they were typed.
        let filter = ListFilter { state: "all".to_owned(), text: number };
        let found = search_of_association(&app, &officer, &MatterSearch { filter, ..with(conditions) }, None).await.unwrap();
        assert_eq!((ids(&found), found.count), (BTreeSet::from([matter.id]), 1));
    }
    let unknown = SearchConditions { number: "ZC2000010100001".to_owned(), ..SearchConditions::default() };
    assert_eq!(search_of_association(&app, &officer, &with(unknown.clone()), None).await.unwrap().count, 0);
    let cases = AssignmentFilter { state: "all".into(), text: String::new(), kind: String::new() };
    let (list, count) = search_cases(&app, &expert, &cases, &SearchConditions::default(), None).await.unwrap();
    assert!(count > 0);
    let number = list.cases[0].matter.number.clone().unwrap();
    let own = SearchConditions { number: number.clone(), ..SearchConditions::default() };
    let typed = AssignmentFilter { text: number, ..cases.clone() };
    assert_eq!(search_cases(&app, &expert, &typed, &own, None).await.unwrap().1, 1);
    assert_eq!(search_cases(&app, &expert, &cases, &unknown, None).await.unwrap().1, 0);
});
