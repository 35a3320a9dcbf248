//! The service's process.

/// Quicker than the C library's with many small pieces, and gives back what it needs no more. Without huge pages, of which it
/// touches little and holds much: they made 9 MB at rest 25.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), baishe::command_line::InWords> {
    baishe::command_line::main()
}
