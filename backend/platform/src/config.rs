//! Configuration: defaults, then `baishe.toml`, then the environment. It is checked before anything starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Everything that an operator can set. In the environment each name is in capitals with the prefix `BAISHE_`. The database may
/// also be given as `DATABASE_URL`.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    /// `sqlite://path` or `postgres://…`; by default a file in the data directory.
    pub database_url: Option<SecretString>,
    /// The file with the password for a `postgres://` address that has none, for deployments whose secrets are files.
    pub database_password_file: Option<PathBuf>,
    /// The directory of all files: database, attachments, keys.
    pub data_dir: PathBuf,
    /// The address and port of app and API.
    pub bind: SocketAddr,
    /// The address and port of `/metrics`; none to switch them off.
    pub metrics_bind: Option<SocketAddr>,
    /// The address of the OpenTelemetry collector for the spans of requests (OTLP over HTTP); none to send nothing. The
    /// environment variable has the same name without the prefix.
    pub otel_exporter_otlp_endpoint: Option<String>,
    /// The directory of the built app; none if a proxy serves it.
    pub spa_dir: Option<PathBuf>,
    /// The directory of the signing keys of access tokens, Ed25519 in PEM. The last name signs. By default `keys` in the data
    /// directory.
    pub keys_dir: Option<PathBuf>,
    /// The filter of the log, in the syntax of `tracing`'s `EnvFilter`.
    pub log: String,
    pub log_format: LogFormat,
    /// Whether the refresh cookie is for HTTPS only. Switch it off only for loopback, or deliberately for an intranet
    /// without TLS.
    pub secure_cookies: bool,
    /// Whether to trust the next hop's `X-Forwarded-For`. Set it only behind a proxy of your own.
    pub trust_proxy: bool,
    /// Whether the demo accounts, whose passwords are published, may be loaded and used.
    pub allow_demo: bool,
    /// Whether bureaus, administrators and auditors must have a second factor (TOTP). Demo accounts need none.
    pub require_second_factor: bool,
    /// Whether the duties of administrators are separated (三员分立): system administrators manage accounts and cannot read the audit
    /// trail, only security administrators confirm, and auditors only read.
    pub separate_duties: bool,
    /// Connections to PostgreSQL, or readers of SQLite.
    pub max_connections: u32,
    /// Requests that one caller may send to each process in a minute. A caller is an account, or an address if nobody is signed
    /// in. 0 means no limit.
    pub rate_limit: u32,
    /// Requests worked on at once. Further ones are refused immediately.
    pub max_requests: usize,
    /// Months after which a family that was lifted out of difficulty is anonymised.
    pub keep_lifted_months: u32,
    /// Months after which a family that has withdrawn its consent is anonymised.
    pub keep_withdrawn_months: u32,
    /// Days after which an unused session ends.
    pub session_idle_days: u32,
    /// Days after which a session ends, however much it is used.
    pub session_days: u32,
    /// Sessions that an account may have. When another begins, the least recently used one ends.
    pub sessions: u32,
    /// Where to report security vulnerabilities, as `mailto:`, `https://` or `tel:`; none to publish no `security.txt`.
    pub security_contact: Option<String>,
    /// Worker threads; by default one for each core.
    pub workers: Option<usize>,
}

/// Format of the log.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Json,
    Pretty,
}

#[derive(Serialize)]
struct Defaults {
    data_dir: &'static str,
    bind: &'static str,
    log: &'static str,
    log_format: LogFormat,
    secure_cookies: bool,
    trust_proxy: bool,
    allow_demo: bool,
    require_second_factor: bool,
    separate_duties: bool,
    max_connections: u32,
    rate_limit: u32,
    max_requests: usize,
    keep_lifted_months: u32,
    keep_withdrawn_months: u32,
    session_idle_days: u32,
    session_days: u32,
    sessions: u32,
}

