//! What fields are called, on screens and in workbooks: one name in JSON, one in each language.

use crate::Lang;

macro_rules! labels {
    ($( $field:literal / $zh:literal / $en:literal ),+ $(,)?) => {
        /// The label of a field, by its JSON name; the name itself where it has none.
        pub fn label(field: &str, lang: Lang) -> &str {
            match field {
                $( $field => lang.pick($zh, $en), )+
                other => other,
            }
        }
    };
}

labels! {
    "account" / "账号" / "Account",
    "address" / "地址" / "Address",
    "agreement_months" / "协议期限（月）" / "Term of agreements (months)",
    "amount_fen" / "金额（元）" / "Amount (yuan)",
    "area_code" / "区划代码" / "Area code",
    "area_name" / "行政区划" / "Area",
    "collective_income_fen" / "村集体年收入（元）" / "Collective income per year (yuan)",
    "contact_name" / "联系人" / "Contact",
    "contact_phone" / "联系电话" / "Telephone",
    "content" / "具体帮扶内容" / "Assistance given",
    "cooperation_content" / "合作内容" / "Content of the cooperation",
    "credit_code" / "统一社会信用代码" / "Unified social credit code",
    "description" / "说明" / "Description",
    "display_name" / "姓名" / "Name",
    "document_number" / "文号" / "Document number",
    "donated_on" / "捐赠日期" / "Donated on",
    "due_on" / "截止日期" / "Due on",
    "ends_on" / "结束日期" / "Ends on",
    "industries" / "适宜产业" / "Suited industries",
    "kind" / "类别" / "Kind",
    "low_income_households" / "相对贫困户数" / "Low-income households",
    "member_count" / "会员数" / "Members",
    "min_organisations" / "社会组织数量目标" / "Organisations wanted",
    "month" / "月份" / "Month",
    "name" / "名称" / "Name",
    "note" / "备注" / "Note",
    "number" / "协议编号" / "Number",
    "old_base" / "老区村" / "Old revolutionary base",
    "organisation_name" / "社会组织名称" / "Organisation",
    "organisation_obligations" / "社会组织义务" / "Obligations of the organisation",
    "organisation_signatory" / "社会组织签字人" / "Signatory of the organisation",
    "password" / "密码" / "Password",
    "phase" / "阶段" / "Phase",
    "population" / "人口" / "Population",
    "progress" / "进展情况" / "Progress",
    "purpose" / "用途" / "Purpose",
    "rating" / "评估等级" / "Rating",
    "report_day" / "月报截止日" / "Day of the monthly form",
    "resources" / "资源禀赋" / "Resource endowment",
    "signed_on" / "签订日期" / "Signed on",
    "starts_on" / "开始日期" / "Starts on",
    "state" / "状态" / "State",
    "strengths" / "优势特长" / "Strengths",
    "title" / "标题" / "Title",
    "town_code" / "镇（街道）代码" / "Town code",
    "town_name" / "镇（街道）" / "Town",
    "updated_at" / "更新时间" / "Updated",
    "village_code" / "村（社区）代码" / "Village code",
    "village_name" / "村（社区）" / "Village",
    "village_obligations" / "村（社区）义务" / "Obligations of the village",
    "village_signatory" / "村（社区）签字人" / "Signatory of the village",
    "witness" / "见证人" / "Witness",
    "year" / "年度" / "Year",
}
