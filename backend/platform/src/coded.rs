//! Types of the contract as database columns.

use std::fmt::Display;
use std::str::FromStr;

use contract::CodedEnum;
use sea_orm::sea_query::{
    ArrayType, ColumnType, Expr, ExprTrait, IntoColumnRef, Nullable, SimpleExpr, StringLen, ValueType, ValueTypeErr,
};
use sea_orm::{ColIdx, DbErr, QueryResult, TryGetError, TryGetable, Value};

/// A [`CodedEnum`] in an entity, stored as its code in a text column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code<T>(pub T);

/// Several codes, for a condition.
pub fn codes<T: CodedEnum + Copy>(of: &[T]) -> impl Iterator<Item = Code<T>> {
    of.iter().copied().map(Code)
}

/// The condition that a column has one of these codes, which are written into the statement instead of bound to it. So PostgreSQL,
/// which plans a statement once for all values, knows how few rows have them, and looks for those instead of walking along a list.
pub fn is_one_of<T: CodedEnum>(column: impl IntoColumnRef, of: &[T]) -> SimpleExpr {
    Expr::col(column).is_in(of.iter().map(|code| Expr::cust(format!("'{}'", code.code()))))
}

impl<T: CodedEnum> From<Code<T>> for Value {
    fn from(code: Code<T>) -> Self {
        code.0.code().into()
    }
}

impl<T: CodedEnum> TryGetable for Code<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let code = String::try_get_by(row, index)?;
        T::from_code(&code)
            .map(Self)
            .ok_or_else(|| TryGetError::DbErr(DbErr::Type(format!("{code:?} is no code of {}", std::any::type_name::<T>()))))
    }
}

impl<T: CodedEnum> ValueType for Code<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let code = <String as ValueType>::try_from(value)?;
        T::from_code(&code).map(Self).ok_or(ValueTypeErr)
    }

    fn type_name() -> String {
        "Code".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::String(StringLen::N(40))
    }
}

impl<T: CodedEnum> Nullable for Code<T> {
    fn null() -> Value {
        Value::String(None)
    }
}

impl<T: CodedEnum> sea_orm::IntoActiveValue<Self> for Code<T> {
    fn into_active_value(self) -> sea_orm::ActiveValue<Self> {
        sea_orm::ActiveValue::Set(self)
    }
}

/// A value of the contract in a text column, as displayed by `Display`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written<T>(pub T);

impl<T: Display> From<Written<T>> for Value {
    fn from(written: Written<T>) -> Self {
        written.0.to_string().into()
    }
}

impl<T: FromStr> TryGetable for Written<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        text.parse().map(Self).map_err(|_| {
            TryGetError::DbErr(DbErr::Type(format!("{text:?} is not written like a {}", std::any::type_name::<T>())))
        })
    }
}

impl<T: FromStr + Display> ValueType for Written<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let text = <String as ValueType>::try_from(value)?;
        text.parse().map(Self).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "Written".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::String(StringLen::None)
    }
}

impl<T> Nullable for Written<T> {
    fn null() -> Value {
        Value::String(None)
    }
}

/// A value of the contract in a JSON column, for parts that are only read and written with their row.
#[derive(Clone, Debug, PartialEq)]
pub struct AsJson<T>(pub T);

impl<T: serde::Serialize> From<AsJson<T>> for Value {
    fn from(value: AsJson<T>) -> Self {
        // Every type of the contract can become JSON, because the API answers with it.
        Self::Json(serde_json::to_value(&value.0).ok().map(Box::new))
    }
}

impl<T: serde::de::DeserializeOwned> TryGetable for AsJson<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let json = serde_json::Value::try_get_by(row, index)?;
        serde_json::from_value(json).map(Self).map_err(|error| TryGetError::DbErr(DbErr::Json(error.to_string())))
    }
}

impl<T: serde::de::DeserializeOwned + serde::Serialize> ValueType for AsJson<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let json = <serde_json::Value as ValueType>::try_from(value)?;
        serde_json::from_value(json).map(Self).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "AsJson".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::Json
    }

    fn column_type() -> ColumnType {
        ColumnType::JsonBinary
    }
}

impl<T> Nullable for AsJson<T> {
    fn null() -> Value {
        Value::Json(None)
    }
}

/// The value of a column, or `None` if the service never writes such a value. SQLite stores any value in any column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Legible<T>(pub Option<T>);

impl<T: TryGetable> TryGetable for Legible<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        Ok(Self(T::try_get_by(row, index).ok()))
    }
}

impl<T> Legible<Option<T>> {
    /// The value; `None` also if it is not legible.
    pub fn known(self) -> Option<T> {
        self.0.flatten()
    }
}
