//! Every address × every role × (own, other's, former, blind, closed): the status that each gets, and that nothing of a case reaches those
//! who have no part in it. The addresses and their permissions come from the route table, the parts from the tables here. The statuses are
//! recorded in `snapshots/matrix_*.snap`, as pages are.

use std::collections::BTreeMap;

use app::routes::{ErrorFormat, routes};
use backend::demo_test;
use backend::infra::db;
use domain::base::permission::{Action, GrantStatus, Grantee, PERMISSIONS, Role};
use domain::record::certificate::CertificateStatus;
use http::Method;
use uuid::Uuid;

use crate::blind::assert_blind;
use crate::browser::wizard::{begin, decide_ok};
use crate::browser::{Browser, Response, TestApp};

/// The accounts, their roles, and whether they act for an institution. `teacher` becomes a colleague of `inst-a`.
const ACCOUNTS: &[(&str, &[Role], bool)] = &[
    ("applicant", &[], false),
    ("certified", &[], false),
    ("teacher", &[Role::Teacher], true),
    ("inst-a", &[], false),
    ("inst-b", &[], true),
    ("expert1", &[Role::Expert], false),
    ("expert3", &[Role::Expert], false),
    ("officer", &[Role::Officer], false),
    ("approver2", &[Role::Approver], false),
    ("finance", &[Role::Finance], false),
    ("examiner", &[Role::Examiner], false),
    ("admin", &[Role::Admin], false),
];

/// What one account has, and others must not reach by its id.
struct Belongings {
    /// A message and a certificate of `certified`.
    message: Uuid,
    number: String,
    /// A record of the library of `certified`.
    record: Uuid,
    /// A voucher, and its payer.
    order: Uuid,
    slip: Uuid,
    payer: Uuid,
}

impl Belongings {
    async fn new(app: &TestApp) -> Self {
        let certified = app.account_id("certified").await;
        let finance = app.sign_in("finance").await.get("/association/payments").await.text;
        let link = finance.split("/payments/").find(|rest| rest.get(36..43) == Some("/slips/")).unwrap();
        let (order, slip): (Uuid, Uuid) = (link[..36].parse().unwrap(), link[43..79].parse().unwrap());
        let mut tx = app.state().db.read().await.unwrap();
        Self {
            message: db::message::list_of_account(&mut tx, certified, 1).await.unwrap().remove(0).id,
            number: db::certificate::list_of_account(&mut tx, certified)
                .await
                .unwrap()
                .into_iter()
                .find(|row| row.status == CertificateStatus::Valid)
                .unwrap()
                .number,
            record: db::library::list_all_of_owner(&mut tx, certified).await.unwrap().first().map_or(Uuid::nil(), |row| row.id),
            order,
            slip,
            payer: db::payment::order_by_id(&mut tx, order).await.unwrap().unwrap().account_id,
        }
    }

    /// Whether an address of these is open to an account that has its permission; `None` for other addresses.
    fn is_open_to(&self, path: &str, account: &str, id: Uuid) -> Option<bool> {
        match path {
            "/me/messages/{id}" => Some(account == "certified"),
            "/me/certificates/{number}/pdf" => Some(matches!(account, "certified" | "officer" | "approver2")),
            // An institution sees what it pays for.
            "/payments/{order}/slips/{file}" if matches!(account, "inst-a" | "teacher") => None,
            "/payments/{order}/slips/{file}" => Some(account == "finance" || id == self.payer),
            _ => None,
        }
    }
}

/// Leaves `admin` with that role alone.
async fn separate_admin(app: &TestApp) {
    backend::service::admin::set_role(app.state(), "admin", Role::Approver, GrantStatus::Ended).await.unwrap();
}

/// A case, with those who have a part in it.
struct Case {
    name: &'static str,
    id: Uuid,
    /// A step of its form, and a file of it.
    step: &'static str,
    file: Uuid,
    applicants: &'static [&'static str],
    readers: &'static [&'static str],
    /// Of these, those who read about the case and not its file, as it is not their turn to compare it.
    without_file: &'static [&'static str],
    /// Texts that nobody else may see.
    markers: &'static [&'static str],
    /// Whether its experts must not learn whose it is.
    is_blind: bool,
}

impl Case {
    fn has_part(&self, account: &str) -> bool {
        self.applicants.contains(&account) || self.readers.contains(&account)
    }
}

