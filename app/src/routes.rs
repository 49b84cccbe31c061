//! The table of addresses: path, permission, methods with their handlers, body limit and flags of the pool. The server serves the addresses
//! in the table and reads their limits from it; [`crate::limits`] computes the pool of a request.

use axum::middleware::from_fn;
use axum::routing::{MethodRouter, get, head, post};
use domain::base::permission::Action;
use domain::base::permission::Action::{
    AssociationWorkbench, Demo, Dispositions, ExpertWorkbench, FullIdentity, InstitutionBills, InstitutionMatter, InstitutionUsers,
    InstitutionWorkbench, Institutions, Matter, OwnAccount, OwnMatter, Payments, PersonalCentre, Public, SignIn, SignOut, Training,
};

use crate::limits::{BodyLimit, RouteLimits};
use crate::request::SharedState;
use crate::{
    account, api, apply, certificate, course, demo, exam, expert, form_draft, home, information, institution, library, links, matter, me,
    message, offline, payment, security, teaching, upload, workbench,
};

/// One address.
pub struct Route {
    /// Path; parameters are in braces.
    pub path: &'static str,
    /// The permission it needs.
    pub action: Action,
    /// Body limit and staff flag.
    pub limits: RouteLimits,
    /// Format of its errors.
    pub format: ErrorFormat,
    /// Methods and handlers.
    pub methods: MethodRouter<SharedState>,
}

/// Format of an address's errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorFormat {
    /// Pages, for people.
    Page,
    /// JSON, for scripts.
    Json,
}

impl Route {
    fn body(mut self, body: BodyLimit) -> Self {
        self.limits.body = body;
        self
    }

    fn with_files(self) -> Self {
        self.body(BodyLimit::Files)
    }

    fn staff(mut self) -> Self {
        self.limits.staff = true;
        self
    }

    /// Its posts hash a password or send a code.
    fn hashes(mut self) -> Self {
        self.limits.hashes = true;
        self
    }
}

/// An address that shows a page.
fn page(path: &'static str, action: Action, methods: MethodRouter<SharedState>) -> Route {
    Route { path, action, limits: RouteLimits::default(), format: ErrorFormat::Page, methods }
}

/// An address for scripts and other servers.
fn endpoint(path: &'static str, action: Action, methods: MethodRouter<SharedState>) -> Route {
    Route { path, action, limits: RouteLimits::default(), format: ErrorFormat::Json, methods }
}

/// Every address.
pub fn routes() -> Vec<Route> {
    [public_pages(), matter_pages(), personal_pages(), teaching_pages(), workbench_pages(), demo_pages(), endpoints()]
        .into_iter()
        .flatten()
        .collect()
}

/// What the server must know of an address before it reads the body of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteRules {
    /// The permission it needs.
    pub action: Action,
    /// Body limit and pools.
    pub limits: RouteLimits,
    /// Format of its errors.
    pub format: ErrorFormat,
}

impl Default for RouteRules {
    /// The rules of an address that is not in the table.
    fn default() -> Self {
        Self { action: Public, limits: RouteLimits::default(), format: ErrorFormat::Page }
    }
}

/// The rules of each path in the table.
pub fn rules() -> impl Iterator<Item = (&'static str, RouteRules)> {
    routes().into_iter().map(|Route { path, action, limits, format, .. }| (path, RouteRules { action, limits, format }))
}

fn public_pages() -> Vec<Route> {
    use account::{forgotten_name, login, recover, register, second_factor, terms};
    use certificate::{list, verify};
    vec![
        page("/", Public, get(home::show)),
        page("/verify", Public, get(verify::ask).post(verify::confirm)),
        page("/verify/key", Public, get(verify::key)),
        page("/verify/{number}", Public, get(verify::show)),
        page("/published", Public, get(list::show)),
        page(course::register::PUBLIC, Public, get(course::register::public)),
        page("/terms", Public, get(terms::show)),
        page("/help", Public, get(information::help)),
        page("/privacy", Public, get(information::privacy)),
        page("/accessibility", Public, get(information::accessibility)),
        page("/offline", Public, get(offline::show)),
        page("/login", SignIn, get(login::show).post(login::sign_in)).hashes(),
        page("/login/code", SignIn, get(second_factor::show).post(second_factor::confirm)).hashes(),
        page("/logout", SignOut, get(login::confirm_sign_out).post(login::sign_out)),
        page("/register", SignIn, get(register::choose)),
        page("/register/individual", SignIn, get(register::show).post(register::begin)).hashes(),
        page("/register/code", SignIn, get(register::code).post(register::confirm)).hashes(),
        page("/register/done", SignIn, get(register::done)),
        page("/recover", SignIn, get(recover::show).post(recover::send)).hashes(),
        page("/recover/account", SignIn, get(forgotten_name::show).post(forgotten_name::send)).hashes(),
        page("/recover/code", SignIn, get(recover::code).post(recover::finish)).hashes(),
    ]
}

