//! How well organisations and villages go together: what is known of them, and the terms of a score.

pub mod data;
pub mod score;
