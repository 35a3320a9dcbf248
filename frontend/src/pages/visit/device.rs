//! What this device keeps for an account, so that it can work without a connection: in IndexedDB, sealed.
//!
//! Everything is sealed by AES-GCM, bound to its name, under a key for each account that no script can read out. Other accounts on the same device
//! neither find nor open it. It works where the browser has a cipher: over TLS, and on the machine itself.

use std::cell::Cell;
use std::future::Future;

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
    AesGcmParams, AesKeyGenParams, CryptoKey, IdbDatabase, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction,
    IdbTransactionMode, SubtleCrypto,
};

use crate::dom;

const DATABASE: &str = "baishe";
/// Keys, by account.
const KEYS: &str = "keys";
/// What is sealed, by account and name.
const SEALED: &str = "sealed";
/// Among the keys: which account opens the app without a connection.
const LAST: &str = "last";
/// Name of the account, as it was when there was a connection.
const ACCOUNT: &str = "account";
/// In the browser's other storage: that there is a database. Where nobody enters visits none is made, and none is asked for.
const MADE: &str = "baishe.device";
/// Bytes of a nonce, which stand before what is sealed.
const NONCE: usize = 12;
const MS_A_DAY: f64 = 86_400_000.0;

/// What an account has on this device.
#[derive(Clone)]
pub struct Device {
    database: IdbDatabase,
    key: CryptoKey,
    account: Uuid,
}

/// Why something is not kept: no room, or a browser that forbids it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotKept;

impl From<JsValue> for NotKept {
    fn from(_: JsValue) -> Self {
        Self
    }
}

/// The account, and when by the device's clock it was so.
#[derive(Serialize, Deserialize)]
struct KeptAccount {
    account: Account,
    at: f64,
}

impl Device {
    /// What an account has here, if it has anything.
    pub async fn known(account: Uuid) -> Option<Self> {
        dom::stored(dom::local_storage(), MADE)?;
        let database = open().await.ok()?;
        let key = get(&database, KEYS, &account.to_string()).await.ok()?.dyn_into().ok()?;
        Some(Self { database, key, account })
    }

    /// A place for an account. None where the browser has none, or no cipher.
    pub async fn open(account: Uuid) -> Option<Self> {
        if let Some(known) = Self::known(account).await {
            return Some(known);
        }
        let key = new_key().await.ok()?;
        let database = open().await.ok()?;
        // Not before it is there: a page that is loaded meanwhile would wait for it.
        dom::store(dom::local_storage(), MADE, "1");
        let (store, transaction) = store(&database, KEYS, IdbTransactionMode::Readwrite).ok()?;
        // Of two tabs at once the first makes the key of both.
        let _ = store.add_with_key(&key, &account.to_string().into());
        let _ = completed(&transaction).await;
        Self::known(account).await
    }

    /// Keeps the account itself, which from then on opens the app without a connection.
    pub async fn remember(&self, account: &Account) -> Result<(), NotKept> {
        self.write(ACCOUNT, &KeptAccount { account: account.clone(), at: Date::now() }).await?;
        put(&self.database, KEYS, LAST, &self.account.to_string().into()).await
    }

    fn place(&self, name: &str) -> String {
        format!("{}/{name}", self.account)
    }

    /// What is kept under a name.
    pub async fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_slice(&self.read_bytes(name).await?).ok()
    }

    /// The same, of what is not JSON.
    pub async fn read_bytes(&self, name: &str) -> Option<Vec<u8>> {
        let place = self.place(name);
        let sealed = get(&self.database, SEALED, &place).await.ok()?.dyn_into::<Uint8Array>().ok()?;
        let how = cipher(&sealed.subarray(0, NONCE as u32), &place);
        let sealed = sealed.subarray(NONCE as u32, sealed.length());
        let opened = subtle()?.decrypt_with_object_and_buffer_source(&how, &self.key, &sealed).ok()?;
        Some(Uint8Array::new(&JsFuture::from(opened).await.ok()?).to_vec())
    }

    /// Keeps something under a name; it is there when this returns.
    pub async fn write(&self, name: &str, value: &impl Serialize) -> Result<(), NotKept> {
        self.write_bytes(name, &serde_json::to_vec(value).map_err(|_| NotKept)?).await
    }

    /// The same, of what is not JSON.
    pub async fn write_bytes(&self, name: &str, bytes: &[u8]) -> Result<(), NotKept> {
        let place = self.place(name);
        let nonce = Uint8Array::new_with_length(NONCE as u32);
        window().crypto()?.get_random_values_with_array_buffer_view(&nonce)?;
        let bytes = Uint8Array::from(bytes);
        let subtle = subtle().ok_or(NotKept)?;
        let sealed = subtle.encrypt_with_object_and_buffer_source(&cipher(&nonce, &place), &self.key, &bytes)?;
        let sealed = Uint8Array::new(&JsFuture::from(sealed).await?);
        let whole = Uint8Array::new_with_length(NONCE as u32 + sealed.length());
        whole.set(&nonce, 0);
        whole.set(&sealed, NONCE as u32);
        put(&self.database, SEALED, &place, &whole).await
    }

    /// The names that begin so, in their order.
    pub async fn names(&self, prefix: &str) -> Vec<String> {
        let own = self.place("");
        let keys = async || {
            let (store, _) = store(&self.database, SEALED, IdbTransactionMode::Readonly)?;
            succeeded(&store.get_all_keys_with_key(&range(&self.place(prefix))?)?).await
        };
        let keys = keys().await.map(|keys| Array::from(&keys)).unwrap_or_default();
        keys.iter().filter_map(|key| Some(key.as_string()?.strip_prefix(&own)?.to_owned())).collect()
    }

    /// Forgets everything whose name begins so.
    pub async fn forget(&self, prefix: &str) -> Result<(), NotKept> {
        let (store, transaction) = store(&self.database, SEALED, IdbTransactionMode::Readwrite)?;
        store.delete(&range(&self.place(prefix))?)?;
        completed(&transaction).await
    }

    /// The account leaves. What was not sent stays, sealed, for when it comes back; without that nothing stays, the key neither.
    pub async fn leave(&self, keep: &str) -> Result<(), NotKept> {
        let kept = self.names(keep).await;
        for name in self.names("").await.iter().filter(|name| !kept.contains(name)) {
            self.forget(name).await?;
        }
        let (store, transaction) = store(&self.database, KEYS, IdbTransactionMode::Readwrite)?;
        store.delete(&LAST.into())?;
        if kept.is_empty() {
            store.delete(&self.account.to_string().into())?;
        }
        completed(&transaction).await
    }
}

