//! The commands of this repository. `cargo xtask help` lists them.

mod bench;
mod ci;
mod dev;
mod floors;
mod openapi;
mod postgres;
mod process;
mod provision;
mod serve;
mod service;
mod slowest;
mod soak;
mod spa;
mod tally;
mod test;
mod tools;
mod wasm_target;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the app and the service, load the demo data, and serve both
    Serve(serve::Options),
    /// Like serve, in debug builds that are rebuilt and restarted on change
    Dev(dev::Options),
    /// Run all tests, on both databases and in a browser, and name the slowest
    Test(test::Options),
    /// What has to pass besides the tests before a change lands: format, floors, lints, document drift
    Ci,
    /// Name the imports that lead from a lower floor to a higher one
    Floors,
    /// Measure what `serve` builds beside the statements alone and a bare handler, at three sizes of data
    Bench(bench::Options),
    /// Kill the service and fill its disk under load, again and again, and count what is lost
    Soak(soak::Options),
    /// Build the app into target/spa
    Spa(spa::Options),
    /// Write the OpenAPI document to openapi/openapi.json
    Openapi(openapi::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = Workspace::find().and_then(|workspace| match arguments.command {
        Command::Serve(options) => serve::run(&workspace, &options),
        Command::Dev(options) => dev::run(&workspace, &options),
        Command::Test(options) => test::run(&workspace, &options),
        Command::Bench(options) => bench::run(&workspace, &options),
        Command::Soak(options) => soak::run(&workspace, &options),
        Command::Ci => ci::run(&workspace),
        Command::Floors => floors::run(&workspace),
        Command::Spa(options) => spa::run(&workspace, &options),
        Command::Openapi(options) => openapi::run(&workspace, &options),
    });
    outcome.unwrap_or_else(|error| {
        println!("error: {error:#}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
