//! Settings by name, from the settings file and from the environment.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::environment::{Environment, StartupError};

/// The name of each setting in the settings file and in the environment.
pub(super) const SETTINGS: &[(&str, &str)] = &[
    ("bind", "BIND"),
    ("port", "PORT"),
    ("data_dir", "DATA_DIR"),
    ("font_dir", "FONT_DIR"),
    ("database_url", "DATABASE_URL"),
    ("public_url", "PUBLIC_URL"),
    ("trusted_proxies", "TRUSTED_PROXIES"),
    ("connections_per_address", "CONNECTIONS_PER_ADDRESS"),
    ("form_targets", "FORM_TARGETS"),
    ("sms_command", "SMS_COMMAND"),
    ("smtp_url", "SMTP_URL"),
    ("mail_from", "MAIL_FROM"),
    ("alipay_app_id", "ALIPAY_APP_ID"),
    ("alipay_seller_id", "ALIPAY_SELLER_ID"),
    ("alipay_key_file", "ALIPAY_KEY_FILE"),
    ("alipay_public_key_file", "ALIPAY_PUBLIC_KEY_FILE"),
    ("bank_account_holder", "BANK_ACCOUNT_HOLDER"),
    ("bank_name", "BANK_NAME"),
    ("bank_account_number", "BANK_ACCOUNT_NUMBER"),
    ("operator_name", "OPERATOR_NAME"),
    ("contact_phone", "CONTACT_PHONE"),
    ("contact_hours", "CONTACT_HOURS"),
    ("contact_email", "CONTACT_EMAIL"),
    ("contact_address", "CONTACT_ADDRESS"),
    ("filing_number", "FILING_NUMBER"),
    ("allow_http", "ALLOW_HTTP"),
    ("allow_unverified_database", "ALLOW_UNVERIFIED_DATABASE"),
    ("demo", "DEMO"),
    ("demo_crowd", "DEMO_CROWD"),
    ("log", "LOG"),
    ("log_format", "LOG_FORMAT"),
];

/// The environment variable with the path of the settings file.
const FILE_VARIABLE: &str = "REGISTRAR_CONFIG";
const FILE_NAME: &str = "registrar.toml";

/// The values of the settings, each with its source for error messages.
pub(super) struct Values(BTreeMap<&'static str, Value>);

struct Value {
    text: String,
    source: String,
}

impl Values {
    /// Reads the settings file and the environment.
    pub(super) fn read(from: Environment<'_>) -> Result<Self, StartupError> {
        let mut values = match find_file(from)? {
            Some(path) => read_file(&path)?,
            None => BTreeMap::new(),
        };
        for &(name, variable) in SETTINGS {
            if let Some(text) = from.var(variable) {
                values.insert(name, Value { text: text.trim().to_owned(), source: variable.to_owned() });
            }
        }
        Ok(Self(values))
    }

    /// Parses one setting. `expected` ends the sentence of the error.
    pub(super) fn get<T>(&self, name: &str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, StartupError> {
        self.read_one(name, read, |v| format!("{}: `{}` is not {expected}.", v.source, v.text))
    }

    /// Parses a secret setting: the error does not repeat its value.
    pub(super) fn get_secret<T>(&self, name: &str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, StartupError> {
        self.read_one(name, read, |v| format!("{}: this is not {expected}.", v.source))
    }

    fn read_one<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Option<T>,
        sentence: impl Fn(&Value) -> String,
    ) -> Result<Option<T>, StartupError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => match read(&value.text) {
                Some(read) => Ok(Some(read)),
                None => Err(StartupError(sentence(value))),
            },
        }
    }
}

/// The settings file named by the environment, or else the one in the data folder, or the one in the working folder.
fn find_file(from: Environment<'_>) -> Result<Option<PathBuf>, StartupError> {
    if let Some(path) = from.var(FILE_VARIABLE) {
        let path = from.folder.join(path);
        return if path.is_file() {
            Ok(Some(path))
        } else {
            Err(StartupError(format!("{FILE_VARIABLE}: there is no file {}.", path.display())))
        };
    }
    let data = from.folder.join(from.var("DATA_DIR").unwrap_or_else(|| "data".to_owned()));
    Ok([data.join(FILE_NAME), from.folder.join(FILE_NAME)].into_iter().find(|p| p.is_file()))
}

fn read_file(path: &std::path::Path) -> Result<BTreeMap<&'static str, Value>, StartupError> {
    let file = path.display();
    let text = fs::read_to_string(path).map_err(|e| StartupError(format!("The settings file {file} cannot be read: {e}.")))?;
    // The message of the parser repeats the line, which may contain a password.
    let table: toml::Table = toml::from_str(&text).map_err(|e: toml::de::Error| {
        let line = e.span().and_then(|s| text.get(..s.start)).map_or(1, |before| before.matches('\n').count() + 1);
        StartupError(format!("The settings file {file} is not TOML: line {line} cannot be read."))
    })?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        let Some(&(name, _)) = SETTINGS.iter().find(|(name, _)| *name == key) else {
            let known: Vec<&str> = SETTINGS.iter().map(|(name, _)| *name).collect();
            return Err(StartupError(format!("{key} in {file}: there is no such setting. There are {}.", known.join(", "))));
        };
        let source = format!("{name} in {file}");
        let text = as_text(&value)
            .ok_or_else(|| StartupError(format!("{source}: a text, a number, true or false, or a list of texts is expected.")))?;
        values.insert(name, Value { text, source });
    }
    Ok(values)
}

/// A value as it would be written in the environment.
fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.trim().to_owned()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            items.map(|items| items.join(","))
        }
        _ => None,
    }
}

/// Reads a truth value of a setting.
pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}
