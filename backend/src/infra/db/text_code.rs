//! Status and role columns: stored as text, read as enums by one conversion that works on both databases.

use domain::base::catalogue::{Category, Grade};
use domain::base::permission::{GrantStatus, InstitutionRole, Role, UserRole};
use domain::engine::notification::{Channel, MessageCategory};
use domain::record::certificate::{CertificateStatus, Measure, Renewal};
use domain::record::course::{TeacherRole, TieState};
use domain::record::institution::{InstitutionKind, InstitutionState};
use domain::record::payment::{OrderState, Payer, RefundReason};
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Type};

/// An enum with a stable code for each of its values.
pub trait TextCode: Sized {
    /// The value with this code.
    fn parse_code(code: &str) -> Option<Self>;
}

/// A text column that holds the code of a `T`. A query that meets any other text fails with `DbError::Unreadable`.
pub struct Coded<T>(T);

impl<DB: Database, T> Type<DB> for Coded<T>
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <String as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <String as Type<DB>>::compatible(ty)
    }
}

impl<'r, DB: Database, T: TextCode> Decode<'r, DB> for Coded<T>
where
    &'r str: Decode<'r, DB>,
{
    fn decode(value: <DB as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let text = <&str as Decode<'r, DB>>::decode(value)?;
        T::parse_code(text).map(Self).ok_or_else(|| "unknown code".into())
    }
}

/// Makes enums readable from a column of a row: `#[sqlx(try_from = "Coded<Role>")]`.
macro_rules! coded {
    ($($type:ty: $parse:expr;)*) => {$(
        impl TextCode for $type {
            fn parse_code(code: &str) -> Option<Self> {
                $parse(code)
            }
        }

        impl From<Coded<$type>> for $type {
            fn from(coded: Coded<$type>) -> Self {
                coded.0
            }
        }
    )*};
}

/// Defines an enum that only the database needs, with its codes.
macro_rules! coded_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// The code that is stored.
            pub const fn code(self) -> &'static str {
                match self {
                    $($name::$variant => $code,)*
                }
            }
        }

        impl $crate::infra::db::text_code::TextCode for $name {
            fn parse_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some($name::$variant),)*
                    _ => None,
                }
            }
        }

        impl From<$crate::infra::db::text_code::Coded<$name>> for $name {
            fn from(coded: $crate::infra::db::text_code::Coded<$name>) -> Self {
                coded.into_value()
            }
        }
    };
}

pub(crate) use coded_enum;

impl<T> Coded<T> {
    /// The value.
    pub fn into_value(self) -> T {
        self.0
    }
}

coded! {
    Category: Category::from_code;
    CertificateStatus: CertificateStatus::from_code;
    Channel: Channel::from_code;
    MessageCategory: MessageCategory::from_code;
    Grade: Grade::from_code;
    GrantStatus: |code| find(&[GrantStatus::Active, GrantStatus::Pending, GrantStatus::Suspended, GrantStatus::Ended], GrantStatus::code, code);
    InstitutionKind: InstitutionKind::from_code;
    InstitutionState: InstitutionState::from_code;
    UserRole: UserRole::from_code;
    InstitutionRole: |code| find(&[InstitutionRole::User, InstitutionRole::Practitioner], InstitutionRole::code, code);
    Measure: Measure::from_code;
    OrderState: |code| find(&OrderState::ALL, OrderState::code, code);
    Payer: |code| find(&[Payer::Individual, Payer::Institution], Payer::code, code);
    RefundReason: RefundReason::from_code;
    Renewal: |code| find(&Renewal::ALL, Renewal::code, code);
    Role: Role::from_code;
    TeacherRole: TeacherRole::from_code;
    TieState: TieState::from_code;
}

fn find<T: Copy>(all: &[T], code_of: fn(T) -> &'static str, code: &str) -> Option<T> {
    all.iter().copied().find(|value| code_of(*value) == code)
}
