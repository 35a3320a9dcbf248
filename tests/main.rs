//! Tests of the running service; filled domain by domain.