fn matter_pages() -> Vec<Route> {
    use matter::{assign, assignee, copy, detail, identity, library, list, print, record, rectify, returning, review, step, submitted};
    use payment::own;
    vec![
        page("/apply", OwnMatter, get(apply::catalogue)),
        page("/apply/{kind}", OwnMatter, get(apply::guide).post(apply::begin)),
        page("/matters", OwnMatter, get(list::show)),
        page("/matters/{id}", Matter, get(detail::show).post(detail::act)),
        page("/matters/{id}/review", OwnMatter, get(review::show).post(review::submit)),
        page("/matters/{id}/return", Matter, get(returning::show).post(returning::send)),
        page("/matters/{id}/assign", AssociationWorkbench, get(assign::show).post(assign::send)),
        page("/matters/{id}/assignee", AssociationWorkbench, get(assignee::show).post(assignee::send)),
        page("/matters/{id}/rectify", OwnMatter, get(rectify::show).post(rectify::save)),
        page("/matters/{id}/done", OwnMatter, get(submitted::show).post(submitted::save_to_library)),
        page("/matters/{id}/pay", OwnMatter, get(own::show).post(own::pay)).with_files(),
        page("/matters/{id}/print", Matter, get(print::show)),
        page("/matters/{id}/copy", OwnMatter, get(copy::ask).post(copy::copy)),
        page("/matters/{id}/files/{file}", Matter, get(detail::file)),
        page("/matters/{id}/files/{file}/view", Matter, get(detail::view_file)),
        page("/matters/{id}/identity", FullIdentity, get(identity::show).post(identity::disclose)),
        page("/matters/{id}/edit/{step}", OwnMatter, get(step::show).post(step::save)).with_files(),
        page("/matters/{id}/edit/{step}/{list}/library", OwnMatter, get(library::show).post(library::add)),
        page("/matters/{id}/edit/{step}/{list}/{record}", OwnMatter, get(record::show).post(record::save)).with_files(),
    ]
}

fn personal_pages() -> Vec<Route> {
    use certificate::own;
    vec![
        page("/me", PersonalCentre, get(me::centre)),
        page("/me/profile", PersonalCentre, get(me::profile)),
        page("/me/library", PersonalCentre, get(library::list).post(library::delete)),
        page("/me/library/{list}/{record}", PersonalCentre, get(library::show).post(library::save)),
        page("/me/exams", PersonalCentre, get(exam::own)),
        page("/me/certificates", PersonalCentre, get(own::show)),
        page("/me/certificates/{number}/pdf", PersonalCentre, get(own::file)),
        page("/me/invitations", PersonalCentre, get(institution::invitation::show).post(institution::invitation::answer)),
        page("/me/form-drafts", PersonalCentre, get(form_draft::list).post(form_draft::discard)),
        page("/me/messages", PersonalCentre, get(message::show).post(message::read_all)),
        page("/me/messages/settings", PersonalCentre, get(message::setting::show).post(message::setting::save)),
        page("/me/messages/{id}", PersonalCentre, get(message::open)),
        page("/me/security", OwnAccount, get(security::overview::show).post(security::overview::end_sessions)),
        page("/me/security/password", OwnAccount, get(security::password::show).post(security::password::change)).hashes(),
        page("/me/security/mobile", OwnAccount, get(security::mobile::show).post(security::mobile::change)).hashes(),
        page("/me/security/email", OwnAccount, get(security::email::show).post(security::email::change)).hashes(),
        page("/me/security/totp", OwnAccount, get(security::totp::show).post(security::totp::change)).hashes(),
        page("/me/security/document", OwnAccount, get(security::document::show).post(security::document::reveal)).hashes(),
        page("/me/security/export", OwnAccount, get(security::export::show).post(security::export::download)).hashes(),
        page("/me/security/close", OwnAccount, get(security::closing::show).post(security::closing::close)).hashes(),
        page("/payments/{order}/slips/{file}", PersonalCentre, get(payment::slip)),
    ]
}

fn teaching_pages() -> Vec<Route> {
    use teaching::{binding, category};
    let own = [
        page("/teaching/categories", PersonalCentre, get(binding::show)),
        page(links::PLANS, PersonalCentre, get(course::plans::show)),
        page(course::plans::CALENDAR, PersonalCentre, get(course::plans::calendar_file)),
        page(links::FILINGS, PersonalCentre, get(course::filings::show)),
        page("/teaching/categories/{id}/end", PersonalCentre, get(binding::ask).post(binding::end)),
    ];
    let association = [
        page("/association/training/categories", Training, get(category::list)),
        page("/association/training/categories/new", Training, get(category::begin).post(category::add)),
        page("/association/training/categories/{code}", Training, get(category::show).post(category::change)),
    ];
    own.into_iter().chain(association.map(Route::staff)).collect()
}

