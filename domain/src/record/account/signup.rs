//! 个人注册: validation of the registration form.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::base::calendar::parse_day;
use crate::base::identity::{self, Document, DocumentType, Email, Mobile, Sex};
use crate::base::rule::{RuleKey, RulesOn, key};
use crate::base::text::normalise;
use crate::engine::form::typed_day;
use crate::record::account::identity::DocumentIdentity;

/// The registration form as submitted.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupForm {
    /// 登录账号.
    pub account: String,
    /// 密码.
    pub password: String,
    /// 确认密码.
    pub password_again: String,
    /// 姓名.
    pub name: String,
    /// 证件类型, by code.
    pub document_type: String,
    /// 证件号码.
    pub document_number: String,
    /// 性别, only for documents whose number does not contain it.
    pub sex: String,
    /// 出生日期, likewise.
    pub birth_date: String,
    /// 手机号码.
    pub mobile: String,
    /// 电子邮箱.
    pub email: String,
    /// Whether the terms were accepted: `yes`.
    pub agreed: String,
}

/// An error of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignupError {
    /// Name of the field.
    pub field: &'static str,
    /// Stable error code.
    pub code: &'static str,
    /// Message for the user.
    pub text: String,
}

/// A valid registration; whether document, mobile and e-mail are unique is not checked yet.
#[derive(Clone)]
pub struct NewAccount {
    /// 登录账号, in lower case.
    pub account: String,
    /// 密码.
    pub password: String,
    /// 姓名.
    pub name: String,
    /// 证件.
    pub document: Document,
    /// 性别.
    pub sex: Sex,
    /// 出生日期.
    pub birth_date: NaiveDate,
    /// 手机号码.
    pub mobile: Mobile,
    /// 电子邮箱.
    pub email: Email,
}

impl SignupForm {
    /// Parses the pairs of a post. Unknown fields are ignored; text other than passwords is normalised.
    pub fn read(post: &[(String, String)]) -> Self {
        let raw = |name: &str| post.iter().find(|(n, _)| n == name).map_or_else(String::new, |(_, v)| v.clone());
        let text = |name: &str| normalise(&raw(name));
        SignupForm {
            account: text("account"),
            password: raw("password"),
            password_again: raw("password_again"),
            name: text("name"),
            document_type: text("document_type"),
            document_number: text("document_number"),
            sex: text("sex"),
            birth_date: typed_day(post, "birth_date"),
            mobile: text("mobile"),
            email: text("email"),
            agreed: text("agreed"),
        }
    }
}

/// The rule for the length of a name: passports print longer ones.
fn name_max(document: Option<DocumentType>) -> RuleKey {
    match document {
        Some(DocumentType::Passport | DocumentType::ForeignerPr) => key::NAME_MAX_PASSPORT,
        _ => key::NAME_MAX,
    }
}

/// Validates the whole form.
///
/// # Errors
/// All errors of the form, in the order of its fields.
pub fn validate(form: &SignupForm, today: NaiveDate, rules: &RulesOn<'_>) -> Result<NewAccount, Vec<SignupError>> {
    let mut errors = SignupErrors(Vec::new());
    let account =
        errors.take("account", "登录账号", &form.account, |t| identity::AccountName::parse(t).map_err(|e| (e.code(), e.text())));
    let name_max = usize::try_from(rules.int(name_max(DocumentType::from_code(&form.document_type)))).unwrap_or(0);
    let name = errors.take("name", "姓名", &form.name, |t| identity::read_person_name(t, name_max).map_err(|e| (e.code(), e.text())));
    let typed = TypedDocument { kind: &form.document_type, number: &form.document_number, sex: &form.sex, birth_date: &form.birth_date };
    let identity = read_document(&typed, today).map_err(|more| errors.0.extend(more)).ok();
    let mobile = errors.take("mobile", "手机号码", &form.mobile, |t| Mobile::parse(t).map_err(|e| (e.code(), e.text())));
    let email = errors.take("email", "电子邮箱", &form.email, |t| Email::parse(t).map_err(|e| (e.code(), e.text())));
    let context = [form.account.as_str(), mobile.as_ref().map_or("", Mobile::as_str)];
    let password = errors.take("password", "密码", &form.password, |t| {
        identity::check_password(t, &context).map(|()| t.to_owned()).map_err(|e| (e.code(), e.text().to_owned()))
    });
    if form.password != form.password_again {
        errors.add("password_again", "passwords_differ", "两次填写的密码不一致");
    }
    if form.agreed != "yes" {
        errors.add("agreed", "not_agreed", "请阅读并同意用户服务协议和个人信息处理规则");
    }
    match (account, password, name, identity, mobile, email) {
        (Some(account), Some(password), Some(name), Some(identity), Some(mobile), Some(email)) if errors.0.is_empty() => {
            let DocumentIdentity { document, sex, birth_date } = identity;
            Ok(NewAccount { account: account.into_string(), password, name, document, sex, birth_date, mobile, email })
        }
        _ => Err(errors.0),
    }
}

