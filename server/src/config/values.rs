//! Settings by name, from the settings file and from the environment.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::{Refused, Surroundings};

/// Name in the settings file, and in the environment.
pub(super) const SETTINGS: &[(&str, &str)] = &[
    ("bind", "BIND"),
    ("port", "PORT"),
    ("data_dir", "DATA_DIR"),
    ("font_dir", "FONT_DIR"),
    ("database_url", "DATABASE_URL"),
    ("public_url", "PUBLIC_URL"),
    ("trusted_proxies", "TRUSTED_PROXIES"),
    ("form_targets", "FORM_TARGETS"),
    ("sms_command", "SMS_COMMAND"),
    ("smtp_url", "SMTP_URL"),
    ("mail_from", "MAIL_FROM"),
    ("alipay_app_id", "ALIPAY_APP_ID"),
    ("alipay_seller_id", "ALIPAY_SELLER_ID"),
    ("alipay_key_file", "ALIPAY_KEY_FILE"),
    ("alipay_public_key_file", "ALIPAY_PUBLIC_KEY_FILE"),
    ("demo", "DEMO"),
    ("log", "LOG"),
    ("log_format", "LOG_FORMAT"),
];

/// The environment variable that says where the settings file is.
const FILE_VARIABLE: &str = "REGISTRAR_CONFIG";
const FILE_NAME: &str = "registrar.toml";

/// What is set, with where it is set for the sentence when it is wrong.
pub(super) struct Values(BTreeMap<&'static str, Value>);

struct Value {
    text: String,
    place: String,
}

impl Values {
    pub(super) fn read(from: Surroundings<'_>) -> Result<Self, Refused> {
        let mut values = match find_file(from)? {
            Some(path) => of_file(&path)?,
            None => BTreeMap::new(),
        };
        for &(name, variable) in SETTINGS {
            if let Some(text) = from.var(variable) {
                values.insert(name, Value { text: text.trim().to_owned(), place: variable.to_owned() });
            }
        }
        Ok(Self(values))
    }

    /// Reads one setting. `expected` ends the sentence that refuses it.
    pub(super) fn get<T>(&self, name: &str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Refused> {
        self.read_one(name, read, |v| format!("{}: `{}` is not {expected}.", v.place, v.text))
    }

    /// The same for a setting that must not be repeated.
    pub(super) fn get_secret<T>(&self, name: &str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Refused> {
        self.read_one(name, read, |v| format!("{}: this is not {expected}.", v.place))
    }

    fn read_one<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>, sentence: impl Fn(&Value) -> String) -> Result<Option<T>, Refused> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => match read(&value.text) {
                Some(read) => Ok(Some(read)),
                None => Err(Refused(sentence(value))),
            },
        }
    }
}

/// The file named by the environment, or the one in the data folder, or the one in the working folder.
fn find_file(from: Surroundings<'_>) -> Result<Option<PathBuf>, Refused> {
    if let Some(path) = from.var(FILE_VARIABLE) {
        let path = from.folder.join(path);
        return if path.is_file() {
            Ok(Some(path))
        } else {
            Err(Refused(format!("{FILE_VARIABLE}: there is no file {}.", path.display())))
        };
    }
    let data = from.folder.join(from.var("DATA_DIR").unwrap_or_else(|| "data".to_owned()));
    Ok([data.join(FILE_NAME), from.folder.join(FILE_NAME)].into_iter().find(|p| p.is_file()))
}

fn of_file(path: &std::path::Path) -> Result<BTreeMap<&'static str, Value>, Refused> {
    let file = path.display();
    let text = fs::read_to_string(path).map_err(|e| Refused(format!("The settings file {file} cannot be read: {e}.")))?;
    // The parser's own message repeats the line, which may hold a password.
    let table: toml::Table = toml::from_str(&text).map_err(|e: toml::de::Error| {
        let line = e.span().and_then(|s| text.get(..s.start)).map_or(1, |before| before.matches('\n').count() + 1);
        Refused(format!("The settings file {file} is not TOML: line {line} cannot be read."))
    })?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        let Some(&(name, _)) = SETTINGS.iter().find(|(name, _)| *name == key) else {
            let known: Vec<&str> = SETTINGS.iter().map(|(name, _)| *name).collect();
            return Err(Refused(format!("{key} in {file}: there is no such setting. There are {}.", known.join(", "))));
        };
        let place = format!("{name} in {file}");
        let text =
            flat(&value).ok_or_else(|| Refused(format!("{place}: a text, a number, true or false, or a list of texts is expected.")))?;
        values.insert(name, Value { text, place });
    }
    Ok(values)
}

/// A value as it would stand in the environment.
fn flat(value: &toml::Value) -> Option<String> {
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
