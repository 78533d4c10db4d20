//! Errors out of the errors underneath.

/// Writes `From` for each kind of error that a variant holds, directly or by way of what it holds.
macro_rules! error_from {
    ($error:ty { $($variant:ident: $($source:ty),+;)+ }) => {$($(
        impl From<$source> for $error {
            fn from(error: $source) -> Self {
                Self::$variant(error.into())
            }
        }
    )+)+};
}

pub(crate) use error_from;
