//! Messages and codes of error enums.

/// Implements message and stable code of an error enum from one table.
macro_rules! error_texts {
    ($name:ident { $($variant:ident $code:literal $text:literal;)* }) => {
        impl $name {
            /// Message for the user.
            pub fn text(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }

            /// Stable error code.
            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $code),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl std::error::Error for $name {}
    };
}
pub(crate) use error_texts;

/// The same for the error enum of a reader, whose variant `Sign` names the first wrong character. A text may have one number: `{}`.
macro_rules! reader_error_texts {
    ($name:ident { $($variant:ident $(($number:ident))? $code:literal $text:literal;)* }) => {
        impl $name {
            /// Message for the user.
            pub fn text(self) -> String {
                match self {
                    $name::Sign(wrong) => wrong.text(),
                    $($name::$variant $(($number))? => $crate::base::error_texts::fill!($text $(, $number)?)),*
                }
            }

            /// Stable error code.
            pub fn code(self) -> &'static str {
                match self {
                    $name::Sign(_) => "wrong_character",
                    $($name::$variant $(($number))? => { $(let _ = $number;)? $code }),*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl std::error::Error for $name {}

        impl From<$crate::base::text::WrongSign> for $name {
            fn from(wrong: $crate::base::text::WrongSign) -> Self {
                $name::Sign(wrong)
            }
        }
    };
}
pub(crate) use reader_error_texts;

/// A sentence, with its number if it has one.
macro_rules! fill {
    ($text:literal) => {
        $text.to_owned()
    };
    ($text:literal, $number:expr) => {
        format!($text, $number)
    };
}
pub(crate) use fill;
