//! The term of an agreement and its number: pure decisions.

use chrono::NaiveDate;
use contract::FieldError;
use contract::agreements::{AgreementInput, last_day};
use contract::campaigns::CampaignInput;

/// The faults of an agreement's term in its campaign.
pub fn term_faults(input: &AgreementInput, campaign: &CampaignInput) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if !(campaign.starts_on..=campaign.ends_on).contains(&input.starts_on) {
        faults.push(FieldError::at("/starts_on", "date_outside_campaign"));
    }
    let longest = last_day(input.starts_on, campaign.settings.agreement_months.unsigned_abs());
    match input.ends_on {
        Some(ends_on) if ends_on <= input.starts_on => faults.push(FieldError::at("/ends_on", "end_before_start")),
        Some(ends_on) if longest.is_none_or(|longest| ends_on > longest) => {
            faults.push(FieldError::at("/ends_on", "term_too_long"));
        }
        _ => {}
    }
    faults
}

/// The faults of a day of signing.
pub fn signing_faults(signed_on: NaiveDate, ends_on: NaiveDate, today: NaiveDate) -> Vec<FieldError> {
    if signed_on > today {
        vec![FieldError::at("/signed_on", "future")]
    } else if signed_on > ends_on {
        vec![FieldError::at("/signed_on", "date_after_end")]
    } else {
        Vec::new()
    }
}

/// The written form of a number: `百社协〔2020〕001号`.
pub fn number(prefix: &str, year: i32, sequence: i32) -> String {
    format!("{prefix}〔{year}〕{sequence:03}号")
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use contract::campaigns::CampaignSettings;
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn campaign() -> CampaignInput {
        CampaignInput {
            title: "百社解千难".into(),
            document_number: "晋政民〔2020〕28号".into(),
            agreement_prefix: "百社协".into(),
            area_code: "350582".into(),
            starts_on: day("2020-04-28"),
            ends_on: day("2020-12-31"),
            phases: Vec::new(),
            milestones: Vec::new(),
            settings: CampaignSettings::default(),
            targets: Vec::new(),
            leading_group: Vec::new(),
        }
    }

    fn input(starts_on: NaiveDate, ends_on: Option<NaiveDate>) -> AgreementInput {
        AgreementInput {
            pairing_id: uuid::Uuid::nil(),
            starts_on,
            ends_on,
            organisation_signatory: "甲".into(),
            village_signatory: "乙".into(),
            witness: None,
            cooperation_content: None,
            organisation_obligations: None,
            village_obligations: None,
        }
    }

    #[test]
    fn a_number_is_written_as_the_notice_s_office_writes_it() {
        assert_eq!(number("百社协", 2020, 1), "百社协〔2020〕001号");
        assert_eq!(number("百社协", 2020, 1234), "百社协〔2020〕1234号");
    }

    #[test]
    fn a_term_begins_on_the_last_day_of_the_campaign_at_the_latest_and_lasts_a_year_at_most() {
        let faults = |starts_on: &str, ends_on: &str| -> Vec<_> {
            let input = input(day(starts_on), Some(day(ends_on)));
            term_faults(&input, &campaign()).into_iter().map(|fault| format!("{}={}", fault.pointer, fault.code)).collect()
        };
        assert_eq!(faults("2020-04-27", "2020-06-01"), ["/starts_on=date_outside_campaign"]);
        assert!(faults("2020-04-28", "2020-06-01").is_empty());
        assert!(faults("2020-12-31", "2021-06-01").is_empty());
        assert_eq!(faults("2021-01-01", "2021-06-01"), ["/starts_on=date_outside_campaign"]);
        assert_eq!(faults("2020-05-01", "2020-04-30"), ["/ends_on=end_before_start"]);
        assert_eq!(faults("2020-05-01", "2020-05-01"), ["/ends_on=end_before_start"]);
        assert!(faults("2020-05-01", "2020-05-02").is_empty());
        assert!(faults("2020-05-01", "2021-04-30").is_empty());
        assert_eq!(faults("2020-05-01", "2021-05-01"), ["/ends_on=term_too_long"]);
    }

    #[test]
    fn it_is_signed_today_at_the_latest_and_on_the_last_day_of_its_term_at_the_latest() {
        let fault = |signed_on: &str, today: &str| {
            signing_faults(day(signed_on), day("2020-06-01"), day(today)).first().map(|fault| fault.code.to_string())
        };
        assert_eq!(fault("2020-05-19", "2020-05-20"), None);
        assert_eq!(fault("2020-05-20", "2020-05-20"), None);
        assert_eq!(fault("2020-05-21", "2020-05-20").as_deref(), Some("future"));
        assert_eq!(fault("2020-05-31", "2020-06-09"), None);
        assert_eq!(fault("2020-06-01", "2020-06-09"), None);
        assert_eq!(fault("2020-06-02", "2020-06-09").as_deref(), Some("date_after_end"));
    }

    proptest! {
        #[test]
        fn the_term_that_is_filled_in_is_a_good_one(days in 0u64..=247) {
            let filled = input(day("2020-04-28") + Days::new(days), None).completed(12);
            prop_assert_eq!(term_faults(&filled, &campaign()), vec![]);
        }

        #[test]
        fn a_good_term_begins_in_the_campaign_and_is_no_longer_than_it_may_be(start in 0u64..1000, length in 0u64..1000) {
            let starts_on = day("2019-06-01") + Days::new(start);
            let ends_on = starts_on + Days::new(length);
            if term_faults(&input(starts_on, Some(ends_on)), &campaign()).is_empty() {
                prop_assert!(starts_on >= day("2020-04-28") && starts_on <= day("2020-12-31"));
                prop_assert!(ends_on > starts_on && length < 366);
            }
        }
    }
}
