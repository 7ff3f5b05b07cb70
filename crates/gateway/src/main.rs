//! The binary `paycode`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Payments are many small values that one thread makes and another drops, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    gateway::cli::main()
}
