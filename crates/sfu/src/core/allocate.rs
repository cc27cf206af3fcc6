//! Which layer each slot of one subscriber gets out of what its line is estimated to carry.
//! A pure function: demands in order of importance in, layers out.

/// One slot that wants a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Demand {
    /// Bits per second of each layer, from low to high.
    pub(super) bps: [u64; 3],
    /// The highest layer this slot may have.
    pub(super) top: u8,
    /// What it has now; nothing while it is paused or new.
    pub(super) present: Option<u8>,
    /// False for a while after it was lowered: what was too much a moment ago is not tried at once.
    pub(super) may_rise: bool,
}

/// A layer is raised only when the estimate exceeds the need by this much: an estimate that swings
/// around a layer's rate must not make the picture swing, for each swing costs a keyframe.
const RAISE_PERCENT: u64 = 85;

/// Fills `layers` for the demands, most important first. `budget` is what the line carries beyond
/// the voices; `None` when nothing is known of the line, and then everybody gets his top layer.
///
/// The first demand always gets at least its lowest layer: an estimate may be wrong, or stuck, and
/// a conference without the speaker's picture is worse than a queue.
pub(super) fn allocate(budget: Option<u64>, demands: &[Demand], layers: &mut [Option<u8>]) {
    let Some(budget) = budget else {
        for (demand, layer) in demands.iter().zip(layers) {
            *layer = Some(demand.top);
        }
        return;
    };
    let mut raised = [None; crate::VIDEO_SLOTS];
    let mut kept = [None; crate::VIDEO_SLOTS];
    fill(budget * RAISE_PERCENT / 100, demands, &mut raised);
    fill(budget, demands, &mut kept);
    let choices = raised.iter().zip(&kept);
    for (index, ((demand, layer), (raised, kept))) in
        demands.iter().zip(layers).zip(choices).enumerate()
    {
        // `None` orders below every layer.
        let least = if index == 0 { demand.present.max(Some(0)) } else { demand.present };
        let wanted = if demand.may_rise { least.max(*raised) } else { least };
        *layer = wanted.min(*kept);
    }
}

fn fill(budget: u64, demands: &[Demand], layers: &mut [Option<u8>]) {
    let mut left = budget;
    for (index, (demand, layer)) in demands.iter().zip(&mut *layers).enumerate() {
        if index == 0 || demand.bps[0] <= left {
            *layer = Some(0);
            left = left.saturating_sub(demand.bps[0]);
        }
    }
    for (demand, layer) in demands.iter().zip(layers) {
        let Some(layer) = layer else { continue };
        while *layer < demand.top {
            let next = usize::from(*layer) + 1;
            let more = demand.bps[next].saturating_sub(demand.bps[next - 1]);
            if more > left {
                break;
            }
            left -= more;
            *layer += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAMERA: [u64; 3] = [150_000, 500_000, 1_700_000];

    fn demand(top: u8, present: Option<u8>) -> Demand {
        Demand { bps: CAMERA, top, present, may_rise: true }
    }

    /// One large picture and three small ones.
    fn stage(budget: u64, present: [Option<u8>; 4]) -> [Option<u8>; 4] {
        let demands: Vec<_> =
            [2, 1, 1, 1].iter().zip(present).map(|(&top, present)| demand(top, present)).collect();
        let mut layers = [None; 4];
        allocate(Some(budget), &demands, &mut layers);
        layers
    }

    const NEW: [Option<u8>; 4] = [None; 4];

    #[test]
    fn a_wide_line_gets_everything_and_a_narrow_one_the_speaker_first() {
        assert_eq!(stage(10_000_000, NEW), [Some(2), Some(1), Some(1), Some(1)]);
        assert_eq!(stage(3_000_000, NEW), [Some(2), Some(1), Some(0), Some(0)]);
        assert_eq!(stage(1_200_000, NEW), [Some(1), Some(0), Some(0), Some(0)]);
        assert_eq!(stage(400_000, NEW), [Some(0), Some(0), None, None]);
        assert_eq!(stage(0, NEW), [Some(0), None, None, None], "the speaker always");
    }

    #[test]
    fn an_estimate_that_swings_around_a_layer_does_not_make_the_picture_swing() {
        let low = stage(2_200_000, NEW);
        assert_eq!(low[0], Some(1));
        let risen = stage(2_600_000, low);
        assert_eq!(risen[0], Some(2));
        assert_eq!(stage(2_200_000, risen)[0], Some(2), "it still fits, barely");
        assert_eq!(stage(2_000_000, risen)[0], Some(1), "it no longer fits");
    }

    #[test]
    fn what_was_lowered_a_moment_ago_stays_and_the_speaker_is_never_dark() {
        let lowered = |top, present| Demand { may_rise: false, ..demand(top, present) };
        let mut layers = [None; 3];
        let demands = [lowered(2, None), lowered(1, Some(0)), demand(1, None)];
        allocate(Some(10_000_000), &demands, &mut layers);
        assert_eq!(layers, [Some(0), Some(0), Some(1)]);
    }

    #[test]
    fn nothing_known_of_the_line_means_the_best() {
        let mut layers = [None; 2];
        allocate(None, &[demand(2, None), demand(1, None)], &mut layers);
        assert_eq!(layers, [Some(2), Some(1)]);
    }

    proptest::proptest! {
        #[test]
        fn never_more_than_the_line_carries_except_the_speakers_lowest(
            budget in 0u64..8_000_000,
            demands in proptest::collection::vec(
                (proptest::array::uniform3(1_000u64..3_000_000), 0u8..3, proptest::option::of(0u8..3), proptest::bool::ANY),
                1..8,
            ),
        ) {
            let demands: Vec<_> = demands
                .into_iter()
                .map(|(mut bps, top, present, may_rise)| {
                    bps.sort_unstable();
                    Demand { bps, top, present: present.map(|layer| layer.min(top)), may_rise }
                })
                .collect();
            let mut layers = vec![None; demands.len()];
            allocate(Some(budget), &demands, &mut layers);
            proptest::prop_assert!(layers[0].is_some());
            let mut total = 0;
            for (demand, layer) in demands.iter().zip(&layers) {
                if let Some(layer) = *layer {
                    proptest::prop_assert!(layer <= demand.top);
                    total += demand.bps[usize::from(layer)];
                }
            }
            proptest::prop_assert!(total <= budget.max(demands[0].bps[0]));
        }
    }
}