fn workbench_pages() -> Vec<Route> {
    use certificate::disposition;
    use institution::{people, registry, users};
    use payment::{bills, finance};
    use workbench::{batch, export, figures};
    let pages = vec![
        page("/expert", ExpertWorkbench, get(expert::centre)),
        page("/expert/{list}", ExpertWorkbench, get(expert::cases)),
        page("/expert/{list}/{id}", ExpertWorkbench, get(expert::show).post(expert::save)),
        page("/institution", InstitutionWorkbench, get(workbench::institution).post(workbench::search_institution)),
        page("/institution/batch", InstitutionWorkbench, get(batch::institution_queue).post(batch::institution)),
        page("/institution/export", InstitutionWorkbench, get(batch::institution_queue).post(export::institution)),
        page("/institution/views", InstitutionWorkbench, get(batch::institution_queue).post(workbench::institution_views)),
        page("/institution/statistics", InstitutionWorkbench, get(figures::institution)),
        page("/institution/drafts", InstitutionWorkbench, get(workbench::institution_drafts)),
        page("/institution/apply", InstitutionMatter, get(apply::institution_catalogue)),
        page("/institution/apply/{kind}", InstitutionMatter, get(apply::institution_guide).post(apply::institution_begin)),
        page(course::register::INSTITUTION, InstitutionWorkbench, get(course::register::institution)),
        page("/institution/people", InstitutionWorkbench, get(people::show).post(people::search)),
        page("/institution/users", InstitutionUsers, get(users::show).post(users::act)),
        page("/institution/bills", InstitutionBills, get(bills::show).post(bills::pay)).with_files(),
        page("/association", AssociationWorkbench, get(workbench::association).post(workbench::search_association)),
        page("/association/batch", AssociationWorkbench, get(batch::association_queue).post(batch::association)),
        page("/association/export", AssociationWorkbench, get(batch::association_queue).post(export::association)),
        page("/association/views", AssociationWorkbench, get(batch::association_queue).post(workbench::association_views)),
        page("/association/statistics", AssociationWorkbench, get(figures::association)),
        page("/association/institutions", Institutions, get(registry::list)),
        page("/association/institutions/{id}", Institutions, get(registry::show).post(registry::set)),
        page("/association/certificates", Dispositions, get(disposition::search)),
        page("/association/certificates/{number}", Dispositions, get(disposition::show).post(disposition::propose)),
        page(course::register::ASSOCIATION, Training, get(course::register::association)),
        page("/association/payments", Payments, get(finance::show).post(finance::act)),
    ];
    pages.into_iter().map(Route::staff).collect()
}

fn demo_pages() -> Vec<Route> {
    use payment::sandbox;
    vec![
        page("/pay/sandbox/{number}", Demo, get(sandbox::show).post(sandbox::pay)),
        page("/dev/outbox", Demo, get(demo::outbox)),
        page("/dev/scores", Demo, get(exam::demo).post(exam::record)),
        page("/dev/certificates", Demo, get(demo::certificates).post(demo::backdate)),
    ]
}

fn endpoints() -> Vec<Route> {
    let upload = head(upload::progress).patch(upload::append).delete(upload::cancel);
    vec![
        endpoint("/api/draft/describe", OwnMatter, post(api::handle)).body(BodyLimit::Draft),
        endpoint("/api/draft/save", OwnMatter, post(api::handle)).body(BodyLimit::Draft),
        endpoint("/api/draft/patch", OwnMatter, post(api::handle)).body(BodyLimit::Draft),
        endpoint("/api/draft/scene", OwnMatter, post(api::handle)).body(BodyLimit::Draft),
        endpoint("/api/draft/state", OwnMatter, post(api::handle)).body(BodyLimit::Draft),
        endpoint("/api/form-draft", PersonalCentre, post(form_draft::save)).body(BodyLimit::Draft),
        endpoint("/api/form-draft/state", PersonalCentre, post(form_draft::state)),
        endpoint("/api/register/field", SignIn, post(account::register_field::check)),
        endpoint("/api/uploads", OwnMatter, post(upload::create).layer(from_fn(upload::protocol))),
        endpoint("/api/uploads/{id}", OwnMatter, upload.layer(from_fn(upload::protocol))).body(BodyLimit::Chunk),
        // Without a session: a notice is authenticated by its signature.
        endpoint("/api/pay/notice/{gateway}", Public, post(payment::notice::take)),
        endpoint("/api/{*path}", Public, post(api::not_found)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_stands_twice() {
        let routes = routes();
        for route in &routes {
            assert_eq!(routes.iter().filter(|r| r.path == route.path).count(), 1, "{}", route.path);
        }
    }

    #[test]
    fn every_server_function_stands_in_the_table_and_takes_posts_only() {
        let routes = routes();
        let functions: Vec<_> = leptos::server_fn::axum::server_fn_paths().collect();
        assert!(!functions.is_empty());
        for (path, method) in functions {
            assert!(routes.iter().any(|route| route.path == path && route.format == ErrorFormat::Json), "{path} is not in the table");
            assert_eq!(method.as_str(), "POST", "{path}");
        }
    }
}
