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
