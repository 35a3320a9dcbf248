//! The authenticator on a person's phone.

use serde_json::json;
use totp_rs::{Builder, Secret, Totp};

use super::client::Client;
use super::server::TestApp;
use super::world::PASSWORD;

pub struct Authenticator(Totp);

impl Authenticator {
    /// An authenticator with a given key.
    pub fn of(secret: &str) -> Self {
        let secret = Secret::try_from_base32(secret).expect("base32");
        Self(Builder::new().with_secret(secret).with_account_name("a").build().expect("an authenticator"))
    }

    /// An authenticator that a signed-in person has added.
    pub async fn add(app: &TestApp, client: &Client) -> Self {
        let begun = client.post("/me/second-factor", json!({ "current_password": PASSWORD })).await.is(200);
        let secret = begun["secret"].as_str().expect("a secret");
        assert!(begun["uri"].as_str().is_some_and(|uri| uri.starts_with("otpauth://totp/Baishe:") && uri.contains(secret)));
        let authenticator = Self::of(secret);
        let proof = json!({ "verification_code": authenticator.code(app, 0) });
        client.put("/me/second-factor", proof.clone()).await.is(204);
        // The confirmation is used up.
        client.put("/me/second-factor", proof).await.fault("/verification_code", "second_factor_wrong");
        authenticator
    }

    /// The code that it displays this many seconds from now.
    pub fn code(&self, app: &TestApp, later: i64) -> String {
        self.0.generate((app.clock.now().timestamp() + later).unsigned_abs()).to_string()
    }

    pub fn secret(&self) -> String {
        self.0.secret().to_base32()
    }
}
