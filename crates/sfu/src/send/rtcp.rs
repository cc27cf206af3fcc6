//! The reports a sender reads and writes: sender and receiver reports, NACK, PLI, FIR, REMB,
//! transport-wide feedback, BYE (RFC 3550, RFC 4585, RFC 5104, draft-holmer-rmcat-transport-wide-cc).
//! Reads bytes from the network and therefore never trusts a length.

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;
/// Names in a description are longer nowhere.
const CNAME_MAX: usize = 64;
/// Reports read of one datagram: a subscriber of all our streams that complains of each of them has
/// fewer.
const REPORTS_MAX: usize = 64;
/// Packets whose arrival one datagram may speak of, as many as are remembered in flight. A run of
/// 8191 is two bytes on the wire, so that without this a small datagram would cost 65535 steps, and
/// one filled with such reports millions.
const ARRIVALS_MAX: u16 = 1024;

/// Whether a datagram of SRTP or SRTCP is the latter (RFC 5761, 4).
pub(crate) fn is_report(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, 192..=223, ..])
}

/// What a receiver says of one of our streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) ssrc: u32,
    /// In 256ths, since its last report.
    pub(crate) fraction_lost: u8,
}

/// One thing a report says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said<'a> {
    Block(Block),
    /// A packet of this stream is missing.
    Missing {
        ssrc: u32,
        seq: u16,
    },
    KeyframeWanted {
        ssrc: u32,
    },
    /// What the receiver estimates its line to carry.
    Estimate {
        bps: u64,
    },
    Arrivals(Arrivals<'a>),
    /// Something about what the peer itself sends: for whoever receives it.
    Other,
}

