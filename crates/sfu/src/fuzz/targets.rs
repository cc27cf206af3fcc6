//! The targets. Each panics when something is wrong, and only then.

use std::{cell::RefCell, net::SocketAddr};

use str0m::change::SdpAnswer;

use super::{
    Shape, stack,
    world::{PUBLISHER, SUBSCRIBER, World, first_check, magnitude, server, signed},
};
use crate::{
    JoinError, JoinKind,
    core::reads_kind,
    send::{
        Codec, Payload,
        rtcp::{self, Said},
    },
};

/// Inputs that one world takes: it keeps what it was told, and an input that breaks something should do so alone.
const INPUTS_PER_WORLD: u32 = 400;
/// From nobody's address.
const ELSEWHERE: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9)), 999);

fn in_world<T>(act: impl FnOnce(&mut World) -> T) -> T {
    thread_local! {
        static WORLD: RefCell<Option<(World, u32)>> = const { RefCell::new(None) };
    }
    // Taken out: one that panicked is not used again.
    let world = WORLD.take().filter(|(world, used)| *used < INPUTS_PER_WORLD && !world.is_over());
    let (mut world, used) = world.unwrap_or_else(|| (World::new(false), 0));
    let outcome = act(&mut world);
    WORLD.set(Some((world, used + 1)));
    outcome
}

/// An authentic packet of a publisher, whatever is in it.
pub(super) fn rtp(bytes: &[u8]) -> Shape {
    let seen = [Codec::Vp8, Codec::H264, Codec::Opus].map(|codec| {
        let seen = Payload::inspect(codec, bytes);
        let mut changed = bytes.to_vec();
        seen.patch.apply(&mut changed, seen.picture_id.map(|id| id ^ 1), seen.tl0_pic_idx);
        (seen.starts_keyframe, seen.picture_id.is_some())
    });
    in_world(|world| {
        let mut packet = bytes.to_vec();
        packet.resize(packet.len().max(12), 0);
        packet[0] = 0x80 | packet[0] & 0x3f;
        world.with_streams(&mut packet[8..12]);
        let ssrc = u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]);
        // Out of its order it would be opened under another index than it was sealed with.
        let leaps_to = u16::from_be_bytes([packet[2], packet[3]]);
        let seq = world.next_seq(ssrc, (leaps_to > 0xf000).then_some(leaps_to));
        packet[2..4].copy_from_slice(&(seq as u16).to_be_bytes());
        let mut header = 12 + usize::from(packet[0] & 0xf) * 4;
        if packet[0] & 0x10 > 0 {
            let words = packet.get(header + 2..header + 4).unwrap_or(&[0, 0]);
            header += 4 + usize::from(u16::from_be_bytes([words[0], words[1]])) * 4;
        }
        let header = header.min(packet.len());
        if let Some(sealer) = &world.clients[PUBLISHER].sealer {
            sealer.seal_rtp(&mut packet, 0, header, ssrc, seq);
        }
        let source = world.address(PUBLISHER);
        Shape::of((seen, world.take(source, &packet)))
    })
}

/// An authentic report of a subscriber and of a publisher.
pub(super) fn rtcp(bytes: &[u8]) -> Shape {
    let mut said = [0u32; 6];
    rtcp::read(bytes, |what| match what {
        Said::Block(_) => said[0] += 1,
        Said::Missing { .. } => said[1] += 1,
        Said::KeyframeWanted { .. } => said[2] += 1,
        Said::Estimate { .. } => said[3] += 1,
        Said::Arrivals(arrivals) => arrivals.each(|_| said[4] += 1),
        Said::Other => said[5] += 1,
    });
    assert!(said[4] <= 1024, "{} arrivals in {} bytes", said[4], bytes.len());
    in_world(|world| {
        let mut plain = bytes.to_vec();
        plain.resize(plain.len().max(8), 0);
        world.with_streams(&mut plain);
        let shapes = [SUBSCRIBER, PUBLISHER].map(|who| {
            let mut report = plain.clone();
            let sealed =
                world.clients[who].sealer.as_mut().is_some_and(|s| s.seal_rtcp(&mut report, 0));
            assert!(sealed, "a world does not last so long");
            let source = world.address(who);
            world.take(source, &report)
        });
        Shape::of((said.map(magnitude), shapes))
    })
}

/// A message of STUN: the first byte says whether it is signed anew, and whether it comes from a known address.
pub(super) fn stun(bytes: &[u8]) -> Shape {
    let Some((mode, message)) = bytes.split_first() else { return Shape::of(()) };
    let _ = reads_kind(message);
    in_world(|world| {
        let message = match mode & 1 {
            0 => message.to_vec(),
            _ => signed(message, &world.clients[SUBSCRIBER].credentials),
        };
        let source = if mode & 2 == 0 { world.address(SUBSCRIBER) } else { ELSEWHERE };
        world.take(source, &message)
    })
}

/// The first flights of a handshake: datagrams, each behind its length, to a peer that has only made an offer.
pub(super) fn dtls(bytes: &[u8]) -> Shape {
    in_world(|world| {
        let (peer, credentials) = world.newcomer();
        let mut shapes = vec![world.take(ELSEWHERE, &signed(&first_check(), &credentials))];
        let mut rest = bytes;
        while let [high, low, behind @ ..] = rest {
            let len = usize::from(u16::from_be_bytes([*high, *low])).min(behind.len());
            let (datagram, next) = behind.split_at(len);
            shapes.push(world.take(ELSEWHERE, datagram));
            rest = next;
            if shapes.len() == 16 {
                break;
            }
        }
        world.remove(peer);
        Shape::of(shapes)
    })
}

/// Any datagram at all, at the port, from a known address and from nobody's.
pub(super) fn port(bytes: &[u8]) -> Shape {
    in_world(|world| {
        let known = world.address(PUBLISHER);
        Shape::of([known, ELSEWHERE].map(|source| world.take(source, bytes)))
    })
}

/// An offer of a room's client and of a player.
pub(super) fn sdp(bytes: &[u8]) -> Shape {
    Shape::of([JoinKind::Room, JoinKind::Whep].map(|kind| offer(kind, bytes)))
}

/// What an encoder posts.
pub(super) fn whip(bytes: &[u8]) -> Shape {
    Shape::of(offer(JoinKind::Whip, bytes))
}

fn offer(kind: JoinKind, bytes: &[u8]) -> (&'static str, u32, u32) {
    let text = String::from_utf8_lossy(bytes);
    thread_local! {
        static DOOR: crate::core::Door = crate::core::Door::new(&[server()], &[]);
    }
    let negotiated = DOOR.with(|door| door.negotiate(kind, &text, std::time::Instant::now()));
    match negotiated {
        Ok(negotiated) => {
            let answer = negotiated.plain_answer();
            assert!(SdpAnswer::from_sdp_string(answer).is_ok(), "{answer}");
            let (lines, streams) =
                (answer.matches("\nm=").count(), answer.matches("a=ssrc:").count());
            ("answered", lines as u32, magnitude(streams as u32))
        }
        Err(JoinError::Internal) => {
            stack::must_be_known();
            ("known", 0, 0)
        }
        Err(error) => {
            assert!(error.is_of_the_offer(), "{error}");
            (error.code(), 0, 0)
        }
    }
}
