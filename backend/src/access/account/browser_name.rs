//! A short name of a browser from its `User-Agent`, for the list of one's own sessions. The header itself is not stored.

/// The name, such as `Windows · Chrome`; empty if nothing is recognised.
pub fn browser_name(user_agent: &str) -> String {
    // Order matters: later systems and browsers name the earlier ones too.
    let systems =
        [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")];
    let browsers = [
        ("MicroMessenger", "微信"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let find = |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    [find(&systems), find(&browsers)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_has_a_short_name() {
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        assert_eq!(browser_name(windows), "Windows · Chrome");
        assert_eq!(browser_name(&format!("{windows} Edg/140.0.0.0")), "Windows · Edge");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(browser_name(phone), "iPhone · Safari");
        assert_eq!(browser_name("curl/8"), "");
    }
}
