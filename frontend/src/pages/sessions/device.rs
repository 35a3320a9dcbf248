//! The common names of a browser and its system, from its user agent.

use crate::i18n::{Text, texts};

const fn same(name: &'static str) -> Text {
    Text { zh: name, en: name }
}

/// Browsers by a part of their user agent. Each also names those that it is built on, so the first match counts.
const BROWSERS: &[(&str, Text)] = &[
    ("wxwork", texts::account::WECOM),
    ("MicroMessenger", texts::account::WECHAT),
    ("DingTalk", texts::account::DINGTALK),
    ("QQBrowser", texts::account::QQ_BROWSER),
    ("360SE", texts::account::BROWSER_360),
    ("360EE", texts::account::BROWSER_360),
    ("QihooBrowser", texts::account::BROWSER_360),
    ("QHBrowser", texts::account::BROWSER_360),
    ("MetaSr", texts::account::SOGOU),
    ("UCBrowser", texts::account::UC_BROWSER),
    ("HuaweiBrowser", texts::account::HUAWEI_BROWSER),
    ("MiuiBrowser", texts::account::MI_BROWSER),
    ("Edg", same("Edge")),
    ("OPR/", same("Opera")),
    ("Firefox/", same("Firefox")),
    ("FxiOS/", same("Firefox")),
    ("Chrome/", same("Chrome")),
    ("CriOS/", same("Chrome")),
    ("Safari/", same("Safari")),
];

/// Systems by a part of the user agent.
const SYSTEMS: &[(&str, Text)] = &[
    ("HarmonyOS", texts::account::HARMONY),
    ("OpenHarmony", texts::account::HARMONY),
    ("Android", same("Android")),
    ("iPhone", same("iPhone")),
    ("iPad", same("iPad")),
    ("Windows", same("Windows")),
    ("Mac OS X", same("macOS")),
    ("CrOS", same("ChromeOS")),
    ("Linux", same("Linux")),
];

/// `Chrome · Windows`, or the name of a program that is no browser. `None` if the user agent is empty.
pub fn name(agent: &str) -> Option<String> {
    let found = |known: &[(&str, Text)]| known.iter().find(|(part, _)| agent.contains(part)).map(|(_, text)| text.get());
    let program = || agent.split(['/', ' ']).next().filter(|name| !name.is_empty() && *name != "Mozilla");
    match (found(BROWSERS).or_else(program), found(SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} · {system}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_called_what_people_call_it() {
        const AGENTS: &[(&str, &str)] = &[
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
                "Chrome · Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
                "Edge · Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0 Safari/537.36 QQBrowser/11.9",
                "QQ浏览器 · Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 12; P40) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.47",
                "微信 · Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari · iPhone",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox · Linux"),
            ("curl/8.9.1", "curl"),
        ];
        for (agent, device) in AGENTS {
            assert_eq!(name(agent).as_deref(), Some(*device));
        }
        assert_eq!(name("Mozilla/5.0"), None);
        assert_eq!(name(""), None);
    }
}