/// Validates one field of a form that is still being filled in.
///
/// # Errors
/// The first error of the field.
pub fn validate_field(form: &SignupForm, field: &str, today: NaiveDate, rules: &RulesOn<'_>) -> Result<(), SignupError> {
    let errors = validate(form, today, rules).err().unwrap_or_default();
    errors.into_iter().find(|error| error.field == field).map_or(Ok(()), Err)
}

/// What was typed about an identity document.
#[derive(Clone, Copy)]
pub struct TypedDocument<'a> {
    /// 证件类型, by code.
    pub kind: &'a str,
    /// 证件号码.
    pub number: &'a str,
    /// 性别, by code; ignored if the number contains it.
    pub sex: &'a str,
    /// 出生日期, likewise.
    pub birth_date: &'a str,
}

/// Reads an identity document with the sex and the birth date of its holder.
///
/// # Errors
/// Every error, at the fields `document_type`, `document_number`, `sex` and `birth_date`.
pub fn read_document(typed: &TypedDocument<'_>, today: NaiveDate) -> Result<DocumentIdentity, Vec<SignupError>> {
    let mut errors = SignupErrors(Vec::new());
    let document = errors.document(typed.kind, typed.number, today);
    let (sex, birth_date) = document.as_ref().map_or((None, None), |document| errors.sex_and_birth(typed, document, today));
    match (document, sex, birth_date) {
        (Some(document), Some(sex), Some(birth_date)) if errors.0.is_empty() => Ok(DocumentIdentity { document, sex, birth_date }),
        _ => Err(errors.0),
    }
}

const AGE: &str = "用户须年满 16 周岁、不满 101 周岁，请核对出生日期";

struct SignupErrors(Vec<SignupError>);

impl SignupErrors {
    fn add(&mut self, field: &'static str, code: &'static str, text: impl Into<String>) {
        self.0.push(SignupError { field, code, text: text.into() });
    }

