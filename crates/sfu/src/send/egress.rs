//! Sealed datagrams on their way out, one behind the other in one buffer: what goes to one place in
//! one piece can be handed to the kernel in one piece.

use std::net::SocketAddr;

/// From which bound address to which client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
}

/// Datagrams for one destination, all of one size but for the last, which may be shorter: what the
/// kernel calls generic segmentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// From this bound address.
    pub source: SocketAddr,
    /// To this one.
    pub destination: SocketAddr,
    /// Where it begins in the buffer.
    pub start: usize,
    /// How long it is altogether.
    pub len: usize,
    /// How long each datagram is, but for the last.
    pub segment: usize,
}

impl Burst {
    /// The single datagrams, as ranges of the buffer.
    pub fn datagrams(&self) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let (end, segment) = (self.start + self.len, self.segment);
        (self.start..end).step_by(segment).map(move |at| at..(at + segment).min(end))
    }
}

/// Takes bursts when the buffer is full or there are no more.
pub trait Wire {
    /// `bursts` are ranges of `bytes`, in the order they are to leave.
    fn send(&mut self, bytes: &[u8], bursts: &[Burst]);

    /// Ways out for as many threads at once, this one among them; none where there is only this one.
    fn lanes(&mut self) -> Vec<&mut (dyn Wire + Send)> {
        Vec::new()
    }
}

/// The kernel takes 64 segments; a frame has fewer.
const SEGMENTS_MAX: usize = 48;
/// And less than 64 KiB.
const BURST_BYTES_MAX: usize = 60_000;
/// Half of a second-level cache: what is sealed is still near when the kernel copies it.
const FULL_BYTES: usize = 192 * 1024;

/// What is to leave.
#[derive(Debug, Default)]
pub(crate) struct Egress {
    pub(crate) bytes: Vec<u8>,
    bursts: Vec<Burst>,
    /// The last burst has ended with a shorter datagram.
    ended: bool,
}

impl Egress {
    /// Everything from `start` to the end of the buffer is a datagram.
    pub(crate) fn commit(&mut self, start: usize, route: Route) {
        let len = self.bytes.len() - start;
        if let Some(last) = self.bursts.last_mut()
            && !self.ended
            && last.destination == route.destination
            && last.source == route.source
            && len <= last.segment
            && last.len + len <= BURST_BYTES_MAX
            && last.len < last.segment * SEGMENTS_MAX
        {
            last.len += len;
            self.ended = len < last.segment;
            return;
        }
        let Route { source, destination } = route;
        self.bursts.push(Burst { source, destination, start, len, segment: len });
        self.ended = false;
    }

    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= FULL_BYTES
    }

    /// Hands everything over.
    pub(crate) fn flush(&mut self, wire: &mut (impl Wire + ?Sized)) {
        if !self.bursts.is_empty() {
            wire.send(&self.bytes, &self.bursts);
        }
        self.bytes.clear();
        self.bursts.clear();
        self.ended = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(port: u16) -> Route {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Route { source: address(1), destination: address(port) }
    }

    #[derive(Default)]
    struct Sizes(Vec<Vec<usize>>);

    impl Wire for Sizes {
        fn send(&mut self, bytes: &[u8], bursts: &[Burst]) {
            for burst in bursts {
                let ranges = burst.datagrams();
                self.0.push(ranges.map(|range| bytes[range].len()).collect());
            }
        }
    }

    #[test]
    fn datagrams_of_one_size_to_one_place_are_one_burst_and_a_shorter_one_ends_it() {
        let mut egress = Egress::default();
        let sizes = [(9, 10), (9, 10), (9, 4), (9, 10), (8, 10), (8, 11), (8, 3), (8, 3)];
        for (port, size) in sizes {
            let start = egress.bytes.len();
            egress.bytes.resize(start + size, 0);
            egress.commit(start, route(port));
        }
        let mut wire = Sizes::default();
        egress.flush(&mut wire);
        assert_eq!(wire.0, [vec![10, 10, 4], vec![10], vec![10], vec![11, 3], vec![3]]);
        assert!(egress.bursts.is_empty() && egress.bytes.is_empty());
    }

    #[test]
    fn no_burst_is_larger_than_the_kernel_takes() {
        let mut egress = Egress::default();
        for _ in 0..200 {
            let start = egress.bytes.len();
            egress.bytes.resize(start + 1_200, 0);
            egress.commit(start, route(9));
        }
        assert!(egress.is_full());
        let mut wire = Sizes::default();
        egress.flush(&mut wire);
        assert_eq!(wire.0.iter().map(Vec::len).sum::<usize>(), 200);
        assert!(wire.0.iter().all(|burst| burst.len() <= SEGMENTS_MAX));
    }
}
