//! The newest still picture of each site, for the wall. Nothing older is kept, so a slow reader costs one picture a site.

use std::collections::{BTreeMap, HashMap};

use bytes::{BufMut, Bytes, BytesMut};
use domain::SiteId;

/// The largest still a page may send.
pub(crate) const STILL_BYTES_MAX: usize = 24 * 1024;
/// First byte of a still on its way to the server.
pub(crate) const STILL_UP: u8 = 0x01;
/// First byte of a still on its way to an operator.
pub(crate) const STILL_DOWN: u8 = 0x02;

/// Newest first by number: whoever has seen number `n` wants the smallest above it.
#[derive(Debug, Default)]
pub(crate) struct Stills {
    last: u64,
    by_site: HashMap<SiteId, u64>,
    by_number: BTreeMap<u64, Bytes>,
}

impl Stills {
    /// Takes a still as it came from the page, without its first byte. Returns its number, or nothing when it is no JPEG.
    pub(crate) fn put(&mut self, site: SiteId, jpeg: &[u8]) -> Option<u64> {
        if jpeg.len() > STILL_BYTES_MAX || !is_jpeg(jpeg) {
            return None;
        }
        let mut frame = BytesMut::with_capacity(jpeg.len() + 5);
        frame.put_u8(STILL_DOWN);
        frame.put_u32(site.0);
        frame.put_slice(jpeg);
        self.last += 1;
        if let Some(older) = self.by_site.insert(site, self.last) {
            self.by_number.remove(&older);
        }
        self.by_number.insert(self.last, frame.freeze());
        Some(self.last)
    }

    pub(crate) fn forget(&mut self, site: SiteId) {
        if let Some(number) = self.by_site.remove(&site) {
            self.by_number.remove(&number);
        }
    }

    /// The next frame for somebody who has seen everything up to `seen`.
    pub(crate) fn after(&self, seen: u64) -> Option<(u64, Bytes)> {
        let (number, frame) = self.by_number.range(seen + 1..).next()?;
        Some((*number, frame.clone()))
    }
}

/// Starts and ends as a JPEG does: other people's browsers will decode it, so nothing else is passed on.
fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.len() > 4 && bytes.starts_with(&[0xff, 0xd8, 0xff]) && bytes.ends_with(&[0xff, 0xd9])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(mark: u8) -> Vec<u8> {
        vec![0xff, 0xd8, 0xff, mark, 0xff, 0xd9]
    }

    #[test]
    fn a_slow_reader_gets_the_newest_of_each_site_and_nothing_twice() {
        let mut stills = Stills::default();
        stills.put(SiteId(1), &jpeg(1)).unwrap();
        stills.put(SiteId(2), &jpeg(2)).unwrap();
        stills.put(SiteId(1), &jpeg(3)).unwrap();

        let mut seen = 0;
        let mut got = Vec::new();
        while let Some((number, frame)) = stills.after(seen) {
            seen = number;
            got.push((frame[0], frame[4], frame[8]));
        }
        assert_eq!(got, [(STILL_DOWN, 2, 2), (STILL_DOWN, 1, 3)]);
    }

    #[test]
    fn what_is_no_jpeg_or_too_large_goes_nowhere() {
        let mut stills = Stills::default();
        assert_eq!(stills.put(SiteId(1), b"<svg onload=x>"), None);
        let mut large = jpeg(0);
        large.splice(4..4, std::iter::repeat_n(0, STILL_BYTES_MAX));
        assert_eq!(stills.put(SiteId(1), &large), None);
        assert!(stills.after(0).is_none());
    }
}