impl Config {
    /// Reads and checks the configuration.
    ///
    /// # Errors
    /// A message for the operator if a setting is unreadable, unknown or contradictory.
    pub fn load() -> Result<Self, String> {
        let defaults = Defaults {
            data_dir: "data",
            bind: "127.0.0.1:8080",
            log: "info",
            log_format: LogFormat::Json,
            secure_cookies: true,
            trust_proxy: false,
            allow_demo: false,
            require_second_factor: true,
            separate_duties: false,
            max_connections: 16,
            rate_limit: 1200,
            max_requests: 512,
            keep_lifted_months: 36,
            keep_withdrawn_months: 6,
            session_idle_days: 14,
            session_days: 90,
            sessions: 20,
        };
        let mut config: Self = Figment::from(Serialized::defaults(defaults))
            .merge(Toml::file("baishe.toml"))
            .merge(Env::raw().only(&["DATABASE_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"]))
            .merge(Env::prefixed("BAISHE_"))
            .extract()
            .map_err(|error| error.to_string())?;
        config.check()?;
        config.take_password()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let url = self.database_url();
        if !url.starts_with("sqlite:") && !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err("DATABASE_URL must begin with sqlite: or postgres://".to_owned());
        }
        if self.allow_demo && self.secure_cookies {
            return Err(
                "allow_demo publishes passwords and cannot go with secure_cookies, which says this is for real".to_owned()
            );
        }
        if self.otel_exporter_otlp_endpoint.as_ref().is_some_and(|collector| !collector.starts_with("http://")) {
            return Err("otel_exporter_otlp_endpoint must begin with http://: the collector stands beside the service".to_owned());
        }
        if self.max_connections == 0 {
            return Err("max_connections must be at least 1".to_owned());
        }
        if !(1..=100_000).contains(&self.max_requests) {
            return Err("max_requests must be between 1 and 100000".to_owned());
        }
        if !(1..=365).contains(&self.session_idle_days) || !(1..=365).contains(&self.session_days) {
            return Err("session_idle_days and session_days must be between 1 and 365".to_owned());
        }
        if !(1..=100).contains(&self.sessions) {
            return Err("sessions must be between 1 and 100".to_owned());
        }
        if let Some(contact) = &self.security_contact {
            let known = ["mailto:", "https://", "tel:"].iter().any(|scheme| contact.starts_with(scheme));
            if !known || !contact.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err("security_contact must begin with mailto:, https:// or tel:, and have no spaces".to_owned());
            }
        }
        Ok(())
    }

    fn take_password(&mut self) -> Result<(), String> {
        let Some(file) = &self.database_password_file else { return Ok(()) };
        let password = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let url = with_password(&self.database_url(), password.trim_end_matches(['\r', '\n']));
        self.database_url = Some(url.ok_or("database_password_file goes with postgres://user@host/… without a password")?.into());
        Ok(())
    }

    /// The address of the database.
    pub fn database_url(&self) -> String {
        match &self.database_url {
            Some(url) => url.expose_secret().to_owned(),
            None => format!("sqlite://{}", self.data_dir.join("baishe.db").display()),
        }
    }

    /// The directory of the signing keys.
    pub fn keys_dir(&self) -> PathBuf {
        self.keys_dir.clone().unwrap_or_else(|| self.data_dir.join("keys"))
    }
}

/// Inserts a password into the address, whatever characters it has.
fn with_password(url: &str, password: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| scheme.starts_with("postgres"))?;
    let (user, host) = rest.split_once('@').filter(|(user, _)| !user.contains([':', '/']))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escaped: String =
        password.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect();
    Some(format!("{scheme}://{user}:{escaped}@{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_documented_and_passed_on_to_the_containers() {
        let source = include_str!("config.rs").lines().skip_while(|line| !line.starts_with("pub struct Config"));
        let fields = source.take_while(|line| *line != "}").filter_map(|line| line.strip_prefix("    pub ")?.split_once(':'));
        let named = |(field, _): (&str, &str)| match field {
            "database_url" | "otel_exporter_otlp_endpoint" => field.to_ascii_uppercase(),
            _ => format!("BAISHE_{}", field.to_ascii_uppercase()),
        };
        let settings: Vec<_> = fields.map(named).collect();
        assert!(settings.len() > 20, "{settings:?}");
        let (readme, compose) = (include_str!("../../../README.md"), include_str!("../../../docker-compose.yml"));
        // The containers set these: they have folders of their own, and reach nobody outside.
        let fixed = ["BAISHE_SPA_DIR", "BAISHE_KEYS_DIR", "OTEL_EXPORTER_OTLP_ENDPOINT"];
        for setting in &settings {
            assert!(readme.contains(&format!("`{setting}`")), "the README lacks {setting}");
            let passed_on = compose.lines().any(|line| line.trim_start().starts_with(&format!("{setting}:")));
            assert_ne!(passed_on, fixed.contains(&setting.as_str()), "docker-compose.yml and {setting}");
        }
    }

    #[test]
    fn a_password_of_any_characters_goes_into_the_address() {
        let of = |url| with_password(url, "a/b:c@d%é");
        assert_eq!(of("postgres://baishe@database/baishe").unwrap(), "postgres://baishe:a%2Fb%3Ac%40d%25%C3%A9@database/baishe");
        assert_eq!(of("postgres://database/baishe"), None);
        assert_eq!(of("postgres://baishe:other@database/baishe"), None);
        assert_eq!(of("sqlite://data/baishe.db"), None);
    }
}
