//! What an entry is: what it is about, its parts in the order in which they are sent, and its photos.

use contract::assistance::AidKind;
use contract::attachments::AttachmentObject;
use contract::households::Relation;
use contract::inspections::Inspection;
use contract::{Month, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use web_sys::js_sys::{Array, Uint8Array};
use web_sys::{Blob, BlobPropertyBag};

use super::contents;
use crate::api::{self, Call};
use crate::pages::visit::device::{Device, NotKept};
use crate::pages::visit::{draft, families};

/// A measure of a family's plan that is not carried out yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    pub id: Uuid,
    pub month: Month,
    pub kind: AidKind,
    pub description: String,
    pub amount_fen: Option<i64>,
    pub member_id: Option<Uuid>,
    pub pairing_id: Option<Uuid>,
}

/// A family, masked as the service sends it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Family {
    pub id: Uuid,
    pub file_number: String,
    pub head_name: String,
    pub village_name: String,
    pub consented: bool,
    /// Whether it also consents to photos.
    #[serde(default)]
    pub photos: bool,
    /// Its active pairings: the id and the organisation's name.
    pub pairings: Vec<(Uuid, String)>,
    /// Its members, and their relations to the head.
    #[serde(default)]
    pub members: Vec<(Uuid, String, Relation)>,
    /// The measures that the account may fulfil.
    #[serde(default)]
    pub measures: Vec<Planned>,
}

/// A part to be sent: its path, id and key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    pub(super) path: String,
    pub(super) id: Uuid,
    pub(super) body: Value,
    pub(super) key: String,
    /// The version that the device has seen of what it changes.
    #[serde(default)]
    version: Option<i32>,
    pub sent: bool,
    /// The fields of which whoever wrote them has said that they name nobody.
    #[serde(default)]
    pub(super) not_personal: Vec<String>,
}

impl Part {
    /// A part that makes something, with a new id in its body.
    pub fn new(path: String, body: Value) -> Self {
        Self::named("id", path, body, None)
    }

    /// A step of something in the version that the device has seen, with a new id by which the service knows it again.
    pub fn step(path: String, body: Value, version: i32) -> Self {
        Self::named("entry_id", path, body, Some(version))
    }

    fn named(name: &str, path: String, mut body: Value, version: Option<i32>) -> Self {
        let id = Uuid::new_v4();
        body[name] = id.to_string().into();
        Self { path, id, body, key: api::new_key(), version, sent: false, not_personal: Vec::new() }
    }

    fn call(&self) -> Call<Value> {
        let call = Call::post(self.path.clone(), &self.body).keyed(self.key.clone()).unattended(self.not_personal.clone());
        match self.version {
            Some(version) => call.seen(version),
            None => call,
        }
    }

    /// Marks it as no double, as the person has decided. The changed body makes it another request.
    fn not_a_double(&mut self) {
        self.body["not_a_double"] = true.into();
        self.key = api::new_key();
    }
}

/// A photo. Its contents are stored separately.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Photo {
    pub id: Uuid,
    pub name: String,
    pub media_type: String,
    pub sent: bool,
    /// Whether its contents are no longer on this device.
    #[serde(default)]
    pub lost: bool,
}

/// The status of an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Standing {
    Waiting,
    /// A part is being sent, or its answer was lost. It may have arrived, so it must not change.
    Asked,
    /// The service refuses it.
    Refused(Box<Problem>),
    /// Everything has arrived except photos that this device has lost.
    PhotosLost,
}

impl Standing {
    /// Whether it waits for the person who entered it.
    pub fn is_stuck(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::PhotosLost)
    }
}

/// An entry: something that was done or seen somewhere, with its photos.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    #[serde(flatten)]
    pub about: About,
    /// The sheet's input, for corrections.
    pub sheet: Value,
    pub photos: Vec<Photo>,
    pub standing: Standing,
}

/// What an entry is about, with its parts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum About {
    Family(Visited),
    Inspection(Inspected),
}

/// A visit to a family, what was given, or both.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Visited {
    pub family: Family,
    pub visit: Option<Part>,
    pub record: Option<Part>,
}

/// What was seen in an inspection, which is over with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Inspected {
    pub inspection: Inspection,
    pub complete: Part,
}

/// The parts of an entry, in the order in which they are sent. An inspection is over once its photos are there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    Visit,
    Record,
    Photo(usize),
    Complete,
}

impl Step {
    /// Those that are no photos.
    const PARTS: [Self; 3] = [Self::Visit, Self::Record, Self::Complete];
}

impl Entry {
    /// The visit, if it is about a family.
    pub fn visited(&self) -> Option<&Visited> {
        match &self.about {
            About::Family(visited) => Some(visited),
            About::Inspection(_) => None,
        }
    }

    /// The inspection, if it is about one.
    pub fn inspected(&self) -> Option<&Inspected> {
        match &self.about {
            About::Family(_) => None,
            About::Inspection(inspected) => Some(inspected),
        }
    }

