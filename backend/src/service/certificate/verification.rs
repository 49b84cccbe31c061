//! 证书查询 by number: what a number alone discloses, and what a number with the name of its holder does.

use domain::base::identity::{read_certificate_number, same_name};
use domain::base::permission::Role;
use domain::base::rule::key;

use crate::access::guard::Caller;
use crate::access::rate_limit::address_within_rate_limit;
use crate::infra::db::DbError;
use crate::record::certificate::{Certificate, certificate_by_number, former_holders};
use crate::state::AppState;

/// Result of a search by number.
pub enum Verification {
    /// The certificate.
    Found {
        /// The certificate.
        certificate: Box<Certificate>,
        /// Whether the name of its holder may be shown in full.
        is_named: bool,
    },
    /// The certificate exists, but the name is not that of its holder.
    OtherName(Box<Certificate>),
    /// The name is one that the certificate bore before a change of its holder's name.
    FormerName(Box<Certificate>),
    /// No certificate of this number was published.
    NotFound,
    /// The network address searched too often.
    TooMany,
}

/// Who searches.
pub struct Searcher<'a> {
    /// The signed-in account, if there is one.
    pub caller: Option<&'a Caller>,
    /// Network address, for the limit of searches.
    pub address: &'a str,
}

/// Searches for a certificate by its number, in any usual spelling. Numbers are consecutive, so the number alone discloses a masked name, and only of published
/// certificates; the holder, the roles that issue certificates, and everyone who gives the holder's name see the name.
pub async fn verify_number(app: &AppState, searcher: Searcher<'_>, number: &str, name: Option<&str>) -> Result<Verification, DbError> {
    let Ok(number) = read_certificate_number(number) else { return Ok(Verification::NotFound) };
    let most = app.tables().rules.on(app.today()).int(key::VERIFY_PER_ADDRESS_MINUTE);
    if !address_within_rate_limit(app, b"verify", searcher.address, 60, most).await? {
        return Ok(Verification::TooMany);
    }
    let Some(certificate) = certificate_by_number(app, &number).await? else { return Ok(Verification::NotFound) };
    let certificate = Box::new(certificate);
    let is_holder = searcher.caller.is_some_and(|c| c.account == certificate.row.account_id);
    let issues = searcher.caller.is_some_and(|c| c.roles.iter().any(|role| matches!(role, Role::Officer | Role::Approver)));
    if is_holder || issues {
        return Ok(Verification::Found { certificate, is_named: true });
    }
    if certificate.published_on.is_none_or(|day| day > app.today()) {
        return Ok(Verification::NotFound);
    }
    Ok(match name {
        None => Verification::Found { certificate, is_named: false },
        Some(name) if same_name(name, &certificate.holder) => Verification::Found { certificate, is_named: true },
        Some(name) if former_holders(app, &certificate).await?.iter().any(|former| same_name(name, &former.name)) => {
            Verification::FormerName(certificate)
        }
        Some(_) => Verification::OtherName(certificate),
    })
}
