//! The room through its real sockets: a real journal, a real sfu, clients that speak protocol 1 over TCP.
//!
//! A test waits for what it expects, never for time to pass.

mod burst;
mod camera;
mod client;
mod floor;
mod hostile;
mod house;
mod media;
mod permission;
mod ready;
mod rehearsal;
mod seats;
mod whip;

use self::{client::Client, house::House};
