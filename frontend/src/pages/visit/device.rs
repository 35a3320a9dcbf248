//! What this device stores for an account, so that it can work offline: in IndexedDB, sealed.
//!
//! Everything is encrypted with AES-GCM and bound to its name, with a key for each account that scripts cannot export. Other
//! accounts on the same device can neither find nor open it. This requires a browser with a cipher: over TLS, or on the machine
//! itself.
//!
//! iOS drops the connections of pages in the background, and everything over them fails afterwards. A connection that fails is
//! opened again.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use contract::auth::Account;
use futures::channel::oneshot;
use leptos::prelude::window;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Array, Date, Function, Promise, Uint8Array};
use web_sys::{
    AesGcmParams, AesKeyGenParams, CryptoKey, DomException, IdbDatabase, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction,
    IdbTransactionMode, SubtleCrypto,
};

use crate::dom;
use crate::i18n::{Text, texts};

const DATABASE: &str = "baishe";
/// Keys, by account.
const KEYS: &str = "keys";
/// Sealed values, by account and name.
const SEALED: &str = "sealed";
/// In the store of keys: the account that opens the app offline.
const LAST: &str = "last";
/// The name of the account's data as it was last online.
const ACCOUNT: &str = "account";
/// In the browser's other storage: whether there is a database. If nobody enters visits, none is created or opened.
const MADE: &str = "baishe.device";
/// The length in bytes of a nonce, which precedes the sealed value.
const NONCE: usize = 12;
const MS_A_DAY: f64 = 86_400_000.0;

/// The data of an account on this device.
#[derive(Clone)]
pub struct Device {
    account: Uuid,
    open: Rc<RefCell<Open>>,
}

/// A connection to the database, and the key in it.
#[derive(Clone)]
struct Open {
    database: IdbDatabase,
    key: CryptoKey,
}

/// Why a value cannot be stored or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotKept {
    /// The browser has no cipher, or forbids storage.
    Forbidden,
    /// There is no space.
    Full,
    /// The browser cannot access its storage now, not even over a new connection.
    Shut,
    /// The value exists, but cannot be opened.
    Damaged,
}

impl NotKept {
    /// The meaning of an error with this name.
    fn of(error: &str) -> Self {
        match error {
            "QuotaExceededError" => Self::Full,
            "SecurityError" | "NotSupportedError" => Self::Forbidden,
            // A value in a file of the browser that is gone, or a seal that does not fit.
            "DataError" | "NotReadableError" | "OperationError" => Self::Damaged,
            _ => Self::Shut,
        }
    }

    fn because(error: Option<DomException>) -> Self {
        error.map_or(Self::Shut, |error| Self::of(&error.name()))
    }

    /// The message for a person who wants to store something.
    pub fn words(self) -> Text {
        match self {
            Self::Forbidden => texts::visit::NO_DEVICE,
            Self::Full => texts::visit::NOT_KEPT,
            Self::Shut | Self::Damaged => texts::visit::NOT_KEPT_NOW,
        }
    }
}

impl From<JsValue> for NotKept {
    fn from(error: JsValue) -> Self {
        Self::because(error.dyn_into().ok())
    }
}

/// The account, and when it was like this by the device's clock.
#[derive(Serialize, Deserialize)]
struct KeptAccount {
    account: Account,
    at: f64,
}

impl Device {
    /// The data of an account on this device, if there is any.
    pub async fn known(account: Uuid) -> Result<Option<Self>, NotKept> {
        if dom::stored(dom::local_storage(), MADE).is_none() {
            return Ok(None);
        }
        let database = open().await?;
        let key = key(&database, account).await?;
        Ok(key.map(|key| Self { account, open: Rc::new(RefCell::new(Open { database, key })) }))
    }

    /// The data of an account, created if there is none.
    pub async fn open(account: Uuid) -> Result<Self, NotKept> {
        if let Some(known) = Self::known(account).await? {
            return Ok(known);
        }
        let fresh = new_key().await?;
        let database = open().await?;
        // Set only once the database exists, since a page that loads meanwhile would wait for it.
        dom::store(dom::local_storage(), MADE, "1");
        let key = key_or(&database, account, &fresh).await?;
        Ok(Self { account, open: Rc::new(RefCell::new(Open { database, key })) })
    }

