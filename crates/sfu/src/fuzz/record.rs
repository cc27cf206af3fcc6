//! Makes corpora anew from what clients really say: checks, a handshake, pictures, a voice, reports.

use std::{collections::HashSet, io, path::Path};

use super::{Shape, TARGETS, world::World};
use crate::send::Opener;

/// Entries of one target; there is no use in the hundredth packet of a picture.
const ENTRIES_MAX: usize = 24;

/// Writes below `dir` what a conversation of real clients brings, a folder for each target; each entry sees something
/// happen that none before it did. How many there are now is returned.
pub fn record(dir: &Path) -> io::Result<usize> {
    let mut world = World::new(true);
    let recorded = world.recorded.take().unwrap_or_default();
    let mut openers: Vec<_> =
        (0..2).map(|who| world.mirrored_keys(who).map(|keys| Opener::new(&keys))).collect();
    let mut found: Vec<(&str, Vec<u8>)> = Vec::new();
    let mut flights = [Vec::new(), Vec::new()];
    let mut plain = Vec::new();
    for (who, datagram) in &recorded {
        let opener = openers[*who].as_mut();
        match datagram.first() {
            Some(0..=1) => found.push(("stun", [&[1][..], datagram].concat())),
            Some(20..=63) => {
                flights[*who].extend((datagram.len() as u16).to_be_bytes());
                flights[*who].extend(datagram);
            }
            _ if crate::send::rtcp::is_report(datagram) => {
                if let Some(report) = opener.and_then(|o| o.open_rtcp(datagram, &mut plain)) {
                    let mut report = report.to_vec();
                    world.without_streams(&mut report);
                    found.push(("rtcp", report));
                }
            }
            _ => {
                if let Some(mut packet) = opener.and_then(|opener| opener.open_rtp(datagram)) {
                    world.without_streams(&mut packet[8..12]);
                    found.push(("rtp", packet));
                }
            }
        }
        found.push(("port", datagram.clone()));
    }
    for flight in flights {
        found.push(("dtls", flight));
    }
    found.push(("sdp", world.offer.clone().into_bytes()));

    let mut written = 0;
    for target in TARGETS.iter().filter(|target| target.name == target.corpus) {
        let mut shapes: HashSet<Shape> = HashSet::new();
        std::fs::create_dir_all(dir.join(target.name))?;
        for (_, entry) in found.iter().filter(|(of, _)| *of == target.name) {
            if shapes.len() < ENTRIES_MAX && shapes.insert((target.run)(entry)) {
                let name = format!("recorded-{:02}", shapes.len());
                std::fs::write(dir.join(target.name).join(name), entry)?;
                written += 1;
            }
        }
    }
    Ok(written)
}