    fn take<T>(
        &mut self,
        field: &'static str,
        label: &str,
        form: &str,
        parse: impl FnOnce(&str) -> Result<T, (&'static str, String)>,
    ) -> Option<T> {
        if form.is_empty() {
            self.add(field, "missing", format!("请填写{label}"));
            return None;
        }
        match parse(form) {
            Ok(value) => Some(value),
            Err((code, text)) => {
                self.add(field, code, text);
                None
            }
        }
    }

    fn document(&mut self, kind: &str, number: &str, today: NaiveDate) -> Option<Document> {
        let Some(kind) = DocumentType::from_code(kind) else {
            self.add("document_type", "missing", "请选择证件类型");
            return None;
        };
        self.take("document_number", "证件号码", number, |t| Document::parse(kind, t, today).map_err(|e| (e.code(), e.text())))
    }

    /// Sex and birth date from the document number, or as typed.
    fn sex_and_birth(&mut self, typed: &TypedDocument<'_>, document: &Document, today: NaiveDate) -> (Option<Sex>, Option<NaiveDate>) {
        if let (Some(sex), Some(birth)) = (document.sex(), document.birth_date()) {
            if !identity::of_age(birth, today) {
                self.add("document_number", "age", AGE);
            }
            return (Some(sex), Some(birth));
        }
        let sex = Sex::from_code(typed.sex);
        if sex.is_none() {
            self.add("sex", "missing", "请选择性别");
        }
        let birth = self.take("birth_date", "出生日期", typed.birth_date, |t| {
            let day = parse_day(t).map_err(|e| (e.code(), e.text()))?;
            if identity::of_age(day, today) { Ok(day) } else { Err(("age", AGE.to_owned())) }
        });
        (sex, birth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rule::Rules;

    fn form() -> SignupForm {
        SignupForm {
            account: "zhangwei".into(),
            password: "Spring-2026-leaf".into(),
            password_again: "Spring-2026-leaf".into(),
            name: "张伟".into(),
            document_type: "resident_id".into(),
            document_number: "110101199003070011".into(),
            mobile: "+86 138 1234 5678".into(),
            email: "zhangwei@example.com".into(),
            agreed: "yes".into(),
            ..SignupForm::default()
        }
    }

    fn fields(form: &SignupForm) -> Vec<&'static str> {
        let (today, rules) = ("2026-11-23".parse().unwrap(), Rules::default());
        validate(form, today, &rules.on(today)).map_or_else(|errors| errors.iter().map(|f| f.field).collect(), |_| Vec::new())
    }

    #[test]
    fn a_complete_form_is_valid() {
        assert!(fields(&form()).is_empty());
    }

    #[test]
    fn every_error_is_reported_at_once() {
        assert_eq!(fields(&SignupForm::default()), ["account", "name", "document_type", "mobile", "email", "password", "agreed"]);
    }

    #[test]
    fn a_field_is_judged_while_the_others_are_empty() {
        let (today, rules) = ("2026-11-23".parse().unwrap(), Rules::default());
        let judge = |field: &str, form: SignupForm| validate_field(&form, field, today, &rules.on(today)).map_err(|error| error.code);
        let number =
            |number: &str| SignupForm { document_type: "resident_id".into(), document_number: number.into(), ..SignupForm::default() };
        assert_eq!(judge("mobile", SignupForm { mobile: "138 1234 5678".into(), ..SignupForm::default() }), Ok(()));
        assert!(judge("mobile", SignupForm { mobile: "1381234".into(), ..SignupForm::default() }).is_err());
        assert_eq!(judge("document_number", number("110101199003070011")), Ok(()));
        assert!(judge("document_number", number("110101199003070012")).is_err());
    }

    #[test]
    fn a_name_may_be_as_long_as_its_document_prints_it() {
        let passport = SignupForm {
            name: "Maria Alejandra Guadalupe Fernandez de Cordova".into(),
            document_type: "passport".into(),
            document_number: "E 1234 5678".into(),
            sex: "female".into(),
            birth_date: "1990/3/7".into(),
            ..form()
        };
        assert!(fields(&passport).is_empty());
        assert!(fields(&SignupForm { name: "丹".into(), ..passport }).is_empty());
        assert_eq!(fields(&SignupForm { name: "长".repeat(31), ..form() }), ["name"]);
    }

    #[test]
    fn a_child_cannot_register_with_any_document() {
        let child = SignupForm { document_type: "passport".into(), document_number: "E12345678".into(), sex: "male".into(), ..form() };
        assert_eq!(fields(&SignupForm { birth_date: "2012-01-01".into(), ..child.clone() }), ["birth_date"]);
        assert_eq!(fields(&SignupForm { birth_date: "2027-01-01".into(), ..child.clone() }), ["birth_date"]);
        assert!(fields(&SignupForm { birth_date: "1990-01-01".into(), ..child }).is_empty());
    }

    #[test]
    fn a_document_without_built_in_data_asks_for_sex_and_birth() {
        let passport = SignupForm { document_type: "passport".into(), document_number: "E12345678".into(), ..form() };
        assert_eq!(fields(&passport), ["sex", "birth_date"]);
    }

    #[test]
    fn a_password_made_of_the_mobile_is_refused_however_the_mobile_is_written() {
        let same = SignupForm { password: "Aa13812345678!".into(), password_again: "Aa13812345678!".into(), ..form() };
        assert_eq!(fields(&same), ["password"]);
    }
}
