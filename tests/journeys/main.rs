//! One test binary: every journey through the whole platform.

mod faults;