/// Calls `say` for everything a compound report says, until it makes no sense any more or says more
/// than any receiver does.
pub(crate) fn read(mut compound: &[u8], mut say: impl FnMut(Said<'_>)) {
    let mut arrivals_left = ARRIVALS_MAX;
    for _ in 0..REPORTS_MAX {
        let [first, kind, high, low, rest @ ..] = compound else { return };
        let len = usize::from(u16::from_be_bytes([*high, *low])) * 4;
        let Some((body, behind)) = rest.split_at_checked(len) else { return };
        if first >> 6 != 2 {
            return;
        }
        let count = first & 0x1f;
        match *kind {
            SENDER_REPORT => {
                say(Said::Other);
                blocks(body.get(24..).unwrap_or(&[]), count, &mut say);
            }
            RECEIVER_REPORT => blocks(body.get(4..).unwrap_or(&[]), count, &mut say),
            TRANSPORT_FEEDBACK => transport_feedback(body, count, &mut arrivals_left, &mut say),
            PAYLOAD_FEEDBACK => payload_feedback(body, count, &mut say),
            // Names of streams are told in the offer.
            DESCRIPTION => {}
            _ => say(Said::Other),
        }
        compound = behind;
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn blocks(bytes: &[u8], count: u8, say: &mut impl FnMut(Said<'_>)) {
    for block in bytes.chunks_exact(24).take(usize::from(count)) {
        if let Some(ssrc) = word(block, 0) {
            say(Said::Block(Block { ssrc, fraction_lost: block[4] }));
        }
    }
}

fn transport_feedback(
    body: &[u8],
    format: u8,
    arrivals_left: &mut u16,
    say: &mut impl FnMut(Said<'_>),
) {
    match format {
        1 => {
            let Some(ssrc) = word(body, 4) else { return };
            for pair in body[8..].chunks_exact(4) {
                let first = u16::from_be_bytes([pair[0], pair[1]]);
                let following = u16::from_be_bytes([pair[2], pair[3]]);
                say(Said::Missing { ssrc, seq: first });
                for bit in (0..16).filter(|bit| following >> bit & 1 == 1) {
                    say(Said::Missing { ssrc, seq: first.wrapping_add(bit + 1) });
                }
            }
        }
        15 => {
            let Some(arrivals) = Arrivals::new(body) else { return };
            // One that speaks of more is left out whole: its times lie behind all its statuses.
            let Some(left) = arrivals_left.checked_sub(arrivals.count) else { return };
            *arrivals_left = left;
            say(Said::Arrivals(arrivals));
        }
        _ => {}
    }
}

fn payload_feedback(body: &[u8], format: u8, say: &mut impl FnMut(Said<'_>)) {
    match format {
        1 => {
            if let Some(ssrc) = word(body, 4) {
                say(Said::KeyframeWanted { ssrc });
            }
        }
        4 => {
            for entry in body.get(8..).unwrap_or(&[]).chunks_exact(8) {
                if let Some(ssrc) = word(entry, 0) {
                    say(Said::KeyframeWanted { ssrc });
                }
            }
        }
        15 if body.get(8..12) == Some(b"REMB") => {
            let Some(word) = word(body, 12) else { return };
            let (exponent, mantissa) = (word >> 18 & 0x3f, u64::from(word & 0x3_ffff));
            // Bits that are shifted out would turn the largest line into none at all.
            let fits = exponent <= mantissa.leading_zeros();
            let bps = if fits { mantissa.checked_shl(exponent) } else { None };
            say(Said::Estimate { bps: bps.unwrap_or(if mantissa == 0 { 0 } else { u64::MAX }) });
        }
        _ => {}
    }
}

/// Which packets of the transport arrived, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrivals<'a> {
    base: u16,
    count: u16,
    /// In multiples of 64 ms, on the receiver's clock.
    reference: i32,
    rest: &'a [u8],
}

/// One packet: its transport-wide number and, if it arrived, when, in quarters of a millisecond on
/// the receiver's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) seq: u16,
    pub(crate) at: Option<i64>,
}

impl<'a> Arrivals<'a> {
    fn new(body: &'a [u8]) -> Option<Self> {
        let (base, count) = (half(body, 8)?, half(body, 10)?);
        let reference = (word(body, 12)? as i32) >> 8;
        Some(Self { base, count, reference, rest: body.get(16..)? })
    }

    /// In the order of their numbers, until the report makes no sense any more.
    pub(crate) fn each(&self, mut tell: impl FnMut(Arrival)) {
        let mut statuses = Statuses { chunks: self.rest, left: self.count, run: Run::Empty };
        // The times lie behind the statuses, so these are counted first.
        let mut counting = Statuses { ..statuses };
        while counting.next().is_some() {}
        let mut deltas = counting.chunks;
        let mut at = i64::from(self.reference) * 256;
        let mut seq = self.base;
        while let Some(status) = statuses.next() {
            let delta = match status {
                1 => deltas.split_first().map(|(&delta, rest)| {
                    deltas = rest;
                    i64::from(delta)
                }),
                2 => deltas.split_at_checked(2).map(|(delta, rest)| {
                    deltas = rest;
                    i64::from(i16::from_be_bytes([delta[0], delta[1]]))
                }),
                _ => None,
            };
            if delta.is_none() && matches!(status, 1 | 2) {
                return;
            }
            at += delta.unwrap_or(0);
            tell(Arrival { seq, at: delta.map(|_| at) });
            seq = seq.wrapping_add(1);
        }
    }
}

#[derive(Clone, Copy)]
enum Run {
    Empty,
    /// A status and how often it still comes.
    Same(u8, u16),
    /// Statuses in a word, bits of each, and how many are left.
    Vector(u16, u8, u8),
}

#[derive(Clone, Copy)]
struct Statuses<'a> {
    chunks: &'a [u8],
    left: u16,
    run: Run,
}

impl Statuses<'_> {
    fn next(&mut self) -> Option<u8> {
        if self.left == 0 {
            return None;
        }
        loop {
            match &mut self.run {
                Run::Same(status, times) if *times > 0 => {
                    *times -= 1;
                    self.left -= 1;
                    return Some(*status);
                }
                Run::Vector(word, bits, left) if *left > 0 => {
                    *left -= 1;
                    let status = *word >> (*bits * *left) & ((1 << *bits) - 1);
                    self.left -= 1;
                    return Some(status as u8);
                }
                _ => {
                    let [high, low, rest @ ..] = self.chunks else { return None };
                    let chunk = u16::from_be_bytes([*high, *low]);
                    self.chunks = rest;
                    self.run = match chunk >> 14 {
                        0 | 1 => Run::Same((chunk >> 13 & 3) as u8, chunk & 0x1fff),
                        2 => Run::Vector(chunk & 0x3fff, 1, 14),
                        _ => Run::Vector(chunk & 0x3fff, 2, 7),
                    };
                }
            }
        }
    }
}

/// What a sender report says of a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) ssrc: u32,
    /// The clock that all our streams share, as 32.32 fixed point seconds.
    pub(crate) ntp: u64,
    /// The stream's timestamp at that moment.
    pub(crate) time: u32,
    pub(crate) packets: u32,
    pub(crate) bytes: u32,
}

pub(crate) fn write_sender_report(out: &mut Vec<u8>, sent: &Sent) {
    out.extend([0x80, SENDER_REPORT, 0, 6]);
    out.extend(sent.ssrc.to_be_bytes());
    out.extend(sent.ntp.to_be_bytes());
    for word in [sent.time, sent.packets, sent.bytes] {
        out.extend(word.to_be_bytes());
    }
}

/// The name that streams of one clock share (RFC 3550, 6.5.1).
pub(crate) fn write_description(out: &mut Vec<u8>, ssrc: u32, cname: &str) {
    let cname = &cname.as_bytes()[..cname.len().min(CNAME_MAX)];
    let start = out.len();
    out.extend([0x81, DESCRIPTION, 0, 0]);
    out.extend(ssrc.to_be_bytes());
    out.extend([1, cname.len() as u8]);
    out.extend(cname);
    // At least one zero ends the list, and more fill the word.
    out.push(0);
    while !(out.len() - start).is_multiple_of(4) {
        out.push(0);
    }
    let words = ((out.len() - start) / 4 - 1) as u16;
    out[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

pub(crate) fn write_goodbye(out: &mut Vec<u8>, ssrcs: &[u32]) {
    let ssrcs = &ssrcs[..ssrcs.len().min(31)];
    out.extend([0x80 | ssrcs.len() as u8, GOODBYE, 0, ssrcs.len() as u8]);
    for ssrc in ssrcs {
        out.extend(ssrc.to_be_bytes());
    }
}

/// A compound begins with a report (RFC 3550, 6.1); one of nothing where there is nothing to report.
pub(crate) fn write_empty_report(out: &mut Vec<u8>, ssrc: u32) {
    out.extend([0x80, RECEIVER_REPORT, 0, 1]);
    out.extend(ssrc.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(compound: &[u8]) -> Vec<String> {
        let mut all = Vec::new();
        read(compound, |said| match said {
            Said::Arrivals(arrivals) => {
                arrivals.each(|arrival| all.push(format!("{} {:?}", arrival.seq, arrival.at)));
            }
            said => all.push(format!("{said:?}")),
        });
        all
    }

    #[test]
    fn a_compound_is_read_packet_by_packet() {
        let mut compound = vec![0x81, 201, 0, 7, 0, 0, 0, 9];
        compound.extend([0, 0, 0, 5, 64, 0, 0, 1]);
        compound.extend([0; 16]);
        // NACK of 700 and of the first and last of the sixteen after it.
        compound.extend([0x81, 205, 0, 3, 0, 0, 0, 9, 0, 0, 0, 5, 0x02, 0xbc, 0x80, 0x01]);
        compound.extend([0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 6]);
        compound.extend([0x84, 206, 0, 4, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 7, 1, 0, 0, 0]);
        assert_eq!(
            said(&compound),
            [
                "Block(Block { ssrc: 5, fraction_lost: 64 })",
                "Missing { ssrc: 5, seq: 700 }",
                "Missing { ssrc: 5, seq: 701 }",
                "Missing { ssrc: 5, seq: 716 }",
                "KeyframeWanted { ssrc: 6 }",
                "KeyframeWanted { ssrc: 7 }",
            ]
        );
    }

    #[test]
    fn an_estimate_is_a_mantissa_and_an_exponent() {
        let mut compound = vec![0x8f, 206, 0, 5, 0, 0, 0, 9, 0, 0, 0, 0];
        compound.extend(b"REMB");
        // 2^3 times 100 000.
        compound.extend((1u32 << 24 | 3 << 18 | 100_000).to_be_bytes());
        compound.extend([0, 0, 0, 5]);
        assert_eq!(said(&compound), ["Estimate { bps: 800000 }"]);
    }

    #[test]
    fn an_estimate_beyond_all_numbers_is_the_largest_and_not_what_is_left_of_it() {
        for (exponent, mantissa, bps) in [
            (63, 0x3_ffff, u64::MAX),
            (63, 2, u64::MAX),
            (63, 1, 1 << 63),
            (46, 0x3_ffff, 0x3_ffff << 46),
            (47, 0x3_ffff, u64::MAX),
            (63, 0, 0),
        ] {
            let mut compound = vec![0x8f, 206, 0, 4, 0, 0, 0, 9, 0, 0, 0, 0];
            compound.extend(b"REMB");
            compound.extend((exponent << 18 | mantissa as u32).to_be_bytes());
            assert_eq!(said(&compound), [format!("Estimate {{ bps: {bps} }}")]);
        }
    }

    #[test]
    fn arrivals_are_runs_and_vectors_with_times_behind() {
        let mut body = vec![0, 0, 0, 9, 0, 0, 0, 5];
        // From 65534 on, eight packets; reference time 2 * 64 ms.
        body.extend([0xff, 0xfe, 0, 8, 0, 0, 2, 1]);
        // Three that came in small steps, then seven two-bit statuses: lost, large, lost, small …
        body.extend([0x20, 3]);
        body.extend([0b1100_1000, 0b0100_0000]);
        body.extend([4, 0, 8]);
        body.extend((-40i16).to_be_bytes());
        body.push(12);
        let mut packet = vec![0x8f, 205, 0, (body.len() / 4) as u8];
        packet.append(&mut body);
        while packet.len() % 4 != 0 {
            packet.push(0);
        }
        packet[3] = (packet.len() / 4 - 1) as u8;
        assert_eq!(
            said(&packet),
            [
                "65534 Some(516)",
                "65535 Some(516)",
                "0 Some(524)",
                "1 None",
                "2 Some(484)",
                "3 None",
                "4 Some(496)",
                "5 None",
            ]
        );
    }

    /// A report that so many packets from 0 on are lost, in runs of two bytes.
    fn all_lost(count: u16) -> Vec<u8> {
        let mut body = vec![0, 0, 0, 9, 0, 0, 0, 5, 0, 0];
        body.extend(count.to_be_bytes());
        body.extend([0, 0, 2, 1]);
        body.extend([0x1f, 0xff].repeat(10));
        let mut packet = vec![0x8f, 205, 0, (body.len() / 4) as u8];
        packet.append(&mut body);
        packet
    }

    #[test]
    fn a_small_datagram_cannot_speak_of_more_packets_than_are_remembered() {
        assert_eq!(said(&all_lost(u16::MAX)).len(), 0);
        assert_eq!(said(&all_lost(ARRIVALS_MAX)).len(), 1024);
        assert_eq!(said(&all_lost(ARRIVALS_MAX).repeat(30)).len(), 1024, "together");
        let (many, behind) = (all_lost(u16::MAX), [0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 6]);
        assert_eq!(said(&[&many[..], &behind].concat()), ["KeyframeWanted { ssrc: 6 }"]);
    }

    #[test]
    fn a_datagram_is_not_read_beyond_what_any_receiver_packs_into_it() {
        let empty = [0x80, 204, 0, 0];
        assert_eq!(said(&empty.repeat(375)).len(), REPORTS_MAX);
    }

    #[test]
    fn what_is_written_can_be_read_and_fills_whole_words() {
        let mut out = Vec::new();
        write_sender_report(&mut out, &Sent { ssrc: 1, ntp: 2, time: 3, packets: 4, bytes: 5 });
        write_description(&mut out, 1, "bridge");
        write_description(&mut out, 1, "");
        write_empty_report(&mut out, 3);
        write_goodbye(&mut out, &[1, 2]);
        assert_eq!(out.len() % 4, 0);
        // Nothing here is about what a receiver reports.
        assert_eq!(said(&out), ["Other", "Other"]);
        assert_eq!(out[28..44], *b"\x81\xca\0\x04\0\0\0\x01\x01\x06bridge\0\0"[..16].as_ref());
    }

    #[test]
    fn media_and_reports_are_told_apart() {
        assert!(is_report(&[0x80, 200]) && is_report(&[0x81, 206, 0]));
        assert!(!is_report(&[0x80, 111]) && !is_report(&[0x90, 0xef]) && !is_report(&[22, 201]));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(
            kind in 200u8..208, count in 0u8..32, body in proptest::collection::vec(0u8.., 0..120),
        ) {
            let mut packet = vec![0x80 | count, kind, 0, (body.len() / 4) as u8];
            packet.extend(&body);
            let _ = said(&packet);
            let _ = said(&body);
        }
    }
}
