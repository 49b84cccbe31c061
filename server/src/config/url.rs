//! URLs in the settings.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use http::Uri;

/// The URL of the database. Its password is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Accepts `sqlite:PATH`, `postgres://…` and `postgresql://…`.
    pub fn parse(text: &str) -> Option<Self> {
        let known = text.strip_prefix("sqlite:").is_some_and(|path| !path.trim_matches('/').is_empty())
            || ["postgres://", "postgresql://"].iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
        known.then(|| Self(text.to_owned()))
    }

    /// The URL of the embedded database in the data folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self(format!("sqlite:{}", folder.join("registrar.sqlite").display()))
    }

    /// The whole URL, password included.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_once(':') {
            Some(("sqlite", _)) => f.write_str(&self.0),
            _ => f.write_str("postgres://…"),
        }
    }
}

/// The URL of the mail server. Its password is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(String);

impl SmtpUrl {
    /// Accepts `smtps://user:password@host`, and `smtp://…` where the connection is secured by `?tls=required` or stays on this machine.
    pub fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let secured = uri.scheme_str() == Some("smtps") || uri.query().is_some_and(|q| q.split('&').any(|p| p == "tls=required"));
        (backend::service::message::smtp::SmtpTransport::is_valid_url(text) && (here || secured)).then(|| Self(text.to_owned()))
    }

    /// The whole URL, password included.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("smtp://…")
    }
}

/// The origin of a site: scheme, host and optional port, written as browsers write `Origin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    host: String,
}

impl PublicUrl {
    /// Accepts `http://` and `https://` with a host and no path, query or user.
    pub fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let scheme = uri.scheme_str().filter(|s| ["http", "https"].contains(s))?;
        let authority = uri.authority()?;
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none() && !authority.as_str().contains('@');
        let host = authority.host().to_ascii_lowercase();
        if !bare || host.is_empty() {
            return None;
        }
        let default_port = if scheme == "https" { 443 } else { 80 };
        let origin = match authority.port_u16() {
            Some(port) if port != default_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        };
        Some(Self { origin, host })
    }

    /// The origin as a browser writes it.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether it is reached by HTTPS.
    pub fn https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// Whether it is reachable from this machine only.
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (text, origin) in [
            ("https://Registrar.example.cn", Some("https://registrar.example.cn")),
            ("https://registrar.example.cn/", Some("https://registrar.example.cn")),
            ("https://registrar.example.cn:443", Some("https://registrar.example.cn")),
            ("http://registrar.example.cn:8080", Some("http://registrar.example.cn:8080")),
            ("http://[::1]:3000", Some("http://[::1]:3000")),
            ("https://registrar.example.cn/path", None),
            ("https://registrar.example.cn?x", None),
            ("https://user@registrar.example.cn", None),
            ("registrar.example.cn", None),
            ("ftp://registrar.example.cn", None),
            ("/", None),
        ] {
            assert_eq!(PublicUrl::parse(text).as_ref().map(PublicUrl::origin), origin, "{text}");
        }
    }

    #[test]
    fn mail_is_never_handed_over_in_clear_beyond_this_machine() {
        for (text, taken) in [
            ("smtps://robot:hunter2@mail.example.cn", true),
            ("smtp://robot:hunter2@mail.example.cn:587?tls=required", true),
            ("smtp://127.0.0.1:2525", true),
            ("smtp://[::1]:2525", true),
            ("smtp://localhost", true),
            ("smtp://mail.example.cn", false),
            ("smtp://mail.example.cn?tls=opportunistic", false),
            ("http://mail.example.cn?tls=required", false),
            ("mail.example.cn", false),
        ] {
            assert_eq!(SmtpUrl::parse(text).is_some(), taken, "{text}");
        }
        assert_eq!(format!("{:?}", SmtpUrl::parse("smtps://robot:hunter2@mail.example.cn").unwrap()), "smtp://…");
    }

    #[test]
    fn a_password_in_the_database_address_is_not_shown() {
        let url = DatabaseUrl::parse("postgres://registrar:hunter2@db/registrar").unwrap();
        assert_eq!(format!("{url:?}"), "postgres://…");
        assert!(url.expose().contains("hunter2"));
    }
}