    fn part(&self, step: Step) -> Option<&Part> {
        match (step, &self.about) {
            (Step::Visit, About::Family(visited)) => visited.visit.as_ref(),
            (Step::Record, About::Family(visited)) => visited.record.as_ref(),
            (Step::Complete, About::Inspection(inspected)) => Some(&inspected.complete),
            _ => None,
        }
    }

    fn part_mut(&mut self, step: Step) -> Option<&mut Part> {
        match (step, &mut self.about) {
            (Step::Visit, About::Family(visited)) => visited.visit.as_mut(),
            (Step::Record, About::Family(visited)) => visited.record.as_mut(),
            (Step::Complete, About::Inspection(inspected)) => Some(&mut inspected.complete),
            _ => None,
        }
    }

    fn waits(&self, step: Step) -> bool {
        self.part(step).is_some_and(|part| !part.sent)
    }

    /// The next part to send. A photo that is lost holds completing back, since an item may need it.
    pub fn next(&self) -> Option<Step> {
        let part = [Step::Visit, Step::Record].into_iter().find(|&step| self.waits(step));
        let photo = || self.photos.iter().position(|photo| !photo.sent && !photo.lost).map(Step::Photo);
        part.or_else(photo).or_else(|| (self.photos_lost() == 0 && self.waits(Step::Complete)).then_some(Step::Complete))
    }

    /// The number of its photos that this device has lost.
    pub fn photos_lost(&self) -> usize {
        self.photos.iter().filter(|photo| photo.lost).count()
    }

    /// Whether any part of it has arrived.
    pub fn has_begun(&self) -> bool {
        Step::PARTS.into_iter().any(|step| self.part(step).is_some_and(|part| part.sent))
    }

    /// The page on which it is entered.
    pub fn desk(&self) -> &'static str {
        match &self.about {
            About::Family(_) => "/visit",
            About::Inspection(_) => "/on-site",
        }
    }

    /// The name of the draft that it was.
    pub(super) fn draft(&self) -> String {
        match &self.about {
            About::Family(_) => draft::VISIT.to_owned(),
            About::Inspection(inspected) => draft::of_inspection(inspected.inspection.id),
        }
    }

    /// What it is about, in one line.
    pub fn line(&self) -> String {
        match &self.about {
            About::Family(visited) => families::line(&visited.family),
            About::Inspection(Inspected { inspection, .. }) => {
                format!("{} · {}", inspection.village_name, inspection.organisation_name)
            }
        }
    }

    /// The request that sends a part; `None` for a photo that is lost.
    pub(super) async fn call(&self, step: Step, device: &Device, stamp: &str) -> Result<Option<Call<Value>>, NotKept> {
        let Step::Photo(index) = step else { return Ok(self.part(step).map(Part::call)) };
        Ok(match self.photos.get(index) {
            Some(photo) => contents(device, stamp, photo.id).await?.and_then(|bytes| self.attach(photo, &bytes)),
            None => None,
        })
    }

    /// What its photos belong to: the record, or else the family's file; the inspection.
    fn photographed(&self) -> (AttachmentObject, Uuid) {
        match &self.about {
            About::Family(Visited { record: Some(part), .. }) => (AttachmentObject::AssistanceRecord, part.id),
            About::Family(visited) => (AttachmentObject::Household, visited.family.id),
            About::Inspection(inspected) => (AttachmentObject::Inspection, inspected.inspection.id),
        }
    }

    /// The request that sends a photo.
    fn attach(&self, photo: &Photo, bytes: &[u8]) -> Option<Call<Value>> {
        let (kind, id) = self.photographed();
        let what = BlobPropertyBag::new();
        what.set_type(&photo.media_type);
        let blob = Blob::new_with_u8_array_sequence_and_options(&Array::of1(&Uint8Array::from(bytes)), &what).ok()?;
        let call = api::attachments::create(kind, &id.to_string(), &blob, &photo.name, Some(photo.id))?;
        Some(call.keyed(photo.id.to_string()).answering())
    }

    pub(super) fn sent(&mut self, step: Step) {
        if let Step::Photo(index) = step {
            self.photos.iter_mut().skip(index).take(1).for_each(|photo| photo.sent = true);
        } else if let Some(part) = self.part_mut(step) {
            part.sent = true;
        }
    }

    pub(super) fn lost(&mut self, step: Step) {
        if let Step::Photo(index) = step {
            self.photos.iter_mut().skip(index).take(1).for_each(|photo| photo.lost = true);
        }
    }

    /// Marks it as no double, as the person has decided, to be sent again.
    pub(super) fn not_a_double(&mut self) {
        self.part_mut(Step::Record).into_iter().for_each(Part::not_a_double);
        self.standing = Standing::Waiting;
    }

    /// Notes the fields of which the person has said that they name nobody, to be sent again.
    pub(super) fn names_nobody(&mut self, fields: &[String]) {
        for step in Step::PARTS {
            if let Some(part) = self.part_mut(step).filter(|part| !part.sent) {
                part.not_personal.extend_from_slice(fields);
            }
        }
        self.standing = Standing::Waiting;
    }
}
