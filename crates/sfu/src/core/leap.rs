//! Guards the protocol stack against transport-wide numbers that go back behind the first.
//!
//! The stack counts the wraps of these numbers, and takes one that is more than half the range below a small one for one
//! from before zero: some 2^64. Its next report to the publisher would then list all the packets between, which ends the
//! process for want of memory. Two packets of one client are enough for that, so what could be such a one is not handed
//! over.
//!
//! **Invariant:** whichever of the packets handed over turn out to be authentic, each of their numbers has a place at or
//! above zero. A version of the stack that counts without going below zero would let this go.

/// Half of the range.
const HALF: u16 = 0x8000;

/// Of one publisher, in its first turn around the range.
#[derive(Debug, Default)]
pub(super) struct LeapGuard {
    /// Ids of the extension, of all its lines; empty when it numbers nothing.
    ids: Box<[u8]>,
    /// A number of the lower half has been handed over.
    low: bool,
    /// The highest of the lower half that was authentic.
    reached: u16,
    /// An authentic one has been beyond the lower half: nothing is below zero any more.
    beyond: bool,
}

impl LeapGuard {
    pub(super) fn new(ids: Vec<u8>) -> Self {
        Self { ids: ids.into(), ..Self::default() }
    }

    /// Whether a sealed packet of media may be handed over.
    pub(super) fn admits(&mut self, packet: &[u8]) -> bool {
        if self.beyond || self.ids.is_empty() {
            return true;
        }
        let Self { ids, low, reached, .. } = self;
        let mut admitted = true;
        each_extension(packet, |id, value| {
            let (true, &[high, low_byte, ..]) = (ids.contains(&id), value) else { return };
            let number = u16::from_be_bytes([high, low_byte]);
            if number < HALF {
                *low = true;
            } else {
                admitted &= !*low || number < *reached + HALF;
            }
        });
        admitted
    }

    /// A packet with this number was authentic.
    pub(super) fn confirm(&mut self, number: u16) {
        self.beyond |= number >= HALF;
        self.reached = self.reached.max(number & (HALF - 1));
    }
}

/// Calls `tell` for the extensions of a header, which is not encrypted (RFC 8285, 4).
fn each_extension(packet: &[u8], mut tell: impl FnMut(u8, &[u8])) {
    let [first, ..] = packet else { return };
    let at = 12 + usize::from(first & 0xf) * 4;
    let Some([p0, p1, l0, l1, rest @ ..]) = packet.get(at..).filter(|_| first & 0x10 != 0) else {
        return;
    };
    let len = usize::from(u16::from_be_bytes([*l0, *l1])) * 4;
    let Some(mut rest) = rest.get(..len) else { return };
    let short = [*p0, *p1] == [0xbe, 0xde];
    while let [head, behind @ ..] = rest {
        if *head == 0 {
            rest = behind;
            continue;
        }
        let (id, len, behind) = match (short, behind) {
            (true, _) => (head >> 4, usize::from(head & 0xf) + 1, behind),
            (false, [len, behind @ ..]) => (*head, usize::from(*len), behind),
            (false, []) => return,
        };
        if short && id == 15 {
            return;
        }
        let Some((value, behind)) = behind.split_at_checked(len) else { return };
        tell(id, value);
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(number: u16) -> Vec<u8> {
        let mut packet = vec![0x91, 96, 0, 1, 0, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0, 6];
        packet.extend([0xbe, 0xde, 0, 2, 0x10, b'0', 0, 0x31]);
        packet.extend(number.to_be_bytes());
        packet.extend([0, 0, 7, 7, 7]);
        packet
    }

    fn long(number: u16) -> Vec<u8> {
        let mut packet = vec![0x90, 96, 0, 1, 0, 0, 0, 9, 0, 0, 0, 5, 0x10, 0, 0, 2, 0, 3, 2];
        packet.extend(number.to_be_bytes());
        packet.extend([9, 0, 0]);
        packet
    }

    #[test]
    fn what_would_lie_below_zero_is_not_handed_over_in_either_form() {
        for form in [packet, long] {
            let mut guard = LeapGuard::new(vec![3]);
            assert!(guard.admits(&form(3)));
            assert!(!guard.admits(&form(65_535)) && !guard.admits(&form(0x8000)));
            assert!(guard.admits(&form(0x7fff)), "what nobody vouches for moves nothing");
            guard.confirm(10);
            assert!(guard.admits(&form(0x8009)) && !guard.admits(&form(0x800a)));
            guard.confirm(0x8001);
            assert!(guard.admits(&form(65_535)) && guard.admits(&form(0)));
        }
        let mut of_another_line = LeapGuard::new(vec![4]);
        assert!(of_another_line.admits(&packet(3)) && of_another_line.admits(&packet(65_535)));
    }

    #[test]
    fn a_client_may_begin_anywhere() {
        let mut guard = LeapGuard::new(vec![3]);
        assert!(guard.admits(&packet(50_000)));
        // Somebody else's, which was not authentic.
        assert!(guard.admits(&packet(2)) && !guard.admits(&packet(50_001)));
        guard.confirm(50_000);
        assert!(guard.admits(&packet(50_001)) && guard.admits(&packet(1)));
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_it_panic(bytes in proptest::collection::vec(0u8.., 0..60)) {
            let mut guard = LeapGuard::new((0..=255).collect());
            let _ = guard.admits(&bytes);
            let forms = [&[0x90, 96][..], &bytes].concat();
            let _ = guard.admits(&forms);
        }

        #[test]
        fn whatever_turns_out_authentic_is_never_below_zero(
            steps in proptest::collection::vec((0u16.., 0u8..4), 1..200),
        ) {
            let mut guard = LeapGuard::new(vec![3]);
            // As the stack counts.
            let mut newest: Option<i64> = None;
            let mut last = 0u16;
            for (number, kind) in steps {
                let number = if kind == 3 { last.wrapping_add(number % 300) } else { number };
                last = number;
                if !guard.admits(&packet(number)) || kind == 0 {
                    continue;
                }
                let place = match newest {
                    None => i64::from(number),
                    Some(newest) => newest + i64::from(number.wrapping_sub(newest as u16) as i16),
                };
                proptest::prop_assert!(place >= 0, "{number} after {newest:?}");
                newest = newest.max(Some(place));
                // A packet of padding alone is not told of.
                if kind != 1 {
                    guard.confirm(number);
                }
            }
        }
    }
}
