//! Who runs the platform, as its settings say: the footer, the home page and the pages of help and privacy show it.

/// The operator of the platform. What is not set is shown nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operator {
    /// 主办单位.
    pub name: Option<String>,
    /// 咨询电话.
    pub phone: Option<String>,
    /// 工作时间.
    pub hours: Option<String>,
    /// Address for questions.
    pub email: Option<String>,
    /// 联系地址.
    pub address: Option<String>,
    /// 备案号 of the site.
    pub filing_number: Option<String>,
}

impl Operator {
    /// The operator of a demo, marked as such.
    pub fn fictitious() -> Self {
        let text = |text: &str| Some(text.to_owned());
        Self {
            name: text("认证人员协会（演示，虚构）"),
            phone: text("010-0000-0000（演示）"),
            hours: text("工作日 9:00–17:00"),
            email: text("service@example.cn"),
            address: None,
            filing_number: None,
        }
    }

    /// Labels and values of the ways to reach the operator; empty if none is set.
    pub fn contacts(&self) -> Vec<(String, String)> {
        [("咨询电话", &self.phone), ("工作时间", &self.hours), ("电子邮箱", &self.email), ("联系地址", &self.address)]
            .into_iter()
            .filter_map(|(label, value)| Some((label.to_owned(), value.clone()?)))
            .collect()
    }
}
