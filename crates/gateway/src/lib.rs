//! paycode, the gateway: all the IO around the pure crates.
//!
//! Arrows inside: `api`, `console`, `cli` -> `app` -> `runner` -> `store`, `transport`, `clock`, `dialects`. Only `store` knows SQL,
//! nothing below `app` knows the web framework, and only `cli` builds the real world.

pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod dialects;
pub mod lifecycle;
pub mod metrics;
pub mod runner;
pub mod sandbox;
pub mod store;
pub mod symbols;
pub mod transport;
pub mod words;
