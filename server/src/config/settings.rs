//! All settings of the server, read and checked.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use app::operator::Operator;
use backend::infra::gateway::AlipayGateway;
use domain::record::payment::BankAccount;

use super::alipay::Alipay;
use super::bank;
use super::environment::{Environment, StartupError};
use super::leptos::Leptos;
use super::log::{LogSettings, parse_filter};
use super::operator;
use super::url::{DatabaseUrl, PublicUrl, SmtpUrl};
use super::values::{Values, parse_bool};
use crate::accept::PER_ADDRESS;
use crate::network::Network;

/// All settings of the server.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on. Port 0 is any free one.
    pub listen: SocketAddr,
    /// Folder of the database file, keys and uploads.
    pub data_dir: PathBuf,
    /// Folder of the fonts of certificates.
    pub font_dir: PathBuf,
    /// The database.
    pub database_url: DatabaseUrl,
    /// The public address, if it differs from the one listened on.
    pub public_url: Option<PublicUrl>,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<Network>,
    /// Maximum number of connections, and of requests at the same time, of one client: an IPv4 address or an IPv6 /64.
    pub connections_per_address: usize,
    /// Origins of other sites that forms may lead to, such as a payment gateway, for the content security policy.
    pub form_targets: Vec<String>,
    /// A program that sends short messages.
    pub sms_command: Option<PathBuf>,
    /// The mail server.
    pub smtp_url: Option<SmtpUrl>,
    /// The sender of mail.
    pub mail_from: Option<String>,
    /// The payment gateway.
    pub alipay: Option<Alipay>,
    /// The bank account for transfers of fees.
    pub bank_account: Option<BankAccount>,
    /// Who runs the platform, as pages say it.
    pub operator: Operator,
    /// Whether the public address may be one of `http://` beyond this machine.
    pub allow_http: bool,
    /// Whether the database server on another machine may be one whose certificate is not verified.
    pub allow_unverified_database: bool,
    /// Whether there are demo accounts and `/dev`.
    pub demo: bool,
    /// How many people of a demo have an application that waits, besides those of its accounts.
    pub demo_crowd: usize,
    /// Settings of the log.
    pub log: LogSettings,
    /// Location of the built files.
    pub leptos: Leptos,
}

/// People of the crowd of a demo: an officer's queue has about sixty matters.
const DEMO_CROWD: usize = 72;

impl Config {
    /// Reads the settings of this process. `demo` is the flag of the command line.
    ///
    /// # Errors
    /// A setting that is wrong, alone or together with others.
    pub fn load(demo: bool) -> Result<Self, StartupError> {
        let folder = std::env::current_dir().map_err(|e| StartupError(format!("There is no working folder: {e}.")))?;
        let program = std::env::current_exe().unwrap_or_default();
        Self::read(
            Environment { env: &|name| std::env::var(name).ok(), folder: &folder, program: program.parent().unwrap_or(&folder) },
            demo,
        )
    }

