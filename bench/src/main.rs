//! Media measured side by side: this forwarder, Janus, and one that only encrypts and sends, in turns, on one
//! processor core, with one load client on the other.
//!
//! ```text
//!   forward ─ sets up two network namespaces, starts the servers in one, the load in the other
//!     serve, null  (core 0, namespace "server")      load (core 1, namespace "load")
//!     janus        (core 0, namespace "server")
//! ```
//!
//! Processor time is the kernel's own count of each server's threads, never a clock on the wall. What a packet
//! costs the receiving side of the network stack is charged to whoever sends, for all servers alike.

mod client;
mod cpu;
mod cycles;
mod forward;
mod heap;
mod janus;
mod namespace;
mod plot;
mod report;
mod server;
mod soak;
mod storm;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Media measured side by side")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Processor time a forwarded packet: 1 publisher at 2.5 Mbps, so many subscribers.
    Forward(forward::Options),
    /// Everybody comes within ten seconds: first picture and floor change for all, memory a site.
    Storm(storm::Options),
    /// A conference on real sockets for as long as one likes: what its memory does, and what stays behind.
    Soak(soak::Options),
    /// A conference on real sockets that fills and empties, again and again: what memory is left, and whose it is.
    Cycles(cycles::Options),
    /// The servers and the load, as the measurement starts them.
    #[command(hide = true)]
    Serve(server::Options),
    #[command(hide = true)]
    Null(server::Options),
    #[command(hide = true)]
    Load(client::Options),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        What::Forward(options) => forward::run(&options),
        What::Storm(options) => storm::run(&options),
        What::Soak(options) => soak::run(&options),
        What::Cycles(options) => cycles::run(&options),
        What::Serve(options) => server::serve(&options),
        What::Null(options) => server::null(&options),
        What::Load(options) => client::run(&options),
    }
}