    /// The account to which it belongs.
    pub fn account(&self) -> Uuid {
        self.account
    }

    /// Works with the database, and tries again over a new connection if this one is dead.
    async fn with<T>(&self, work: impl AsyncFn(Open) -> Result<T, NotKept>) -> Result<T, NotKept> {
        let before = self.open.borrow().clone();
        match work(before.clone()).await {
            Err(NotKept::Shut) => {}
            done => return done,
        }
        let database = open().await?;
        // The browser may have deleted the database with the connection. What is sealed from now on needs a key that is stored.
        let key = key_or(&database, self.account, &before.key).await?;
        let fresh = Open { database, key };
        self.open.replace(fresh.clone());
        work(fresh).await
    }

    /// Stores the account itself, which then opens the app offline.
    pub async fn remember(&self, account: &Account) -> Result<(), NotKept> {
        self.write(ACCOUNT, &KeptAccount { account: account.clone(), at: Date::now() }).await?;
        let own = JsValue::from(self.account.to_string());
        self.with(async |open: Open| put(&open.database, KEYS, LAST, &own).await).await
    }

    fn place(&self, name: &str) -> String {
        format!("{}/{name}", self.account)
    }

    /// The value under a name, if there is one.
    pub async fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, NotKept> {
        let bytes = self.read_bytes(name).await?;
        bytes.map(|bytes| serde_json::from_slice(&bytes).map_err(|_| NotKept::Damaged)).transpose()
    }

    /// The bytes under a name, if there are any.
    pub async fn read_bytes(&self, name: &str) -> Result<Option<Vec<u8>>, NotKept> {
        let place = self.place(name);
        let unseal = async |open: Open| -> Result<Option<Vec<u8>>, NotKept> {
            let found = get(&open.database, SEALED, &place).await?;
            if found.is_undefined() {
                return Ok(None);
            }
            let sealed = found.dyn_into::<Uint8Array>().map_err(|_| NotKept::Damaged)?;
            let how = cipher(&sealed.subarray(0, NONCE as u32), &place);
            let sealed = sealed.subarray(NONCE as u32, sealed.length());
            let opened = subtle()?.decrypt_with_object_and_buffer_source(&how, &open.key, &sealed)?;
            let opened = JsFuture::from(opened).await.map_err(|_| NotKept::Damaged)?;
            Ok(Some(Uint8Array::new(&opened).to_vec()))
        };
        self.with(unseal).await
    }

    /// Stores a value under a name, and returns once it is stored.
    pub async fn write(&self, name: &str, value: &impl Serialize) -> Result<(), NotKept> {
        self.write_bytes(name, &serde_json::to_vec(value).map_err(|_| NotKept::Damaged)?).await
    }

    /// The same for bytes.
    pub async fn write_bytes(&self, name: &str, bytes: &[u8]) -> Result<(), NotKept> {
        let place = self.place(name);
        let bytes = Uint8Array::from(bytes);
        let seal = async |open: Open| {
            let nonce = Uint8Array::new_with_length(NONCE as u32);
            window().crypto()?.get_random_values_with_array_buffer_view(&nonce)?;
            let sealed = subtle()?.encrypt_with_object_and_buffer_source(&cipher(&nonce, &place), &open.key, &bytes)?;
            let sealed = Uint8Array::new(&JsFuture::from(sealed).await?);
            let whole = Uint8Array::new_with_length(NONCE as u32 + sealed.length());
            whole.set(&nonce, 0);
            whole.set(&sealed, NONCE as u32);
            put(&open.database, SEALED, &place, &whole).await
        };
        self.with(seal).await
    }

    /// The names with this prefix, in order.
    pub async fn names(&self, prefix: &str) -> Result<Vec<String>, NotKept> {
        let own = self.place("");
        let keys = async |open: Open| {
            let (store, _) = store(&open.database, SEALED, IdbTransactionMode::Readonly)?;
            succeeded(&store.get_all_keys_with_key(&range(&self.place(prefix))?)?).await
        };
        let keys = Array::from(&self.with(keys).await?);
        Ok(keys.iter().filter_map(|key| Some(key.as_string()?.strip_prefix(&own)?.to_owned())).collect())
    }