    /// Reads the settings from their sources.
    ///
    /// # Errors
    /// A setting that is wrong, alone or together with others.
    pub fn read(from: Environment<'_>, demo: bool) -> Result<Self, StartupError> {
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
            // Beside the built site, where tools/setup.sh puts them.
            font_dir: values
                .get("font_dir", "a folder", |s| Some(from.folder.join(s)))?
                .unwrap_or_else(|| leptos.site_root.with_file_name("fonts")),
            public_url: values.get("public_url", "an address such as https://registrar.example.cn, without a path", PublicUrl::parse)?,
            trusted_proxies: values
                .get("trusted_proxies", "a list of addresses or ranges such as 10.0.0.0/8", |s| parse_list(s, |n| n.parse().ok()))?
                .unwrap_or_default(),
            connections_per_address: values
                .get("connections_per_address", "a number from 1 to 100000", |s| s.parse().ok().filter(|n| (1..=100_000).contains(n)))?
                .unwrap_or(PER_ADDRESS),
            form_targets: values
                .get("form_targets", "a list of addresses such as https://openapi.alipay.com, without a path", |s| {
                    parse_list(s, |u| PublicUrl::parse(u).map(|u| u.origin().to_owned()))
                })?
                .unwrap_or_default(),
            sms_command: values.get("sms_command", "a program", |s| Some(from.folder.join(s)))?,
            smtp_url: values.get_secret("smtp_url", "smtps://user:password@host, or smtp://host:port?tls=required", SmtpUrl::parse)?,
            mail_from: values.get("mail_from", "a sender such as registrar@example.cn", |s| {
                backend::service::message::smtp::SmtpTransport::is_valid_sender(s).then(|| s.to_owned())
            })?,
            alipay: Alipay::read(&values, from.folder)?,
            bank_account: bank::read(&values)?,
            operator: operator::read(&values)?,
            allow_http: values.get("allow_http", "true or false", parse_bool)?.unwrap_or(false),
            allow_unverified_database: values.get("allow_unverified_database", "true or false", parse_bool)?.unwrap_or(false),
            demo: demo || values.get("demo", "true or false", parse_bool)?.unwrap_or(false),
            demo_crowd: values.get("demo_crowd", "a number from 0 to 300", |s| s.parse().ok().filter(|n| *n <= 300))?.unwrap_or(DEMO_CROWD),
            log: LogSettings {
                filter: values
                    .get("log", "a log filter such as info or warn,server=info", parse_filter)?
                    .unwrap_or_else(|| "info".to_owned()),
                json: values.get("log_format", "json or text", parse_log_format)?.unwrap_or(false),
            },
            leptos,
        };
        config.check()?;
        Ok(config)
    }

    /// Checks settings that depend on each other.
    fn check(&self) -> Result<(), StartupError> {
        let beyond = !self.listen.ip().is_loopback();
        if self.demo && (beyond || self.public_url.as_ref().is_some_and(|u| !u.is_loopback())) {
            return Err(StartupError(
                "Demo accounts have a published password, so a demo is served on this machine only: set BIND to 127.0.0.1 and no PUBLIC_URL.".into(),
            ));
        }
        if self.smtp_url.is_some() != self.mail_from.is_some() {
            return Err(StartupError("SMTP_URL and MAIL_FROM belong together: set both, or neither.".into()));
        }
        if !self.allow_http && self.public_url.as_ref().is_some_and(|url| !url.https() && !url.is_loopback()) {
            return Err(StartupError(
                "PUBLIC_URL: http:// sends passwords and sessions in clear. Use https://, or set ALLOW_HTTP=true on a network that nobody else can read.".into(),
            ));
        }
        if !self.allow_unverified_database && backend::infra::db::address::is_unverified_remote(self.database_url.expose()) {
            return Err(StartupError(
                "DATABASE_URL: the database server is on another machine, and its certificate is not verified. Add sslmode=verify-full (and sslrootcert=FILE for an authority of your own), or set ALLOW_UNVERIFIED_DATABASE=true on a network that nobody else can read.".into(),
            ));
        }
        if beyond && self.public_url.is_none() {
            return Err(StartupError(format!(
                "Listening on {} reaches beyond this machine, so PUBLIC_URL must say the address people type, such as https://registrar.example.cn.",
                self.listen.ip()
            )));
        }
        Ok(())
    }

    /// Creates the data folder.
    ///
    /// # Errors
    /// A folder that cannot be created, or that other users of the machine can read.
    pub fn prepare_data_dir(&self) -> Result<(), StartupError> {
        let folder = self.data_dir.display();
        let wrong = |e: std::io::Error| StartupError(format!("DATA_DIR: the folder {folder} cannot be used: {e}."));
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
                return Err(StartupError(format!(
                    "DATA_DIR: everybody on this machine can look into {folder}. Close it with `chmod 700 {folder}`."
                )));
            }
        }
        Ok(())
    }

    /// The public address, or the one listened on.
    pub fn origin(&self, listening: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.origin().to_owned(),
            None => format!("http://{listening}"),
        }
    }

    /// Whether the site is reached by HTTPS, so that cookies can be `Secure`.
    pub fn https(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::https)
    }

    /// Who runs the platform; in a demo without such settings somebody fictitious.
    pub fn operator(&self) -> Operator {
        if self.demo && self.operator == Operator::default() { Operator::fictitious() } else { self.operator.clone() }
    }

    /// The payment gateway of the settings, if there is one.
    ///
    /// # Errors
    /// Key files that cannot be read, or a missing public address.
    pub fn gateway(&self) -> Result<Option<AlipayGateway>, StartupError> {
        self.alipay.as_ref().map(|alipay| alipay.gateway(self.public_url.as_ref())).transpose()
    }
}

fn parse_list<T>(text: &str, one: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(str::trim).filter(|s| !s.is_empty()).map(one).collect()
}

fn parse_log_format(text: &str) -> Option<bool> {
    match text {
        "json" => Some(true),
        "text" => Some(false),
        _ => None,
    }
}
