//! Columns and fields of the contract with the same name, named only once.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::coded::{AsJson, Code, Written};

/// The type of a column: a type of the contract, or one of the wrappers in [`coded`](crate::coded).
pub trait Stored {
    /// The type in the contract.
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

/// An object of the contract, from given values and the columns of rows. A missing field does not compile.
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

/// The columns to write, from given values and the fields of an input. Other columns stay as they are.
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
