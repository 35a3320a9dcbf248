//! Columns and fields of the contract that are called the same, named once.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::coded::{AsJson, Code, Written};

/// What a column holds: a value of the contract as it is, or in one of the wrappers of [`coded`](crate::coded).
pub trait Stored {
    /// The value in the contract.
    type Plain;

    fn plain(self) -> Self::Plain;
    fn stored(plain: Self::Plain) -> Self;
}

macro_rules! stored {
    (as it is: $($type:ty),+) => {
        $(impl Stored for $type {
            type Plain = Self;

            fn plain(self) -> Self {
                self
            }

            fn stored(plain: Self) -> Self {
                plain
            }
        })+
    };
    (in a wrapper: $($wrapper:ident),+) => {
        $(impl<T> Stored for $wrapper<T> {
            type Plain = T;

            fn plain(self) -> T {
                self.0
            }

            fn stored(plain: T) -> Self {
                Self(plain)
            }
        })+
    };
}

stored!(as it is: bool, i32, i64, String, Uuid, NaiveDate, DateTime<Utc>);
stored!(in a wrapper: Code, AsJson, Written);

impl<T: Stored> Stored for Option<T> {
    type Plain = Option<T::Plain>;

    fn plain(self) -> Self::Plain {
        self.map(T::plain)
    }

    fn stored(plain: Self::Plain) -> Self {
        plain.map(T::stored)
    }
}

/// An object of the contract, from what is given and the columns of rows. A field that is named nowhere does not compile.
///
/// ```ignore
/// object!(ProgressUpdate { editable, ..self.{ village_name }, ..(self.own).{ id, month, content, progress, version } })
/// ```
#[macro_export]
macro_rules! object {
    ($object:ident {
        $($given:ident $(: $value:expr)?,)* $(..$row:tt.{ $($column:ident),+ $(,)? }),+ $(, $last:ident: $end:expr)? $(,)?
    }) => {
        $object {
            $($given $(: $value)?,)*
            $($($column: $crate::columns::Stored::plain($row.$column),)+)+
            $($last: $end,)?
        }
    };
}

/// The columns to write, from what is given and the fields of an input. What is named nowhere stays as it is.
///
/// ```ignore
/// columns!(ActiveModel { texts: Set(sealed), ..input.{ month, kind, responsible } })
/// ```
#[macro_export]
macro_rules! columns {
    ($model:ident { $($given:ident: $value:expr,)* ..$input:ident.{ $($field:ident),+ $(,)? } }) => {
        $model {
            $($given: $value,)*
            $($field: sea_orm::ActiveValue::Set($crate::columns::Stored::stored($input.$field)),)+
            ..Default::default()
        }
    };
}
