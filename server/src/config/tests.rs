use std::collections::HashMap;
use std::fs;
use std::path::Path;

use app::operator::Operator;

use super::*;

struct Sources {
    folder: tempfile::TempDir,
    env: HashMap<&'static str, String>,
}

impl Sources {
    fn new(env: &[(&'static str, &str)]) -> Self {
        let env = env.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
        Self { folder: tempfile::tempdir().unwrap(), env }
    }

    fn with_file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn read(&self, demo: bool) -> Result<Config, StartupError> {
        let env = |name: &str| self.env.get(name).cloned();
        Config::read(Environment { env: &env, folder: self.folder.path(), program: self.folder.path() }, demo)
    }

    fn sentence(&self, demo: bool) -> String {
        self.read(demo).unwrap_err().to_string()
    }
}

#[test]
fn without_any_setting_it_serves_this_machine_from_an_embedded_database() {
    let config = Sources::new(&[]).read(false).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(config.database_url.expose(), "sqlite:data/registrar.sqlite");
    assert!(!config.demo && !config.https() && config.trusted_proxies.is_empty());
}

#[test]
fn the_environment_goes_before_the_file_and_the_file_before_what_is_built_in() {
    let file = "port = 4000\nbind = \"127.0.0.2\"\nlog = \"warn\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n";
    let config = Sources::new(&[("PORT", "5000"), ("BIND", "")]).with_file("registrar.toml", file).read(false).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.2:5000");
    assert_eq!(config.log.filter, "warn");
    assert_eq!(config.trusted_proxies.len(), 2);
}

#[test]
fn the_settings_file_is_the_one_named_or_the_one_in_the_data_folder_or_in_the_working_folder() {
    let files = |env: &[(&'static str, &str)]| {
        Sources::new(env)
            .with_file("registrar.toml", "port = 1")
            .with_file("store/registrar.toml", "port = 2")
            .with_file("other.toml", "port = 3")
            .read(false)
            .unwrap()
            .listen
            .port()
    };
    assert_eq!(files(&[]), 1);
    assert_eq!(files(&[("DATA_DIR", "store")]), 2);
    assert_eq!(files(&[("DATA_DIR", "store"), ("REGISTRAR_CONFIG", "other.toml")]), 3);
    assert!(Sources::new(&[("REGISTRAR_CONFIG", "gone.toml")]).sentence(false).contains("REGISTRAR_CONFIG"));
}

#[test]
fn a_wrong_setting_is_refused_by_its_name() {
    for (variable, value, named) in [
        ("PORT", "http", "PORT: `http` is not a port number"),
        ("PORT", "70000", "PORT: `70000`"),
        ("BIND", "localhost", "BIND: `localhost` is not an IP address"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x", "DATABASE_URL: this is not sqlite:PATH"),
        ("DATABASE_URL", "sqlite:", "DATABASE_URL"),
        ("PUBLIC_URL", "registrar.example.cn", "PUBLIC_URL"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, proxy", "TRUSTED_PROXIES"),
        ("FORM_TARGETS", "https://pay.example.cn/x", "FORM_TARGETS"),
        ("SMTP_URL", "smtp://robot:hunter2@mail.example.cn", "SMTP_URL: this is not smtps://"),
        ("SMTP_URL", "smtps://robot:hunter2@mail.example.cn", "SMTP_URL and MAIL_FROM belong together"),
        ("MAIL_FROM", "registrar", "MAIL_FROM: `registrar` is not a sender"),
        ("MAIL_FROM", "registrar@example.cn", "SMTP_URL and MAIL_FROM belong together"),
        ("BANK_ACCOUNT_NUMBER", "6222-O2O2", "BANK_ACCOUNT_NUMBER: `6222-O2O2` is not a number of 6 to 32 digits"),
        ("BANK_ACCOUNT_HOLDER", "12", "BANK_ACCOUNT_HOLDER: `12` is not a name"),
        ("BANK_NAME", "某某银行", "BANK_ACCOUNT_HOLDER, BANK_NAME and BANK_ACCOUNT_NUMBER belong together"),
        ("ALLOW_HTTP", "maybe", "ALLOW_HTTP: `maybe` is not true or false"),
        ("DEMO", "maybe", "DEMO: `maybe` is not true or false"),
        ("LOG", "shouting=very", "LOG: `shouting=very`"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT"),
        ("LEPTOS_SITE_ADDR", "3000", "LEPTOS_SITE_ADDR"),
        ("LEPTOS_HASH_FILES", "perhaps", "LEPTOS_HASH_FILES"),
    ] {
        let sentence = Sources::new(&[(variable, value)]).sentence(false);
        assert!(sentence.contains(named), "{variable}={value}: {sentence}");
        assert!(!sentence.contains("hunter2"));
    }
}

#[test]
fn the_bank_account_is_read_as_banks_print_it() {
    let env = [("BANK_ACCOUNT_HOLDER", "某某认证人员协会"), ("BANK_NAME", "某某银行"), ("BANK_ACCOUNT_NUMBER", "0200 0000 0000 0000 000")];
    let account = Sources::new(&env).read(false).unwrap().bank_account.unwrap();
    assert_eq!(
        (account.holder.as_str(), account.bank.as_str(), account.number.as_str()),
        ("某某认证人员协会", "某某银行", "0200000000000000000")
    );
}

#[test]
fn what_is_not_said_of_the_operator_stays_empty_and_a_demo_names_somebody_fictitious() {
    let config = Sources::new(&[("OPERATOR_NAME", "某某协会"), ("CONTACT_PHONE", " 010-12345678 ")]).read(false).unwrap();
    let operator = config.operator();
    assert_eq!((operator.name.as_deref(), operator.phone.as_deref()), (Some("某某协会"), Some("010-12345678")));
    assert_eq!(operator.contacts().len(), 1);
    assert_eq!(Sources::new(&[]).read(false).unwrap().operator(), Operator::default());
    assert_eq!(Sources::new(&[]).read(true).unwrap().operator(), Operator::fictitious());
    let long = "长".repeat(61);
    assert!(Sources::new(&[("CONTACT_ADDRESS", long.as_str())]).sentence(false).contains("CONTACT_ADDRESS"));
}

#[test]
fn a_wrong_settings_file_is_refused_by_the_place_and_without_repeating_it() {
    for (text, named) in [
        ("prot = 3000", "prot in"),
        ("prot = 3000", "there is no such setting. There are bind, port,"),
        ("port = \"x\"", "port in"),
        ("port = 3.5", "port in"),
        ("trusted_proxies = [1]", "trusted_proxies in"),
        ("port = 3000\ndatabase_url = \"postgres://u:hunter2@db", "line 2"),
        ("database_url = \"mysql://u:hunter2@db\"", "database_url in"),
    ] {
        let sentence = Sources::new(&[]).with_file("registrar.toml", text).sentence(false);
        assert!(sentence.contains(named), "{text}: {sentence}");
        assert!(!sentence.contains("hunter2"), "{sentence}");
    }
}

#[test]
fn a_demo_stays_on_this_machine() {
    let beyond: &[&[(&'static str, &str)]] = &[
        &[("BIND", "0.0.0.0")],
        &[("BIND", "192.0.2.1"), ("PUBLIC_URL", "https://registrar.example.cn")],
        &[("PUBLIC_URL", "https://registrar.example.cn")],
    ];
    for env in beyond {
        assert!(Sources::new(env).sentence(true).contains("this machine only"), "{env:?}");
    }
    for env in [&[][..], &[("BIND", "::1")], &[("PUBLIC_URL", "http://localhost:3000")]] {
        assert!(Sources::new(env).read(true).unwrap().demo, "{env:?}");
    }
    assert!(Sources::new(&[("DEMO", "true")]).read(false).unwrap().demo);
}

#[test]
fn who_listens_beyond_this_machine_must_say_the_address_people_type() {
    assert!(Sources::new(&[("BIND", "0.0.0.0")]).sentence(false).contains("PUBLIC_URL"));
    let config = Sources::new(&[("BIND", "0.0.0.0"), ("PUBLIC_URL", "https://registrar.example.cn")]).read(false).unwrap();
    assert!(config.https());
    assert_eq!(config.origin(config.listen), "https://registrar.example.cn");
}

#[test]
fn what_can_be_read_on_the_way_is_refused_beyond_this_machine_unless_it_is_allowed() {
    let remote = ("DATABASE_URL", "postgres://u:hunter2@db.example.cn/x?sslmode=require");
    let sentence = Sources::new(&[remote]).sentence(false);
    assert!(sentence.contains("sslmode=verify-full") && !sentence.contains("hunter2"), "{sentence}");
    assert!(Sources::new(&[remote, ("ALLOW_UNVERIFIED_DATABASE", "true")]).read(false).is_ok());
    assert!(Sources::new(&[("DATABASE_URL", "postgres://u:hunter2@127.0.0.1/x")]).read(false).is_ok());
    let plain = ("PUBLIC_URL", "http://registrar.example.cn");
    assert!(Sources::new(&[plain]).sentence(false).contains("https://"));
    assert!(Sources::new(&[plain, ("ALLOW_HTTP", "true")]).read(false).is_ok());
    assert!(Sources::new(&[("PUBLIC_URL", "http://localhost:3000")]).read(false).is_ok());
}

#[test]
fn nothing_secret_is_shown_with_the_settings() {
    let config = Sources::new(&[("DATABASE_URL", "postgres://u:hunter2@db/x?sslmode=verify-full")]).read(false).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[cfg(unix)]
#[test]
fn a_data_folder_that_everybody_can_look_into_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let sources = Sources::new(&[]);
    let mut config = sources.read(false).unwrap();
    config.data_dir = sources.folder.path().join("deep/data");
    let mode = |mode| fs::set_permissions(sources.folder.path().join("deep/data"), fs::Permissions::from_mode(mode)).unwrap();
    config.prepare_data_dir().unwrap();
    for (bits, fine) in [(0o700, true), (0o750, true), (0o755, false), (0o701, false)] {
        mode(bits);
        assert_eq!(config.prepare_data_dir().is_ok(), fine, "{bits:o}");
    }
    mode(0o755);
    assert!(config.prepare_data_dir().unwrap_err().to_string().contains("chmod 700"));
}

#[test]
fn the_built_files_are_found_from_the_folder_of_leptos_toml_and_from_the_variables_of_cargo_leptos() {
    let toml =
        "[leptos]\noutput-name = \"r\"\nsite-root = \"site\"\nsite-pkg-dir = \"p\"\nsite-addr = \"127.0.0.1:3333\"\nhash-files = true\n";
    let sources = Sources::new(&[]).with_file("Leptos.toml", toml);
    let here = sources.folder.path().to_owned();
    let config = sources.read(false).unwrap();
    assert_eq!(config.listen.port(), 3333);
    assert_eq!(config.leptos.site_root, here.join("site"));
    assert_eq!(config.leptos.hash_file, Some(here.join("hash.txt")));
    assert_eq!((config.leptos.output_name.as_str(), config.leptos.pkg_dir.as_str()), ("r", "p"));
    let env = [("LEPTOS_SITE_ROOT", "/elsewhere"), ("LEPTOS_HASH_FILES", "false"), ("LEPTOS_SITE_ADDR", "127.0.0.1:4444")];
    let config = Sources::new(&env).with_file("Leptos.toml", toml).read(false).unwrap();
    assert_eq!(config.leptos.site_root, Path::new("/elsewhere"));
    assert_eq!((config.leptos.hash_file, config.listen.port()), (None, 4444));
}

#[test]
fn leptos_toml_says_the_same_as_cargo_toml() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| toml::from_str::<toml::Table>(&fs::read_to_string(root.join(name)).unwrap()).unwrap();
    let (deployed, build) = (read("Leptos.toml"), read("Cargo.toml"));
    let build = build["workspace"]["metadata"]["leptos"][0].as_table().unwrap();
    // Values of the build that a deployed server does not need.
    let of_the_build = |key: &str| key.starts_with("bin-") || key.starts_with("lib-") || ["name", "tailwind-input-file"].contains(&key);
    let mut served = build.clone();
    served.retain(|key, _| !of_the_build(key));
    assert_eq!(deployed["leptos"].as_table().unwrap(), &served);
}

#[test]
fn the_example_file_is_read_and_names_every_setting() {
    let text = include_str!("../../registrar.example.toml");
    let sources = Sources::new(&[]).with_file("registrar.toml", text);
    sources.read(false).unwrap();
    // A setting that is only shown follows `#`.
    let set: String = text
        .lines()
        .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
        .flat_map(|line| [line, "\n"])
        .collect();
    let table: toml::Table = toml::from_str(&set).unwrap();
    let named: Vec<&str> = table.keys().map(String::as_str).collect();
    let mut known: Vec<&str> = values::SETTINGS.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(named, known);
    Sources::new(&[]).with_file("registrar.toml", &set).read(false).unwrap();
}
