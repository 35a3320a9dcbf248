//! What each role sees of a file, and how the ledger counts a step: pure decisions.

use chrono::{Datelike, NaiveDate};
use contract::households::{
    Group, HouseholdAction, HouseholdInput, HouseholdStatus, Member, MemberInput, Relation, RevealPurpose, Schooling,
};
use contract::ledger::LedgerFigure;
use contract::{Role, mask, personal, phone};
use uuid::Uuid;

use super::names::{Said, Told};

/// Whether a step is allowed without the family's consent, because it closes the file.
pub fn needs_no_consent(action: HouseholdAction) -> bool {
    matches!(action, HouseholdAction::LiftOut | HouseholdAction::Leave)
}

/// The figure that counts a change of status: only households in difficulty go, and only others come.
pub fn heading(from: HouseholdStatus, to: HouseholdStatus) -> Option<LedgerFigure> {
    match (from.in_difficulty(), to) {
        (true, HouseholdStatus::LiftedOut) => Some(LedgerFigure::LiftedOut),
        (true, HouseholdStatus::Left) => Some(LedgerFigure::Left),
        (false, HouseholdStatus::Registered) => Some(LedgerFigure::Registered),
        (false, HouseholdStatus::Relapsed) => Some(LedgerFigure::Relapsed),
        _ => None,
    }
}

/// The age in full years.
pub fn age(born_on: NaiveDate, today: NaiveDate) -> i32 {
    let before_birthday = (today.month(), today.day()) < (born_on.month(), born_on.day());
    today.year() - born_on.year() - i32::from(before_birthday)
}

/// Whether a member is younger than 14, or may be if the birthday is unknown. 不满十四周岁未成年人的个人信息 are sensitive as a whole (个人信息保护法).
pub fn under_14(member: &MemberInput, today: NaiveDate) -> bool {
    member.born_on.map_or_else(|| may_be_a_child(member), |day| age(day, today) < 14)
}

/// Whether a member of unknown age may be a child. Schooling may also be what somebody completed long ago, so a member who is too
/// old by relation counts as no child, unless at school.
fn may_be_a_child(member: &MemberInput) -> bool {
    let is_pupil = member.groups.contains(&Group::Student);
    let is_older = matches!(
        member.relation,
        Relation::Head
            | Relation::Spouse
            | Relation::ChildInLaw
            | Relation::Parent
            | Relation::ParentInLaw
            | Relation::Grandparent
    );
    member.groups.contains(&Group::LeftBehindChild)
        || match member.schooling {
            Schooling::Preschool => true,
            Schooling::None | Schooling::Primary => is_pupil || !is_older,
            // Junior secondary school begins at twelve.
            Schooling::JuniorSecondary => is_pupil,
            Schooling::SeniorSecondary | Schooling::College => false,
        }
}

/// A member as a role sees them without stating a purpose.
pub fn masked(id: Uuid, member: MemberInput, role: Role, today: NaiveDate) -> Member {
    let keeps_files = role != Role::Organisation;
    let under_14 = under_14(&member, today);
    let number = member.identity_number.as_deref().filter(|_| keeps_files && !under_14);
    Member {
        id,
        name: mask::name(&member.name),
        relation: member.relation,
        document_kind: number.map(|_| member.document_kind),
        identity_number: number.map(mask::document_number),
        sex: member.sex.filter(|_| keeps_files),
        under_14,
        age: member.born_on.filter(|_| !under_14).map(|day| age(day, today)),
        health: keeps_files.then_some(member.health),
        disability: member.disability.filter(|_| keeps_files),
        schooling: keeps_files.then_some(member.schooling),
        labour: member.labour,
        groups: member.groups,
    }
}

/// A member as revealed for a purpose. Identity number and birth date of a child under 14 are revealed only for keeping or
/// verifying the file.
pub fn revealed(member: MemberInput, purpose: RevealPurpose, today: NaiveDate) -> MemberInput {
    let whole = matches!(purpose, RevealPurpose::Edit | RevealPurpose::Verification);
    if whole || !under_14(&member, today) { member } else { MemberInput { identity_number: None, born_on: None, ..member } }
}

