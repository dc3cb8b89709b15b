//! Adapters of payment providers: each speaks its provider's protocol on one side and the desk's words on the other.

pub mod payme;