    /// Deletes everything whose name has this prefix.
    pub async fn forget(&self, prefix: &str) -> Result<(), NotKept> {
        let range = range(&self.place(prefix))?;
        let delete = async |open: Open| {
            let (store, transaction) = store(&open.database, SEALED, IdbTransactionMode::Readwrite)?;
            store.delete(&range)?;
            completed(&transaction).await
        };
        self.with(delete).await
    }

    /// Signs the account out. Values whose names begin with one of `keep`, because they were not uploaded, stay sealed for its
    /// return. If there are none, nothing stays, and neither does the key.
    pub async fn leave(&self, keep: &[String]) -> Result<(), NotKept> {
        let (kept, gone): (Vec<_>, Vec<_>) =
            self.names("").await?.into_iter().partition(|name| keep.iter().any(|prefix| name.starts_with(prefix)));
        for name in gone {
            self.forget(&name).await?;
        }
        let forget = async |open: Open| {
            let (store, transaction) = store(&open.database, KEYS, IdbTransactionMode::Readwrite)?;
            store.delete(&LAST.into())?;
            if kept.is_empty() {
                store.delete(&self.account.to_string().into())?;
            }
            completed(&transaction).await
        };
        self.with(forget).await
    }
}

/// The account that opens the app offline, with today's date.
pub async fn last_account() -> Option<Account> {
    dom::stored(dom::local_storage(), MADE)?;
    let database = open().await.ok()?;
    let id = get(&database, KEYS, LAST).await.ok()?.as_string()?;
    let KeptAccount { mut account, at } = Device::known(id.parse().ok()?).await.ok()??.read(ACCOUNT).await.ok()??;
    // The service's clock may show another day than the device's, so add the days that have passed. Days begin in Jinjiang's time
    // zone.
    let day = |at: f64| ((at + 8.0 * 3_600_000.0) / MS_A_DAY).floor();
    let passed = (day(Date::now()) - day(at)).max(0.0) as u64;
    account.today = account.today.checked_add_days(chrono::Days::new(passed))?;
    Some(account)
}

/// Records that another account has signed in. The app no longer opens offline for any other.
pub async fn belong_to(account: Uuid) {
    if dom::stored(dom::local_storage(), MADE).is_none() {
        return;
    }
    let forget = async || -> Result<(), NotKept> {
        let database = open().await?;
        let last = get(&database, KEYS, LAST).await?.as_string();
        if last.is_none_or(|last| last == account.to_string()) {
            return Ok(());
        }
        let (store, transaction) = store(&database, KEYS, IdbTransactionMode::Readwrite)?;
        store.delete(&LAST.into())?;
        completed(&transaction).await
    };
    let _ = forget().await;
}

/// Makes the browser store the app's own files, so that it opens offline.
pub fn keep_app() {
    let _ = window().navigator().service_worker().register("/worker.js");
}

#[wasm_bindgen]
extern "C" {
    /// Web Locks, which `web_sys` considers unstable.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request_lock(name: &str, work: &Function) -> Result<Promise, JsValue>;
}

/// Does something while no other tab does. Browsers without locks do it anyway, since the service accepts nothing twice.
pub async fn alone<T>(name: &str, work: impl Future<Output = T>) -> T {
    let (taken, wait) = oneshot::channel::<()>();
    let end = Cell::new(None);
    let held = Promise::new(&mut |resolve, _| end.set(Some(resolve)));
    let take = Closure::once(move || {
        let _ = taken.send(());
        held
    });
    if request_lock(name, take.as_ref().unchecked_ref()).is_ok() {
        let _ = wait.await;
    }
    let done = work.await;
    if let Some(end) = end.take() {
        let _ = end.call0(&JsValue::NULL);
    }
    done
}

/// Asks the browser not to delete data when space runs out, or after a week without visits. It may refuse.
pub fn ask_to_stay() {
    let _ = window().navigator().storage().persist();
}

fn subtle() -> Result<SubtleCrypto, NotKept> {
    let crypto = window().crypto().map_err(|_| NotKept::Forbidden)?;
    Some(crypto.subtle()).filter(|subtle| subtle.is_object()).ok_or(NotKept::Forbidden)
}

/// The key of an account.
async fn key(database: &IdbDatabase, account: Uuid) -> Result<Option<CryptoKey>, NotKept> {
    Ok(get(database, KEYS, &account.to_string()).await?.dyn_into().ok())
}