/// A member in an exported workbook, whatever the purpose. Of a child under 14, and of a family that does not consent, it
/// contains only what lists show.
pub fn exported(member: MemberInput, consented: bool, today: NaiveDate) -> MemberInput {
    let under_14 = under_14(&member, today);
    if consented && !under_14 {
        return member;
    }
    let number = member.identity_number.as_deref().filter(|_| !under_14).map(mask::document_number);
    MemberInput { name: mask::name(&member.name), identity_number: number, born_on: None, ..member }
}

/// Whether a remark identifies a family: by the name or a number of a member, or by anybody's identity number, mobile number or
/// account number. Remarks appear in lists and in the history, where nothing is masked.
///
/// Words that are no names in their context, relations, dates, amounts and numbers of offices identify nobody. In doubt are a
/// name that may be other words, a landline that may be that of an office, and a document's few digits, which may be an amount.
/// Identity numbers, mobile numbers and accounts leave no doubt.
pub fn tells_who(remark: &str, file: &HouseholdInput) -> Option<Told> {
    let consent = file.consent.as_ref().map(|consent| consent.given_by.clone());
    let family = Telling::new(&file.members, consent, file.phone.as_deref(), file.bank_account.clone());
    family.told(&Said::new(remark), remark).max(tells_anybody(remark))
}

/// Whether words hold anybody's identity number, mobile number or account number.
pub fn tells_anybody(words: &str) -> Option<Told> {
    (personal::holds_number(words) || personal::holds_account(words)).then_some(Told::Surely)
}

/// What tells who a family is: its names, and its numbers, each with how sure it is that a number is meant.
#[derive(Debug)]
pub struct Telling {
    names: Vec<String>,
    numbers: Vec<(String, Told)>,
}

impl Telling {
    /// Of a family with these members and numbers; `given_by` is who has given its consent.
    pub fn new(members: &[MemberInput], given_by: Option<String>, phone: Option<&str>, bank_account: Option<String>) -> Self {
        let certainty = |sure: bool| if sure { Told::Surely } else { Told::Perhaps };
        let identities = members.iter().filter_map(|member| member.identity_number.clone()).map(|number| {
            let digits = number.chars().filter(char::is_ascii_digit).count();
            (number, certainty(digits >= 8))
        });
        let phones = phone.map(phone::keys).unwrap_or_default().into_iter();
        let phones = phones.map(|key| {
            let sure = certainty(personal::holds_number(&key));
            (key, sure)
        });
        let accounts = bank_account.map(|account| (account, Told::Surely));
        Self {
            names: members.iter().map(|member| member.name.clone()).chain(given_by).collect(),
            numbers: phones.chain(accounts).chain(identities).collect(),
        }
    }

    /// Whether words tell who it is; `said` are the letters of these words.
    pub fn told(&self, said: &Said, words: &str) -> Option<Told> {
        let named = self.names.iter().filter_map(|name| said.names(name)).max();
        let numbered = self.numbers.iter().filter(|(number, _)| personal::holds_this(words, number)).map(|(_, told)| *told).max();
        named.max(numbered)
    }
}

#[cfg(test)]
mod tests {
    use contract::CodedEnum;
    use contract::codes::DocumentKind;
    use contract::households::{Disability, DisabilityKind, Health, Labour};
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn member(born_on: NaiveDate) -> MemberInput {
        MemberInput {
            id: None,
            name: "许小妹".into(),
            relation: Relation::Child,
            document_kind: DocumentKind::IdentityCard,
            identity_number: Some("350582201503121023".into()),
            sex: None,
            born_on: Some(born_on),
            health: Health::Healthy,
            disability: None,
            schooling: Schooling::Primary,
            labour: Labour::None,
            groups: Vec::new(),
        }
    }

