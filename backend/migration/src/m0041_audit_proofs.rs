//! Every event of the audit trail is proved by a keyed digest. What was sealed before has none, for its block vouches for it.

use sea_orm_migration::prelude::*;

use crate::columns::*;

/// What waits to be sealed when this step is taken gets its digest from the service, which has the key.
pub const NAME: &str = "m0041_audit_proofs";

#[derive(Debug)]
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        NAME
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let proof = Table::alter().table("audit_events").add_column(null(bytes("proof"))).to_owned();
        manager.alter_table(proof).await
    }
}
