//! Second factors: codes of an authenticator (TOTP, RFC 6238), each valid once.

use chrono::{DateTime, Utc};
use contract::ErrorCode;
use contract::auth::{NewSecondFactor, SecondFactorProof};
use entities::users::{ActiveModel, Column, Entity, Model, OBJECT};
use platform::audit::Event;
use platform::crypto::Sealed;
use platform::{Error, Result, Tx, Vault};
use qrcode::QrCode;
use qrcode::render::svg;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use totp_rs::{Builder, Secret, Totp};

/// The issuer that an authenticator displays.
const ISSUER: &str = "Baishe";
/// 160 bits, as RFC 4226 recommends.
const SECRET: usize = 20;

/// A secret that is not confirmed yet.
#[derive(Debug)]
pub struct SecondFactorBegun {
    sealed: Sealed,
    shown: NewSecondFactor,
}

fn authenticator(secret: Secret, account: &str) -> Result<Totp> {
    let totp = Builder::new().with_secret(secret).with_account_name(account).with_issuer(Some(ISSUER)).build();
    totp.map_err(Error::internal)
}

fn opened(vault: &Vault, user: &Model, sealed: &Sealed) -> Result<Totp> {
    let secret: String = vault.open(OBJECT, user.id, sealed)?;
    authenticator(Secret::try_from_base32(secret).map_err(Error::internal)?, &user.account)
}

/// The time step of a code: the current one, or one step of thirty seconds before or after, because clocks differ.
fn step_of(totp: &Totp, code: &str, now: DateTime<Utc>) -> Option<i64> {
    let now = u64::try_from(now.timestamp()).ok()?;
    totp.check(code, now).and_then(|step| i64::try_from(step).ok())
}

/// Makes a new secret for an authenticator.
pub fn make(vault: &Vault, user: &Model) -> Result<SecondFactorBegun> {
    let totp = authenticator(rand::random::<[u8; SECRET]>().to_vec().into(), &user.account)?;
    let (secret, uri) = (totp.secret().to_base32(), totp.to_url().map_err(Error::internal)?);
    let qr_svg = QrCode::new(&uri).map_err(Error::internal)?.render::<svg::Color>().min_dimensions(200, 200).build();
    Ok(SecondFactorBegun { sealed: vault.seal(OBJECT, user.id, &secret)?, shown: NewSecondFactor { secret, uri, qr_svg } })
}

/// Stores a new secret until it is confirmed, and returns it.
pub async fn begin(tx: &Tx, begun: SecondFactorBegun) -> Result<NewSecondFactor> {
    let columns = ActiveModel { second_factor_new: Set(Some(begun.sealed)), ..Default::default() };
    Entity::update_many().set(columns).filter(Column::Id.eq(tx.caller()?.user_id)).exec(&tx.connection).await?;
    Ok(begun.shown)
}

/// Activates a new secret, after a code has shown that the authenticator has it.
///
/// # Errors
/// A fault at `/verification_code`, also if no secret is waiting.
pub async fn confirm(tx: &Tx, proof: SecondFactorProof) -> Result<()> {
    let id = tx.caller()?.user_id;
    tx.hold::<Entity>(id).await?;
    let user = Entity::find_by_id(id).one(&tx.connection).await?.ok_or(ErrorCode::SessionEnded)?;
    let wrong = || Error::field("/verification_code", "second_factor_wrong");
    let sealed = user.second_factor_new.as_ref().ok_or_else(wrong)?;
    let step = step_of(&opened(&tx.vault, &user, sealed)?, &proof.verification_code, tx.now).ok_or_else(wrong)?;
    let columns = ActiveModel {
        second_factor: Set(Some(sealed.clone())),
        second_factor_new: Set(None),
        second_factor_step: Set(Some(step)),
        ..Default::default()
    };
    tx.write::<Entity>(id, user.version, columns).await?;
    tx.record(Event::of(OBJECT, id, "add_second_factor"), &(), &()).await
}

/// Whether a code is valid now, used before or not.
///
/// # Errors
/// `internal` if the secret cannot be opened.
pub fn fits(vault: &Vault, user: &Model, code: &str, now: DateTime<Utc>) -> Result<bool> {
    let Some(sealed) = &user.second_factor else { return Ok(false) };
    Ok(step_of(&opened(vault, user, sealed)?, code, now).is_some())
}

/// Uses up a code. Returns false if it is wrong or was used before: if two send the same code at once, the database admits one.
pub async fn take(tx: &Tx, user: &Model, code: &str) -> Result<bool> {
    let Some(sealed) = &user.second_factor else { return Ok(false) };
    let Some(step) = step_of(&opened(&tx.vault, user, sealed)?, code, tx.now) else { return Ok(false) };
    let taken = Entity::update_many()
        .col_expr(Column::SecondFactorStep, Expr::value(step))
        .filter(Column::Id.eq(user.id))
        .filter(Column::SecondFactor.is_not_null())
        .filter(Column::SecondFactorStep.is_null().or(Column::SecondFactorStep.lt(step)))
        .exec(&tx.connection)
        .await?;
    Ok(taken.rows_affected == 1)
}