/// The account that opens the app without a connection, with the day that it is by now.
pub async fn last_account() -> Option<Account> {
    dom::stored(dom::local_storage(), MADE)?;
    let database = open().await.ok()?;
    let id = get(&database, KEYS, LAST).await.ok()?.as_string()?;
    let KeptAccount { mut account, at } = Device::known(id.parse().ok()?).await?.read(ACCOUNT).await?;
    // The service's clock may show another day than the device's: what has passed is added. Days begin where the business is.
    let day = |at: f64| ((at + 8.0 * 3_600_000.0) / MS_A_DAY).floor();
    let passed = (day(Date::now()) - day(at)).max(0.0) as u64;
    account.today = account.today.checked_add_days(chrono::Days::new(passed))?;
    Some(account)
}

/// Another account has signed in: the app opens without a connection for nobody else any more.
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

/// Has the browser keep the app's own files, so that it opens without a connection.
pub fn keep_app() {
    let _ = window().navigator().service_worker().register("/worker.js");
}

#[wasm_bindgen]
extern "C" {
    /// Web Locks: `web_sys` counts them as unstable.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request_lock(name: &str, work: &Function) -> Result<Promise, JsValue>;
}

/// Does something while no other tab does. Browsers without locks do it all the same: the service takes nothing twice.
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

fn subtle() -> Option<SubtleCrypto> {
    window().crypto().ok().map(|crypto| crypto.subtle()).filter(|subtle| subtle.is_object())
}

async fn new_key() -> Result<JsValue, NotKept> {
    let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
    let how = AesKeyGenParams::new("AES-GCM", 256);
    let made = subtle().ok_or(NotKept)?.generate_key_with_object(&how, false, &uses)?;
    Ok(JsFuture::from(made).await?)
}

/// The cipher for what has a place: in another one it does not open.
fn cipher(nonce: &Uint8Array, place: &str) -> AesGcmParams {
    let how = AesGcmParams::new_with_u8_array("AES-GCM", nonce);
    how.set_additional_data_u8_array(&Uint8Array::from(place.as_bytes()));
    how
}

async fn open() -> Result<IdbDatabase, NotKept> {
    let request = window().indexed_db()?.ok_or(NotKept)?.open_with_u32(DATABASE, 1)?;
    let opening = request.clone();
    let make = Closure::once(move || {
        let made = opening.result().ok().and_then(|database| database.dyn_into::<IdbDatabase>().ok());
        if let Some(database) = made {
            let _ = database.create_object_store(KEYS);
            let _ = database.create_object_store(SEALED);
        }
    });
    request.set_onupgradeneeded(Some(make.as_ref().unchecked_ref()));
    succeeded(&request).await?.dyn_into().map_err(NotKept::from)
}

fn store(database: &IdbDatabase, name: &str, mode: IdbTransactionMode) -> Result<(IdbObjectStore, IdbTransaction), JsValue> {
    let transaction = database.transaction_with_str_and_mode(name, mode)?;
    Ok((transaction.object_store(name)?, transaction))
}

async fn get(database: &IdbDatabase, name: &str, key: &str) -> Result<JsValue, JsValue> {
    let (store, _) = store(database, name, IdbTransactionMode::Readonly)?;
    succeeded(&store.get(&key.into())?).await
}

async fn put(database: &IdbDatabase, name: &str, key: &str, value: &JsValue) -> Result<(), NotKept> {
    let (store, transaction) = store(database, name, IdbTransactionMode::Readwrite)?;
    store.put_with_key(value, &key.into())?;
    completed(&transaction).await
}

/// All keys that begin so.
fn range(prefix: &str) -> Result<JsValue, JsValue> {
    IdbKeyRange::bound(&prefix.into(), &format!("{prefix}\u{ffff}").into()).map(Into::into)
}

async fn succeeded(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let ended = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(ended).await?;
    request.result()
}

async fn completed(transaction: &IdbTransaction) -> Result<(), NotKept> {
    let ended = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    JsFuture::from(ended).await?;
    Ok(())
}
