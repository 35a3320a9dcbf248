//! What fields are called, on screens and in workbooks: one name in JSON, one in each language.

use crate::Lang;

macro_rules! labels {
    ($( $field:literal / $zh:literal / $en:literal ),+ $(,)?) => {
        /// The label of a field, by its JSON name, if it has one.
        pub fn find(field: &str, lang: Lang) -> Option<&'static str> {
            match field {
                $( $field => Some(lang.pick($zh, $en)), )+
                _ => None,
            }
        }

        /// The label of a field, by its JSON name; the name itself where it has none.
        pub fn label(field: &str, lang: Lang) -> &str {
            find(field, lang).unwrap_or(field)
        }
    };
}

labels! {
    "account" / "账号" / "Account",
    "address" / "地址" / "Address",
    "agreement_months" / "协议期限（月）" / "Term of agreements (months)",
    "agreement_prefix" / "协议编号前缀" / "Prefix of agreement numbers",
    "amount_fen" / "金额（元）" / "Amount (yuan)",
    "answer_days" / "答复期限（天）" / "Days to answer a proposal",
    "area_code" / "区划代码" / "Area code",
    "area_name" / "行政区划" / "Area",
    "code" / "代码" / "Code",
    "collective_income_fen" / "村集体年收入（元）" / "Collective income per year (yuan)",
    "contact_name" / "联系人" / "Contact",
    "contact_phone" / "联系电话" / "Telephone",
    "content" / "具体帮扶内容" / "Assistance given",
    "cooperation_content" / "合作内容" / "Content of the cooperation",
    "credit_code" / "统一社会信用代码" / "Unified social credit code",
    "current_password" / "当前密码" / "Current password",
    "description" / "说明" / "Description",
    "directed_donations" / "定向捐赠" / "Directed donations",
    "display_name" / "姓名" / "Name",
    "document_number" / "文号" / "Document number",
    "donated_on" / "捐赠日期" / "Donated on",
    "done_on" / "完成日期" / "Done on",
    "due_on" / "截止日期" / "Due on",
    "ends_on" / "结束日期" / "Ends on",
    "indicator" / "指标" / "Indicator",
    "industries" / "适宜产业" / "Suited industries",
    "industry" / "适宜产业" / "Suited industry",
    "kind" / "类别" / "Kind",
    "leading_group" / "活动领导小组" / "Leading group",
    "level" / "级别" / "Level",
    "low_income_households" / "相对贫困户数" / "Low-income households",
    "max_pairings_per_organisation" / "每个社会组织结对上限" / "Most pairings of an organisation",
    "max_pairings_per_village" / "每个村（社区）结对上限" / "Most pairings of a village",
    "max_projects" / "每对合作项目上限" / "Most projects of a pairing",
    "member_count" / "会员数" / "Members",
    "milestones" / "关键节点" / "Milestones",
    "min_organisations" / "社会组织数量目标" / "Organisations wanted",
    "month" / "月份" / "Month",
    "name" / "名称" / "Name",
    "new_password" / "新密码" / "New password",
    "note" / "备注" / "Note",
    "number" / "协议编号" / "Number",
    "old_base" / "老区村" / "Old revolutionary base",
    "organisation_name" / "社会组织名称" / "Organisation",
    "organisation_obligations" / "社会组织义务" / "Obligations of the organisation",
    "organisation_signatory" / "社会组织签字人" / "Signatory of the organisation",
    "password" / "密码" / "Password",
    "period" / "活动期间" / "Period",
    "phase" / "阶段" / "Phase",
    "phases" / "活动阶段" / "Phases",
    "population" / "人口" / "Population",
    "progress" / "进展情况" / "Progress",
    "post" / "职务" / "Post",
    "project_grace_days" / "签约后立项期限（天）" / "Days after signing to have a project",
    "purpose" / "用途" / "Purpose",
    "rating" / "评估等级" / "Rating",
    "report_day" / "月报截止日" / "Day of the monthly form",
    "report_day_inclusive" / "截止日当天仍算按时" / "The day itself is on time",
    "report_day_skips_weekend" / "截止日遇周末顺延至周一" / "A day on a weekend moves to Monday",
    "resources" / "资源禀赋" / "Resource endowment",
    "signed_on" / "签订日期" / "Signed on",
    "role" / "角色" / "Role",
    "settings" / "活动设置" / "Settings",
    "starts_on" / "开始日期" / "Starts on",
    "state" / "状态" / "State",
    "strengths" / "优势特长" / "Strengths",
    "target" / "目标值" / "Target",
    "targets" / "目标任务" / "Targets",
    "title" / "标题" / "Title",
    "town_code" / "镇（街道）代码" / "Town code",
    "town_name" / "镇（街道）" / "Town",
    "unit" / "单位及职务" / "Unit and office",
    "updated_at" / "更新时间" / "Updated",
    "village_code" / "村（社区）代码" / "Village code",
    "village_name" / "村（社区）" / "Village",
    "village_obligations" / "村（社区）义务" / "Obligations of the village",
    "village_signatory" / "村（社区）签字人" / "Signatory of the village",
    "witness" / "见证人" / "Witness",
    "within" / "所属区划" / "Within area",
    "year" / "年度" / "Year",
}