    #[test]
    fn the_ledger_counts_who_comes_into_difficulty_and_who_goes_out_of_it() {
        use HouseholdStatus::*;
        for (from, to, counted) in [
            (Assisted, LiftedOut, Some(LedgerFigure::LiftedOut)),
            (LiftedOut, Relapsed, Some(LedgerFigure::Relapsed)),
            (Registered, Left, Some(LedgerFigure::Left)),
            (Relapsed, Left, Some(LedgerFigure::Left)),
            // A household that was lifted out before is no longer counted, so it cannot go.
            (LiftedOut, Left, None),
            (Left, Registered, Some(LedgerFigure::Registered)),
            (Registered, Assisted, None),
            (Relapsed, Assisted, None),
        ] {
            assert_eq!(heading(from, to), counted, "{from:?} {to:?}");
        }
    }

    #[test]
    fn a_birthday_is_the_day_one_is_older() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(age(day("2006-06-15"), day("2020-06-14")), 13);
        assert_eq!(age(day("2006-06-15"), day("2020-06-15")), 14);
        assert_eq!(age(day("2004-02-29"), day("2018-02-28")), 13);
    }

    fn file() -> HouseholdInput {
        HouseholdInput {
            village_code: "350582104206".into(),
            registered_on: "2020-04-16".parse().unwrap(),
            category: contract::households::HouseholdCategory::MinimumLiving,
            main_cause: contract::households::Cause::Illness,
            secondary_causes: Vec::new(),
            income_per_head_fen: None,
            address: "新厝角落12号".into(),
            phone: Some("85660137".into()),
            bank_account: None,
            consent: None,
            members: vec![member("2015-03-12".parse().unwrap())],
            not_a_double: false,
        }
    }

    #[test]
    fn a_name_or_number_is_told_whatever_stands_between_its_characters() {
        let file = file();
        for told in ["许小妹成绩良好", "许 小 妹", "许·小、妹", "８５６６ 0137", "8566.0137", "350582.201503.121023"]
            .into_iter()
            // Numbers of anybody.
            .chain(["联系13905950199", "139 0595-0199", "给付500元，卡号6217001850012345678"])
        {
            assert!(tells_who(told, &file).is_some(), "{told}");
        }
        for silent in ["长女成绩良好", "许可小妹妹们参加", "给付 8566 元", "2020-04-20 走访", "编号1390595019"]
            .into_iter()
            // As many digits, with words between them.
            .chain(["2020年4月20日给付1500元，5月20日回访", "139号0595室0199元"])
            // Consecutive years, days and amounts, and numbers of offices and files.
            .chain(["2018 2019 2020 三年均为低保", "2020-11-03 500元慰问金"])
            .chain(["镇民政办 0595-85661234", "原档案350582104206-0001"])
        {
            assert_eq!(tells_who(silent, &file), None, "{silent}");
        }
    }

    #[test]
    fn a_mobile_number_is_told_whoever_s_it_is() {
        let (file, nobody) = (file(), HouseholdInput { phone: None, members: Vec::new(), ..file() });
        for told in [
            "13805950199",
            "138 0595 0199",
            "138-0595-0199",
            "电话13805950199。",
            "１３８０５９５０１９９",
            "金额20 与 13805950199",
        ] {
            assert_eq!([tells_who(told, &file), tells_who(told, &nobody)], [Some(Told::Surely); 2], "{told}");
        }
        // Ten digits are a sum or a date. Text between numbers separates them.
        for silent in
            ["1380595019", "1380595019元", "共1380595019", "2020-04-20和2020-04-21", "138059、50199", "138059a50199", "", "无"]
        {
            assert_eq!([tells_who(silent, &file), tells_who(silent, &nobody)], [None; 2], "{silent}");
        }
    }

    #[test]
    fn any_one_name_or_number_of_a_family_tells_who_it_is() {
        let named = |name: &str, number: Option<&str>| {
            let number = number.map(str::to_owned);
            MemberInput { name: name.into(), identity_number: number, ..member("1980-01-01".parse().unwrap()) }
        };
        let members = vec![named("许清水", None), named("李", Some("350582198001010019")), named("王二", None)];
        let consent = serde_json::from_value(serde_json::json!({ "given_by": "许大伯", "given_on": "2020-04-16", "scope": [] }));
        let account = Some("6228480012345678".to_owned());
        let file = HouseholdInput { members, bank_account: account, consent: Some(consent.unwrap()), ..file() };
        for told in ["许清水", "王二", "许大伯", "85660137", "6228480012345678", "350582198001010019"] {
            assert!(tells_who(told, &file).is_some(), "{told}");
        }
        let file = HouseholdInput { phone: Some("0595-85661234转801、0595-8566123".into()), ..file };
        for told in ["０５９５８５６６１２３４", "8566 1234", "8566123"] {
            assert!(tells_who(told, &file).is_some(), "{told}");
        }
        assert_eq!(tells_who("０５９５８５６６３３４３", &file), None);
        // One character could be any word.
        assert_eq!([tells_who("李子树", &file), tells_who("王先生", &file)], [None; 2]);
    }

    #[test]
    fn an_office_s_number_may_be_meant_and_nobody_s_own() {
        let passport = MemberInput {
            document_kind: DocumentKind::Passport,
            identity_number: Some("E1234567".into()),
            ..member("1980-01-01".parse().unwrap())
        };
        let file = HouseholdInput { members: vec![passport], bank_account: Some("6228480012345678".into()), ..file() };
        for perhaps in ["镇民政办 85660137", "编号1234567号"] {
            assert_eq!(tells_who(perhaps, &file), Some(Told::Perhaps), "{perhaps}");
        }
        for surely in ["6228480012345678", "13805950199", "11010519491231002X", "85660137、13805950199"] {
            assert_eq!(tells_who(surely, &file), Some(Told::Surely), "{surely}");
        }
    }

    #[test]
    fn relations_titles_and_everyday_words_tell_nobody() {
        let named = |name: &str| MemberInput { name: name.into(), ..member("1980-01-01".parse().unwrap()) };
        let consent = serde_json::from_value(serde_json::json!({ "given_by": "户主", "given_on": "2020-04-16", "scope": [] }));
        let file = HouseholdInput { members: vec![named("高兴"), named("王主")], consent: Some(consent.unwrap()), ..file() };
        for silent in ["老人很高兴", "户主病情稳定", "王主任"] {
            assert_eq!(tells_who(silent, &file), None, "{silent}");
        }
        for told in ["慰问高兴", "王主已出院"] {
            assert!(tells_who(told, &file).is_some(), "{told}");
        }
    }

    #[test]
    fn of_whom_no_birthday_is_known_is_a_child_unless_something_says_otherwise() {
        let today = "2020-06-15".parse::<NaiveDate>().unwrap();
        let unknown = |relation, schooling, groups: &[Group]| MemberInput {
            born_on: None,
            identity_number: None,
            relation,
            schooling,
            groups: groups.to_vec(),
            ..member(today)
        };
        let children: [(_, _, &[_]); 8] = [
            (Relation::Child, Schooling::Preschool, &[]),
            (Relation::Child, Schooling::Primary, &[]),
            (Relation::Grandchild, Schooling::None, &[]),
            (Relation::Sibling, Schooling::Primary, &[Group::Student]),
            (Relation::Child, Schooling::JuniorSecondary, &[Group::Student]),
            (Relation::Other, Schooling::JuniorSecondary, &[Group::LeftBehindChild]),
            // An orphan heads a household.
            (Relation::Head, Schooling::Primary, &[Group::Student]),
            (Relation::Head, Schooling::Preschool, &[]),
        ];
        for (relation, schooling, groups) in children {
            let child = unknown(relation, schooling, groups);
            assert!(under_14(&child, today), "{relation:?} {schooling:?} {groups:?}");
            assert!(masked(Uuid::nil(), child.clone(), Role::Village, today).under_14);
            assert_eq!(exported(child, true, today).name, "许**");
        }
        let grown_up: [(_, _, &[_]); 4] = [
            (Relation::Head, Schooling::Primary, &[]),
            (Relation::Parent, Schooling::None, &[Group::EmptyNestElderly]),
            (Relation::Child, Schooling::JuniorSecondary, &[]),
            (Relation::Child, Schooling::College, &[Group::Student]),
        ];
        for (relation, schooling, groups) in grown_up {
            let grown = unknown(relation, schooling, groups);
            assert!(!under_14(&grown, today), "{relation:?} {schooling:?} {groups:?}");
            assert_eq!(exported(grown, true, today).name, "许小妹");
        }
    }

    #[test]
    fn what_ails_somebody_is_for_those_who_keep_files() {
        let ill = || MemberInput {
            sex: Some(contract::codes::Sex::Female),
            disability: Some(Disability { kind: DisabilityKind::Visual, level: 1 }),
            ..member("1980-01-01".parse().unwrap())
        };
        for role in Role::ALL {
            let shown = masked(Uuid::nil(), ill(), *role, "2020-06-15".parse().unwrap());
            let told = [shown.sex.is_some(), shown.disability.is_some(), shown.health.is_some(), shown.schooling.is_some()];
            assert_eq!(told, [*role != Role::Organisation; 4], "{role:?}");
        }
    }

    #[test]
    fn what_is_shown_and_leaves_of_a_child_changes_on_its_fourteenth_birthday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let child = || member(day("2006-06-15"));
        let shown = |today, role| {
            let member = masked(Uuid::nil(), child(), role, day(today));
            (member.identity_number, member.age, member.under_14)
        };
        let number = || Some("350582********1023".to_owned());
        assert_eq!(shown("2020-06-14", Role::Village), (None, None, true));
        assert_eq!(shown("2020-06-15", Role::Village), (number(), Some(14), false));
        assert_eq!(shown("2020-06-15", Role::Organisation), (None, Some(14), false));
        let leaves = |today, consented| {
            let member = exported(child(), consented, day(today));
            (member.name, member.identity_number, member.born_on)
        };
        let whole = ("许小妹".to_owned(), child().identity_number, child().born_on);
        assert_eq!(leaves("2020-06-15", true), whole);
        assert_eq!(leaves("2020-06-15", false), ("许**".to_owned(), number(), None));
        for consented in [true, false] {
            assert_eq!(leaves("2020-06-14", consented), ("许**".to_owned(), None, None));
        }
    }

    #[test]
    fn a_child_is_fourteen_on_its_birthday_and_not_before() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let on = |born: &str, today: &str| (age(day(born), day(today)), under_14(&member(day(born)), day(today)));
        assert_eq!(on("2006-06-15", "2020-06-14"), (13, true));
        assert_eq!(on("2006-06-15", "2020-06-15"), (14, false));
        assert_eq!(on("2006-06-15", "2020-06-16"), (14, false));
        // Somebody born on a leap day has their birthday on 1 March in other years.
        assert_eq!(on("2004-02-29", "2018-02-28"), (13, true));
        assert_eq!(on("2004-02-29", "2018-03-01"), (14, false));
        assert_eq!(on("2006-12-31", "2020-01-01"), (13, true));
        assert_eq!(on("2020-06-15", "2020-06-15"), (0, true));
    }

    proptest! {
        #[test]
        fn no_role_sees_a_name_or_number_unmasked(role in select(Role::ALL), days in 0u64..20_000) {
            let today = "2020-06-15".parse::<NaiveDate>().unwrap();
            let input = member(today - chrono::Days::new(days));
            let shown = serde_json::to_string(&masked(Uuid::nil(), input.clone(), role, today)).unwrap();
            let born = input.born_on.unwrap().to_string();
            for secret in [&input.name, input.identity_number.as_ref().unwrap(), &born] {
                prop_assert!(!shown.contains(secret.as_str()), "{}", shown);
            }
            prop_assert!(role != Role::Organisation || !shown.contains("350582"));
        }

        #[test]
        fn a_child_s_number_is_for_those_who_keep_or_verify_the_file(
            purpose in select(RevealPurpose::ALL), days in 0u64..20_000
        ) {
            let today = "2020-06-15".parse::<NaiveDate>().unwrap();
            let input = member(today - chrono::Days::new(days));
            let child = under_14(&input, today);
            let hidden = revealed(input, purpose, today).identity_number.is_none();
            prop_assert_eq!(hidden, child && !matches!(purpose, RevealPurpose::Edit | RevealPurpose::Verification));
        }
    }
}
