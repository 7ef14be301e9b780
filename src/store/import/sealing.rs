//! Names and phones are sealed before they are sent to the database. A sealed value belongs to its row, so the identities of rows that are stored already are asked for first.

use std::collections::HashMap;

use rayon::prelude::*;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use super::{Attributes, ImportTransaction};
use crate::model::{Resource, Worker, mask_name, mask_phone};
use crate::seal::{Field, SealError, Sealer};
use crate::store::StoreError;
use crate::store::sealed::note_key;

/// What is stored of a worker's name and phone.
pub(in crate::store) struct SealedWorker {
    pub(in crate::store) name: String,
    pub(in crate::store) phone: Option<String>,
    pub(in crate::store) masked_name: Option<String>,
    pub(in crate::store) masked_phone: Option<String>,
}

impl SealedWorker {
    /// Masks are kept where they cannot be made of what is stored.
    pub(in crate::store) fn of(
        sealer: &Sealer,
        id: Uuid,
        name: &str,
        phone: Option<&str>,
    ) -> Result<Self, SealError> {
        let sealing = sealer.keys().is_some();
        Ok(Self {
            name: sealer.seal(Field::WorkerName, id, name)?,
            phone: sealer.seal_optional(Field::WorkerPhone, id, phone)?,
            masked_name: sealing.then(|| mask_name(name)),
            masked_phone: phone.filter(|_| sealing).map(mask_phone),
        })
    }
}

type Identities = HashMap<(String, String), Uuid>;

impl ImportTransaction {
    pub(super) async fn seal_workers<'a>(
        &mut self,
        workers: &'a [Worker],
    ) -> Result<Vec<(&'a Worker, SealedWorker)>, StoreError> {
        let named = workers.iter().map(|worker| (&*worker.source, &*worker.source_id));
        let stored = self.identities("worker", named).await?;
        let sealer = &self.sealer;
        let seal = |worker: &'a Worker| {
            let id = identity(&stored, &worker.source, &worker.source_id).unwrap_or(worker.id.0);
            Ok((worker, SealedWorker::of(sealer, id, &worker.name, worker.phone.as_deref())?))
        };
        workers.par_iter().map(seal).collect()
    }

    pub(super) async fn seal_people(
        &mut self,
        people: &mut [(usize, &Resource, Attributes)],
    ) -> Result<(), StoreError> {
        let named = people.iter().map(|(_, person, _)| (&*person.source, &*person.source_id));
        let stored = self.identities("person", named).await?;
        let sealer = &self.sealer;
        people.par_iter_mut().try_for_each(|(_, person, attributes)| {
            let id = identity(&stored, &person.source, &person.source_id).unwrap_or(person.id.0);
            for (field, text) in [
                (Field::PersonName, &mut attributes.name),
                (Field::PersonPhone, &mut attributes.phone),
                (Field::PersonAddress, &mut attributes.address),
                (Field::PersonHousehold, &mut attributes.household),
            ] {
                *text = sealer.seal_optional(field, id, text.as_deref())?;
            }
            Ok(())
        })
    }

    /// The identities of those rows that are stored; without keys nobody needs them.
    async fn identities<'a>(
        &mut self,
        table: &'static str,
        named: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Identities, StoreError> {
        let Some(newest) = self.sealer.keys().map(crate::seal::Keyring::newest) else {
            return Ok(Identities::new());
        };
        note_key(self.connection(), newest).await?;
        let (sources, source_ids): (Vec<&str>, Vec<&str>) = named.unzip();
        let text = format!(
            "select s.source, s.source_id, s.id from unnest($1::text[], $2::text[]) n (source, source_id) \
             join gewu.{table} s on s.source = n.source and s.source_id = n.source_id"
        );
        let rows = sqlx::query(AssertSqlSafe(text)).bind(sources).bind(source_ids);
        let rows = rows.fetch_all(self.connection()).await?;
        rows.iter().map(|row| Ok(((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?))).collect()
    }
}

fn identity(stored: &Identities, source: &str, source_id: &str) -> Option<Uuid> {
    if stored.is_empty() {
        return None;
    }
    stored.get(&(source.to_owned(), source_id.to_owned())).copied()
}
