//! What the outside tests share: the real binary as a child process, a till that speaks HTTP to it, and the books of both sides.

pub(crate) mod books;
pub(crate) mod child;
pub(crate) mod http;
pub(crate) mod till;
pub(crate) mod time;