/// Whether the permission table opens an action to an account.
fn permitted(action: Action, roles: &[Role], institution: bool) -> bool {
    let grantees = PERMISSIONS.iter().find(|row| row.action == action).unwrap().grantees;
    grantees.iter().any(|grantee| match grantee {
        Grantee::Anyone | Grantee::SignedIn | Grantee::Demo => true,
        Grantee::InstitutionUser | Grantee::HasUserRole(_) => institution,
        Grantee::HasRole(role) => roles.contains(role),
    })
}

/// The methods of a page that the matrix asks: all read, and many are posted to.
const METHODS: [Method; 2] = [Method::GET, Method::POST];

/// The statuses that the accounts get, for each case, address and method. Addresses that name no case are recorded once.
#[derive(Default)]
struct Statuses(BTreeMap<(&'static str, String), BTreeMap<u16, Vec<String>>>);

impl Statuses {
    fn record(&mut self, case: &'static str, address: String, status: u16, account: &str) {
        self.0.entry((case, address)).or_default().entry(status).or_default().push(account.to_owned());
    }

    /// A line for each address: each status with the accounts that get it, or `all`.
    fn table(&self) -> String {
        let accounts = |all: &[String]| if all.len() == ACCOUNTS.len() { "all".to_owned() } else { all.join(" ") };
        let line = |((case, address), statuses): (&(&str, String), &BTreeMap<u16, Vec<String>>)| {
            let statuses: Vec<String> = statuses.iter().map(|(status, all)| format!("{status} {}", accounts(all))).collect();
            format!("{case} · {address}: {}", statuses.join(" | "))
        };
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Compares it with its record. Both databases must give the same.
    fn compare(&self, name: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, self.table()));
    }
}

/// A path of the table, filled in for a case.
fn fill(path: &str, case: &Case, things: &Belongings) -> String {
    let (id, file) = match path {
        "/me/messages/{id}" => (things.message, case.file),
        "/payments/{order}/slips/{file}" => (case.id, things.slip),
        _ => (case.id, case.file),
    };
    let pairs = [
        ("{id}", id.to_string()),
        ("{file}", file.to_string()),
        ("{step}", case.step.to_owned()),
        ("{kind}", "registration".to_owned()),
        ("{record}", things.record.to_string()),
        ("{number}", things.number.clone()),
        ("{order}", things.order.to_string()),
        ("{gateway}", "sandbox".to_owned()),
        ("{code}", "FC-IA".to_owned()),
        ("{*path}", "nothing".to_owned()),
    ];
    let list = if path.starts_with("/expert") { "registrations" } else { "education" };
    pairs.iter().fold(path.replace("{list}", list), |path, (name, value)| path.replace(name, value))
}

/// A post that every form of the site reads.
fn form(case: &Case) -> Vec<(&'static str, String)> {
    vec![
        ("_key", Uuid::now_v7().to_string()),
        ("_id", Uuid::now_v7().to_string()),
        ("_rev", "1".into()),
        ("_action", "withdraw".into()),
        ("note", "冒名的意见".into()),
        ("matter", case.id.to_string()),
    ]
}

async fn ask(b: &mut Browser, method: &Method, path: &str, case: &Case) -> Response {
    match *method {
        Method::GET => b.get(path).await,
        _ if path.starts_with("/api/draft") => b.call(path, &json(path, case)).await,
        _ if path == "/api/form-draft" => {
            let account = b.account().await;
            let save = serde_json::json!({
                "form": "decision", "part": "withdraw", "subject": case.id, "state": "1", "base": 0, "page": Uuid::now_v7(), "seq": 1,
                "account": account, "pairs": [["note", "冒名的意见"]],
            });
            b.call(path, &save).await
        }
        _ if path == "/api/form-draft/state" => {
            let account = b.account().await;
            let asked = serde_json::json!({ "form": "decision", "part": "withdraw", "subject": case.id, "state": "1", "account": account });
            b.call(path, &asked).await
        }
        _ => b.post(path, &form(case)).await,
    }
}

/// What a script of the site sends to a server function.
fn json(path: &str, case: &Case) -> serde_json::Value {
    let patch = serde_json::json!({ "matter": case.id, "base_rev": 1, "device": Uuid::now_v7(), "seq": 1, "ops": [] });
    match path {
        "/api/draft/patch" => serde_json::json!({ "kind": "registration", "patch": patch }),
        "/api/draft/save" => serde_json::json!({ "matter": case.id, "step": case.step, "base": 1, "pairs": [] }),
        _ => serde_json::json!({ "matter": case.id, "kind": "registration", "step": case.step, "list": "education" }),
    }
}

/// An account of the matrix, with its id.
type Account<'a> = (&'a str, &'a [Role], bool, Uuid);

/// Asks every address of the table as one account about one case. `all`: whether also those that name no case.
async fn check(b: &mut Browser, of: Account<'_>, case: &Case, all: bool, things: &Belongings, statuses: &mut Statuses) {
    let (account, roles, institution, own) = of;
    for route in routes() {
        if matches!(route.action, Action::SignIn | Action::SignOut | Action::Demo) {
            continue;
        }
        let about_case = route.path.contains("/{id}") && (route.path.starts_with("/matters") || route.path.starts_with("/expert"));
        let functions = ["/api/draft/state", "/api/draft/save", "/api/draft/patch", "/api/form-draft"];
        let names_case = about_case || functions.contains(&route.path);
        if !all && !names_case {
            continue;
        }
        for method in METHODS {
            let path = fill(route.path, case, things);
            let what = format!("{} {account}: {method} {path}", case.name);
            let answer = ask(b, &method, &path, case).await;
            assert!(answer.status < 500, "{what}: {}", answer.status);
            if answer.status == 405 {
                continue;
            }
            let of_case = if names_case { case.name } else { "any" };
            statuses.record(of_case, format!("{method} {}", route.path), answer.status, account);
            if !permitted(route.action, roles, institution) && answer.status != 412 {
                assert!(matches!(answer.status, 403 | 404), "{what}: {} without permission", answer.status);
            } else if names_case && !case.has_part(account) {
                let refused = matches!(answer.status, 400 | 403 | 404 | 409 | 415 | 422);
                assert!(refused && (route.format == ErrorFormat::Json || matches!(answer.status, 400 | 404)), "{what}: {}", answer.status);
            } else if method == Method::GET && matches!(route.path, "/matters/{id}" | "/matters/{id}/print") {
                assert_eq!(answer.status, 200, "{what}");
            } else if let Some(open) = things.is_open_to(route.path, account, own).filter(|_| method == Method::GET) {
                let opened = matches!(answer.status, 200 | 303);
                assert_eq!((opened, answer.status == 404), (open, !open), "{what}: {}", answer.status);
            } else if method == Method::GET && route.path.starts_with("/matters/{id}/files/{file}") {
                let is_readable = !case.file.is_nil() && !case.without_file.contains(&account);
                assert_eq!(answer.status, if is_readable { 200 } else { 404 }, "{what}");
            }
            if names_case && case.is_blind && account.starts_with("expert") {
                assert_blind(&what, &answer);
            }
            if !case.has_part(account) {
                for marker in case.markers {
                    assert!(!answer.text.contains(marker), "{what} shows {marker}");
                }
                assert!(!about_case || !answer.text.contains("冒名的意见") || answer.status != 200, "{what}");
            }
        }
    }
}

async fn first_file(app: &TestApp, owner: &str, matter: Uuid) -> Uuid {
    let loaded = backend::matter::load(app.state(), &app.authorize(owner).await, matter).await.unwrap();
    loaded.answers.files().find(|f| f.mime == "image/jpeg").map_or(Uuid::nil(), |f| f.file)
}

/// A file that is no picture of a person or of a document, which experts see as well.
async fn diploma(app: &TestApp, owner: &str, matter: Uuid) -> Uuid {
    let loaded = backend::matter::load(app.state(), &app.authorize(owner).await, matter).await.unwrap();
    let record = loaded.answers.records("education").next().unwrap().clone();
    record.fields.get("diploma").unwrap().files().first().unwrap().file
}

/// Institution users: `teacher` joins the institution of `inst-a`, and `inst-a` leaves it.
async fn replace_user(app: &TestApp) {
    use backend::service::admin::set_institution_user;
    let code = "91310115MA1K000016";
    set_institution_user(app.state(), "teacher", code, GrantStatus::Active).await.unwrap();
    set_institution_user(app.state(), "inst-a", code, GrantStatus::Ended).await.unwrap();
}

async fn check_everyone(app: &TestApp, cases: &[Case], record: &str) {
    let things = Belongings::new(app).await;
    separate_admin(app).await;
    let mut statuses = Statuses::default();
    for (account, roles, institution) in ACCOUNTS {
        let (mut b, own) = (app.sign_in(account).await, app.account_id(account).await);
        for (number, case) in cases.iter().enumerate() {
            check(&mut b, (account, roles, *institution, own), case, number == 0, &things, &mut statuses).await;
        }
    }
    statuses.compare(record);
}

/// The cases of the matrix: a matter under way, a draft of an institution whose user left, a case that experts evaluate, and a
/// change of identity.
async fn open_cases(app: &TestApp) -> Vec<Case> {
    let own = app.matter_of("applicant", "质量管理体系").await;
    let blind = app.matter_of("certified", "食品安全管理体系").await;
    let former = begin(&mut app.sign_in("inst-a").await, "/institution/apply/complaint").await;
    let facts =
        [("place", "标记地点".to_owned()), ("facts", "标记经过".to_owned()), ("_rev", "0".to_owned()), ("_action", "save".to_owned())];
    app.sign_in("inst-a").await.post(&format!("/matters/{former}/edit/complaint"), &facts).await;
    let renamed = app.matter_of("teacher", "信息变更申请").await;
    let identity = first_file(app, "teacher", renamed).await;
    let (file, seen) = (first_file(app, "applicant", own).await, diploma(app, "certified", blind).await);
    replace_user(app).await;
    vec![
        Case {
            name: "own and other's",
            id: own,
            step: "person",
            file,
            applicants: &["applicant"],
            readers: &["teacher", "officer", "approver2"],
            without_file: &[],
            markers: &["林晓月 · ", "13800000001"],
            is_blind: false,
        },
        Case {
            name: "former",
            id: former,
            step: "complaint",
            file: Uuid::nil(),
            applicants: &["teacher"],
            readers: &[],
            without_file: &[],
            markers: &["标记地点", "标记经过"],
            is_blind: false,
        },
        Case {
            name: "blind",
            id: blind,
            step: "person",
            file: seen,
            applicants: &["certified"],
            readers: &["teacher", "expert1", "officer", "approver2"],
            without_file: &[],
            markers: &["13800000002"],
            is_blind: true,
        },
        Case {
            name: "identity",
            id: renamed,
            step: "identity",
            file: identity,
            applicants: &["teacher"],
            readers: &["officer", "approver2"],
            without_file: &["approver2"],
            markers: &["高致远"],
            is_blind: false,
        },
    ]
}

demo_test!(every_address_answers_every_role_by_its_part_in_the_case, |demo| async move {
    let app = TestApp::new(demo).await;
    let cases = open_cases(&app).await;
    check_everyone(&app, &cases, "matrix_open").await;
    let (mut b, things) = (app.browser(), Belongings::new(&app).await);
    for route in
        routes().into_iter().filter(|route| !matches!(route.action, Action::Public | Action::SignIn | Action::SignOut | Action::Demo))
    {
        let path = fill(route.path, &cases[0], &things);
        let answer = b.get(&path).await;
        // The upload protocol asks for its version first.
        let expected = matches!((route.format, answer.status), (_, 405 | 412) | (ErrorFormat::Page, 303) | (ErrorFormat::Json, 401 | 404));
        assert!(expected && (answer.status != 303 || answer.location.starts_with("/login")), "visitor {path}: {}", answer.status);
    }
});

demo_test!(who_took_over_the_matter_of_a_former_user_works_on_it_and_the_former_user_finds_no_trace, |demo| async move {
    let app = TestApp::new(demo).await;
    let cases = open_cases(&app).await;
    let (id, title) = (cases[1].id, "投诉");
    let mut successor = app.sign_in("teacher").await;
    assert!(successor.get("/institution/drafts").await.text.contains(&id.to_string()), "it is among the drafts of the institution");
    let step = successor.get(&format!("/matters/{id}/edit/complaint")).await;
    assert_eq!(step.status, 200);
    assert!(step.text.contains("标记地点"), "{}", step.text);
    let mut former = app.sign_in("inst-a").await;
    for path in ["/matters", "/matters?view=drafts", "/", "/institution", "/institution/drafts"] {
        let page = former.get(path).await;
        assert!(!page.text.contains(&id.to_string()), "{path}");
    }
    assert!(!former.get("/matters").await.text.contains(title), "not even its title");
});

demo_test!(a_closed_case_is_closed_to_its_experts_and_open_to_its_other_parties, |demo| async move {
    let app = TestApp::new(demo).await;
    let id = app.matter_of("certified", "食品安全管理体系").await;
    let file = diploma(&app, "certified", id).await;
    for expert in ["expert1", "expert2"] {
        app.decide(expert, id, "conform", &[]).await;
    }
    app.decide("officer", id, "propose", &[]).await;
    decide_ok(&mut app.sign_in("admin").await, id, "approve", "").await;
    replace_user(&app).await;
    let case = Case {
        name: "closed",
        id,
        step: "person",
        file,
        applicants: &["certified"],
        readers: &["teacher", "officer", "approver2"],
        without_file: &[],
        markers: &["13800000002"],
        is_blind: true,
    };
    check_everyone(&app, &[case], "matrix_closed").await;
});
