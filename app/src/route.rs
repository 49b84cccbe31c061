//! Every address, who it is open to, and what answers there. The server serves what stands here and nothing else.

use std::pin::Pin;

use axum::response::Response;
use axum::routing::MethodFilter;
use domain::base::permission::Action;

use crate::call::Handler;
use crate::upload::{self, Part};
use crate::{account, apply, certificate, demo, desk, exam, expert, home, library, matter, me, offline, payment};

/// One address.
pub struct Route {
    /// Path, with parts in braces.
    pub path: &'static str,
    /// What the guard is asked for.
    pub action: Action,
    /// What shows it.
    pub get: Option<Handler>,
    /// What takes its posts.
    pub post: Option<Handler>,
    /// Whether its posts may carry files.
    pub files: bool,
}

macro_rules! routes {
    ($($path:literal $action:ident $($method:ident $handler:path)+ $(; $files:ident)? ,)*) => {
        /// The table.
        pub fn routes() -> Vec<Route> {
            vec![$({
                #[allow(unused_mut, reason = "not every address takes files")]
                let mut route = Route { path: $path, action: Action::$action, get: None, post: None, files: false };
                $(route.$method = Some((|call| Box::pin($handler(call))) as Handler);)+
                $(route.$files = true;)?
                route
            }),*]
        }
    };
}

routes! {
    "/" Public get home::show,
    "/verify" Public get certificate::verify::ask,
    "/verify/key" Public get certificate::verify::key,
    "/verify/{number}" Public get certificate::verify::show,
    "/published" Public get certificate::list::show,
    "/login" Enter get account::login::show post account::login::enter,
    "/logout" Leave get account::login::ask_leave post account::login::leave,
    "/register" Enter get account::register::choose,
    "/register/individual" Enter get account::register::show post account::register::begin,
    "/register/code" Enter get account::register::code post account::register::confirm,
    "/register/done" Enter get account::register::done,
    "/recover" Enter get account::recover::show post account::recover::send,
    "/recover/code" Enter get account::recover::code post account::recover::finish,
    "/terms" Public get account::terms::show,
    "/offline" Public get offline::show,
    "/apply" OwnMatter get apply::catalogue,
    "/apply/{kind}" OwnMatter get apply::guide post apply::begin,
    "/matters" OwnMatter get matter::list::show,
    "/matters/{id}" Matter get matter::detail::show post matter::detail::act,
    "/matters/{id}/review" OwnMatter get matter::review::show post matter::review::submit,
    "/matters/{id}/return" Matter get matter::returning::show post matter::returning::send,
    "/matters/{id}/assign" AssociationDesk get matter::assign::show post matter::assign::send,
    "/matters/{id}/rectify" OwnMatter get matter::rectify::show post matter::rectify::save,
    "/matters/{id}/done" OwnMatter get matter::kept::done post matter::kept::keep,
    "/matters/{id}/pay" OwnMatter get payment::own::show post payment::own::pay; files,
    "/matters/{id}/print" Matter get matter::print::show,
    "/matters/{id}/copy" OwnMatter get matter::copy::ask post matter::copy::copy,
    "/matters/{id}/files/{file}" Matter get matter::detail::file,
    "/matters/{id}/edit/{step}" OwnMatter get matter::step::show post matter::step::save; files,
    "/matters/{id}/edit/{step}/{list}/library" OwnMatter get matter::library::show post matter::library::add,
    "/matters/{id}/edit/{step}/{list}/{record}" OwnMatter get matter::record::show post matter::record::save; files,
    "/me" OwnCentre get me::centre,
    "/me/profile" OwnCentre get me::profile,
    "/me/library" OwnCentre get me::library post me::forget,
    "/me/library/{list}/{record}" OwnCentre get library::show post library::save,
    "/me/exams" OwnCentre get exam::own,
    "/me/certificates" OwnCentre get certificate::own::show,
    "/me/certificates/{number}/pdf" OwnCentre get certificate::own::file,
    "/me/messages" OwnCentre get me::messages post me::read_all,
    "/me/messages/{id}" OwnCentre get me::open_message,
    "/expert" ExpertDesk get expert::centre,
    "/expert/appeals" ExpertDesk get expert::appeals,
    "/expert/registrations" ExpertDesk get expert::registrations,
    "/expert/registrations/{id}" ExpertDesk get expert::show post expert::save,
    "/institution" InstitutionDesk get desk::institution,
    "/institution/apply" InstitutionMatter get apply::at_desk,
    "/institution/apply/{kind}" InstitutionMatter get apply::desk_guide post apply::desk_begin,
    "/institution/bills" InstitutionDesk get payment::bills::show post payment::bills::pay; files,
    "/association" AssociationDesk get desk::association,
    "/association/payments" Payments get payment::desk::show post payment::desk::act,
    "/payments/{order}/slips/{file}" OwnCentre get payment::slip,
    "/pay/sandbox/{number}" Demo get payment::sandbox::show post payment::sandbox::pay,
    "/dev/outbox" Demo get demo::outbox,
    "/dev/scores" Demo get exam::demo post exam::record,
    "/dev/certificates" Demo get demo::certificates post demo::age,
}

/// What answers where no page is shown.
pub type Wired = fn(Part) -> Pin<Box<dyn Future<Output = Result<Response, upload::Fault>> + Send>>;

/// An address for files in pieces.
pub struct Wire {
    /// Path, with parts in braces.
    pub path: &'static str,
    /// Method it is asked by.
    pub method: MethodFilter,
    /// What the guard is asked for.
    pub action: Action,
    /// What answers.
    pub handler: Wired,
}

/// The addresses for files in pieces.
pub fn wires() -> [Wire; 4] {
    const ALL: &str = "/api/uploads";
    const ONE: &str = "/api/uploads/{id}";
    [
        Wire { path: ALL, method: MethodFilter::POST, action: Action::OwnMatter, handler: |part| Box::pin(upload::begin(part)) },
        Wire { path: ONE, method: MethodFilter::HEAD, action: Action::OwnMatter, handler: |part| Box::pin(upload::tell(part)) },
        Wire { path: ONE, method: MethodFilter::PATCH, action: Action::OwnMatter, handler: |part| Box::pin(upload::take(part)) },
        Wire { path: ONE, method: MethodFilter::DELETE, action: Action::OwnMatter, handler: |part| Box::pin(upload::drop(part)) },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_stands_twice_and_each_answers() {
        let routes = routes();
        for route in &routes {
            assert_eq!(routes.iter().filter(|r| r.path == route.path).count(), 1, "{}", route.path);
            assert!(route.get.is_some(), "{} is shown", route.path);
            assert!(!route.files || route.post.is_some(), "{}", route.path);
        }
    }
}