/// The key of an account, or else `fresh`, which is then stored.
async fn key_or(database: &IdbDatabase, account: Uuid, fresh: &CryptoKey) -> Result<CryptoKey, NotKept> {
    if let Some(key) = key(database, account).await? {
        return Ok(key);
    }
    let (store, transaction) = store(database, KEYS, IdbTransactionMode::Readwrite)?;
    // If two tabs do this at once, the first one's key serves both.
    let _ = store.add_with_key(fresh, &account.to_string().into());
    let _ = completed(&transaction).await;
    key(database, account).await?.ok_or(NotKept::Shut)
}

async fn new_key() -> Result<CryptoKey, NotKept> {
    let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
    let how = AesKeyGenParams::new("AES-GCM", 256);
    let made = subtle()?.generate_key_with_object(&how, false, &uses)?;
    JsFuture::from(made).await?.dyn_into().map_err(NotKept::from)
}

/// The cipher for the value at a place. In another place it cannot be opened.
fn cipher(nonce: &Uint8Array, place: &str) -> AesGcmParams {
    let how = AesGcmParams::new_with_u8_array("AES-GCM", nonce);
    how.set_additional_data_u8_array(&Uint8Array::from(place.as_bytes()));
    how
}

async fn open() -> Result<IdbDatabase, NotKept> {
    let request = window().indexed_db()?.ok_or(NotKept::Forbidden)?.open_with_u32(DATABASE, 1)?;
    let opening = request.clone();
    let make = Closure::once(move || {
        let made = opening.result().ok().and_then(|database| database.dyn_into::<IdbDatabase>().ok());
        if let Some(database) = made {
            let _ = database.create_object_store(KEYS);
            let _ = database.create_object_store(SEALED);
        }
    });
    request.set_onupgradeneeded(Some(make.as_ref().unchecked_ref()));
    let database: IdbDatabase = succeeded(&request).await?.dyn_into()?;
    // Closes this connection for whoever deletes the database, so that they need not wait for this page, which opens another.
    let thrown = database.clone();
    database.set_onversionchange(Some(Closure::once_into_js(move || thrown.close()).unchecked_ref()));
    Ok(database)
}

fn store(database: &IdbDatabase, name: &str, mode: IdbTransactionMode) -> Result<(IdbObjectStore, IdbTransaction), JsValue> {
    let transaction = database.transaction_with_str_and_mode(name, mode)?;
    Ok((transaction.object_store(name)?, transaction))
}

async fn get(database: &IdbDatabase, name: &str, key: &str) -> Result<JsValue, NotKept> {
    let (store, _) = store(database, name, IdbTransactionMode::Readonly)?;
    succeeded(&store.get(&key.into())?).await
}

async fn put(database: &IdbDatabase, name: &str, key: &str, value: &JsValue) -> Result<(), NotKept> {
    let (store, transaction) = store(database, name, IdbTransactionMode::Readwrite)?;
    store.put_with_key(value, &key.into())?;
    completed(&transaction).await
}

/// The range of all keys with this prefix.
fn range(prefix: &str) -> Result<JsValue, JsValue> {
    IdbKeyRange::bound(&prefix.into(), &format!("{prefix}\u{ffff}").into()).map(Into::into)
}

async fn succeeded(request: &IdbRequest) -> Result<JsValue, NotKept> {
    let ended = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(ended).await {
        Ok(_) => Ok(request.result()?),
        Err(_) => Err(NotKept::because(request.error().ok().flatten())),
    }
}

async fn completed(transaction: &IdbTransaction) -> Result<(), NotKept> {
    let ended = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    JsFuture::from(ended).await.map(drop).map_err(|_| NotKept::because(transaction.error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_fits_the_cause() {
        let words = |error: &str| NotKept::of(error).words();
        assert_eq!(words("QuotaExceededError"), texts::visit::NOT_KEPT);
        assert_eq!(words("SecurityError"), texts::visit::NO_DEVICE);
        // Errors of a connection that the browser has dropped, and of requests and transactions that ended with it.
        for dropped in ["InvalidStateError", "UnknownError", "AbortError", "TransactionInactiveError"] {
            assert_eq!(NotKept::of(dropped), NotKept::Shut, "{dropped}");
            assert!(!words(dropped).zh.contains("空间不足"), "{dropped}");
        }
        assert_eq!(NotKept::of("DataError"), NotKept::Damaged);
    }
}
