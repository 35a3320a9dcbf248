//! Assistance plans with their measures, assistance records, and what the monthly forms count of them.

use sea_orm_migration::prelude::*;

use crate::columns::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut plans = table("assistance_plans")
            .col(id("campaign_id"))
            .col(id("household_id"))
            .col(code("state"))
            .col(null(date("agreed_on")))
            // The member who agreed for the family, sealed.
            .col(null(bytes("agreed_by")))
            .foreign_key(&mut reference("assistance_plans", "campaign_id", "campaigns", "id"))
            .foreign_key(&mut reference("assistance_plans", "household_id", "households", "id"))
            .to_owned();
        village_columns(manager, versioned(&mut plans));
        manager.create_table(plans).await?;
        manager.create_index(index("assistance_plans", &["campaign_id"])).await?;
        manager.create_index(index("assistance_plans", &["household_id"])).await?;
        area_indexes(manager, "assistance_plans", &["updated_at"]).await?;
        // 一户一策: a household has one live plan in a campaign, even if two are begun at the same time.
        let live = Expr::col("state").is_in(["draft", "agreed"]);
        let one = unique("assistance_plans", &["household_id", "campaign_id"])
            .name("ix_assistance_plans_one_live")
            .and_where(live)
            .to_owned();
        manager.create_index(one).await?;

        let mut measures = table("assistance_measures")
            .col(id("plan_id"))
            .col(text("month", 7))
            .col(code("kind"))
            .col(code("responsible"))
            .col(null(id("pairing_id")))
            // No foreign key, because members are deleted and written again with their file.
            .col(null(id("member_id")))
            .col(null(big_number("amount_fen")))
            .col(bytes("texts"))
            .col(flag("dropped"))
            .foreign_key(&mut reference("assistance_measures", "plan_id", "assistance_plans", "id"))
            .foreign_key(&mut reference("assistance_measures", "pairing_id", "pairings", "id"))
            .to_owned();
        village_columns(manager, versioned(&mut measures));
        manager.create_table(measures).await?;
        manager.create_index(index("assistance_measures", &["plan_id"])).await?;
        manager.create_index(index("assistance_measures", &["pairing_id"])).await?;
        area_indexes(manager, "assistance_measures", &["month", "updated_at"]).await?;

        let mut records = table("assistance_records")
            .col(id("household_id"))
            .col(null(id("pairing_id")))
            .col(null(id("member_id")))
            .col(null(id("measure_id")))
            .col(null(id("corrects_id")))
            .col(code("kind"))
            .col(date("happened_on"))
            .col(null(big_number("amount_fen")))
            .col(bytes("texts"))
            .col(code("recorded_by"))
            .col(code("state"))
            .foreign_key(&mut reference("assistance_records", "household_id", "households", "id"))
            .foreign_key(&mut reference("assistance_records", "pairing_id", "pairings", "id"))
            .foreign_key(&mut reference("assistance_records", "measure_id", "assistance_measures", "id"))
            .foreign_key(&mut reference("assistance_records", "corrects_id", "assistance_records", "id"))
            .to_owned();
        village_columns(manager, versioned(&mut records));
        manager.create_table(records).await?;
        manager.create_index(index("assistance_records", &["household_id", "state"])).await?;
        manager.create_index(index("assistance_records", &["pairing_id", "state"])).await?;
        manager.create_index(index("assistance_records", &["measure_id", "state"])).await?;
        manager.create_index(index("assistance_records", &["corrects_id"])).await?;
        manager.create_index(index("assistance_records", &["happened_on", "id"])).await?;
        area_indexes(manager, "assistance_records", &["happened_on", "updated_at"]).await?;
        state_indexes(manager, "assistance_records", "updated_at").await?;
        // A record has at most one correction, so that it is counted once.
        let live = Expr::col("state").ne("rejected");
        let one = unique("assistance_records", &["corrects_id"])
            .name("ix_assistance_records_one_correction")
            .and_where(live)
            .to_owned();
        manager.create_index(one).await?;

        // The records that forms count: each record once, and once more with -1 if it is taken back after a correction. As in the
        // rows of the form, the pairing is no foreign key. Otherwise a change of the pairing would wait for the form, and the
        // form for the pairing.
        let counted = bare_table("report_records")
            .col(id("record_id"))
            .col(number("sign"))
            .col(id("report_id"))
            .col(id("pairing_id"))
            .col(flag("carried"))
            .primary_key(Index::create().col("record_id").col("sign"))
            .foreign_key(&mut reference("report_records", "record_id", "assistance_records", "id"))
            .foreign_key(&mut reference("report_records", "report_id", "reports", "id"))
            .to_owned();
        manager.create_table(counted).await?;
        manager.create_index(index("report_records", &["report_id"])).await
    }
}
