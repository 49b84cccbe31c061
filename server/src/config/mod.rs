//! The settings: built-in, over them `Leptos.toml` (where the built files are), over that one settings file, over that the
//! environment. What is wrong is refused with one sentence, and nothing secret is ever repeated in it.

mod alipay;
mod leptos;
mod url;
mod values;

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

pub use alipay::{Alipay, ORIGIN as ALIPAY_ORIGIN};
pub use leptos::Leptos;
pub use url::{DatabaseUrl, PublicUrl, SmtpUrl};

use crate::network::Network;
use values::Values;

/// Why the server does not start, in a sentence for who runs it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// Everything that is set from outside.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen. Port 0 is any free one.
    pub listen: SocketAddr,
    /// Where the database file, keys and uploads are.
    pub data_dir: PathBuf,
    /// Where the fonts of certificates are.
    pub font_dir: PathBuf,
    /// Which database.
    pub database_url: DatabaseUrl,
    /// The address people type, when it is not the one listened on.
    pub public_url: Option<PublicUrl>,
    /// Proxies of ours, whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Other sites a form may lead to, such as a payment gateway: origins for the content security policy.
    pub form_targets: Vec<String>,
    /// A program that sends short messages.
    pub sms_command: Option<PathBuf>,
    /// The server that takes mail.
    pub smtp_url: Option<SmtpUrl>,
    /// Who mail is from.
    pub mail_from: Option<String>,
    /// The payment gateway.
    pub alipay: Option<Alipay>,
    /// Whether there are demo accounts and `/dev`.
    pub demo: bool,
    /// What is logged.
    pub log: Log,
    /// Where the built files are.
    pub leptos: Leptos,
}

/// What is logged, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// As `tracing` filters are written: `info`, `warn,server=info`.
    pub filter: String,
    /// One JSON object a line, or lines for people.
    pub json: bool,
}

/// What the settings are read from; taken apart so that tests need no process of their own.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The working folder.
    pub folder: &'a Path,
    /// The folder of the program.
    pub program: &'a Path,
}

impl Surroundings<'_> {
    /// A variable; an empty one counts as not set.
    fn var(&self, name: &str) -> Option<String> {
        (self.env)(name).filter(|v| !v.trim().is_empty())
    }
}

impl Config {
    /// Reads the settings of this process. `demo` is the flag of the command line.
    pub fn load(demo: bool) -> Result<Self, Refused> {
        let folder = std::env::current_dir().map_err(|e| Refused(format!("There is no working folder: {e}.")))?;
        let program = std::env::current_exe().unwrap_or_default();
        Self::read(
            Surroundings { env: &|name| std::env::var(name).ok(), folder: &folder, program: program.parent().unwrap_or(&folder) },
            demo,
        )
    }

    /// Reads the settings from these surroundings.
    pub fn read(from: Surroundings<'_>, demo: bool) -> Result<Self, Refused> {
        let leptos = Leptos::read(from)?;
        let values = Values::read(from)?;
        let data_dir = values.get("data_dir", "a folder", |s| Some(PathBuf::from(s)))?.unwrap_or_else(|| "data".into());
        let config = Self {
            listen: SocketAddr::new(
                values.get("bind", "an IP address", |s| s.parse::<IpAddr>().ok())?.unwrap_or(leptos.site_addr.ip()),
                values.get("port", "a port number (0 to 65535)", |s| s.parse::<u16>().ok())?.unwrap_or(leptos.site_addr.port()),
            ),
            database_url: values
                .get_secret("database_url", "sqlite:PATH or postgres://…", DatabaseUrl::parse)?
                .unwrap_or_else(|| DatabaseUrl::in_folder(&data_dir)),
            data_dir,
            // Beside the built site, where the set-up puts them.
            font_dir: values
                .get("font_dir", "a folder", |s| Some(from.folder.join(s)))?
                .unwrap_or_else(|| leptos.site_root.with_file_name("fonts")),
            public_url: values.get("public_url", "an address such as https://registrar.example.cn, without a path", PublicUrl::parse)?,
            trusted_proxies: values
                .get("trusted_proxies", "a list of addresses or ranges such as 10.0.0.0/8", |s| list(s, |n| n.parse().ok()))?
                .unwrap_or_default(),
            form_targets: values
                .get("form_targets", "a list of addresses such as https://openapi.alipay.com, without a path", |s| {
                    list(s, |u| PublicUrl::parse(u).map(|u| u.origin().to_owned()))
                })?
                .unwrap_or_default(),
            sms_command: values.get("sms_command", "a program", |s| Some(from.folder.join(s)))?,
            smtp_url: values.get_secret("smtp_url", "smtps://user:password@host, or smtp://host:port?tls=required", SmtpUrl::parse)?,
            mail_from: values.get("mail_from", "a sender such as registrar@example.cn", |s| {
                backend::service::message::smtp::Smtp::reads_sender(s).then(|| s.to_owned())
            })?,
            alipay: Alipay::read(&values, from.folder)?,
            demo: demo || values.get("demo", "true or false", yes_or_no)?.unwrap_or(false),
            log: Log {
                filter: values
                    .get("log", "a log filter such as info or warn,server=info", crate::log::known_filter)?
                    .unwrap_or_else(|| "info".to_owned()),
                json: values.get("log_format", "json or text", json_or_text)?.unwrap_or(false),
            },
            leptos,
        };
        config.check()?;
        Ok(config)
    }

    /// What is right by itself but wrong together.
    fn check(&self) -> Result<(), Refused> {
        let beyond = !self.listen.ip().is_loopback();
        if self.demo && (beyond || self.public_url.as_ref().is_some_and(|u| !u.is_loopback())) {
            return Err(Refused(
                "Demo accounts have a published password, so a demo is served on this machine only: set BIND to 127.0.0.1 and no PUBLIC_URL.".into(),
            ));
        }
        if self.smtp_url.is_some() != self.mail_from.is_some() {
            return Err(Refused("SMTP_URL and MAIL_FROM belong together: set both, or neither.".into()));
        }
        if beyond && self.public_url.is_none() {
            return Err(Refused(format!(
                "Listening on {} reaches beyond this machine, so PUBLIC_URL must say the address people type, such as https://registrar.example.cn.",
                self.listen.ip()
            )));
        }
        Ok(())
    }

    /// Makes the data folder, or refuses one that everybody on the machine can look into.
    pub fn prepare_data_dir(&self) -> Result<(), Refused> {
        let folder = self.data_dir.display();
        let wrong = |e: std::io::Error| Refused(format!("DATA_DIR: the folder {folder} cannot be used: {e}."));
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.data_dir).map_err(wrong)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&self.data_dir).map_err(wrong)?.permissions().mode();
            if mode & 0o007 != 0 {
                return Err(Refused(format!(
                    "DATA_DIR: everybody on this machine can look into {folder}. Close it with `chmod 700 {folder}`."
                )));
            }
        }
        Ok(())
    }

    /// The address people type, or the one listened on.
    pub fn origin(&self, listening: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.origin().to_owned(),
            None => format!("http://{listening}"),
        }
    }

    /// Whether people come by HTTPS, so that cookies can be `Secure`.
    pub fn https(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::https)
    }
}

fn list<T>(text: &str, one: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(str::trim).filter(|s| !s.is_empty()).map(one).collect()
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn json_or_text(text: &str) -> Option<bool> {
    match text {
        "json" => Some(true),
        "text" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
