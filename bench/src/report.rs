//! Turns into figures: medians, their spread, ratios. The last line printed is the whole of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Median, lowest and highest of what was measured.
pub(crate) fn spread(mut values: Vec<f64>) -> Option<(f64, f64, f64)> {
    values.sort_unstable_by(f64::total_cmp);
    let (first, last) = (*values.first()?, *values.last()?);
    let middle = values.len() / 2;
    let median = if values.len() % 2 == 1 {
        values[middle]
    } else {
        (values[middle - 1] + values[middle]) / 2.0
    };
    Some((median, first, last))
}

fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// What one run of turns says.
pub(crate) fn summary(subscribers: usize, turns: &[Value]) -> Value {
    let mut by_server: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for turn in turns {
        by_server.entry(turn["server"].as_str().unwrap_or("?")).or_default().push(turn);
    }
    let of = |server: &str, field: &str| -> Vec<f64> {
        let turns = by_server.get(server).into_iter().flatten();
        turns.filter_map(|turn| turn[field].as_f64()).collect()
    };
    let mut medians = json!({});
    let mut ranges = json!({});
    let (mut lost, mut load, mut helpers) = (json!({}), json!({}), json!({}));
    for &server in by_server.keys() {
        if let Some((median, low, high)) = spread(of(server, "cpu_per_packet_us")) {
            medians[server] = round(median).into();
            ranges[server] = json!([round(low), round(high)]);
        }
        let (came, due) = (of(server, "packets"), of(server, "expected"));
        let share = 1.0 - came.iter().sum::<f64>() / due.iter().sum::<f64>().max(1.0);
        lost[server] = round(share.max(0.0)).into();
        if let Some((median, ..)) = spread(of(server, "load_share")) {
            load[server] = round(median).into();
        }
        if let Some((median, ..)) = spread(of(server, "helpers_share")) {
            helpers[server] = round(median).into();
        }
    }
    // Turns of one round are neighbours in time: their ratio is what holds.
    let ratio = |over: &str| {
        let pairs =
            of("nhipcau", "cpu_per_packet_us").into_iter().zip(of(over, "cpu_per_packet_us"));
        spread(pairs.map(|(ours, theirs)| ours / theirs).collect())
            .map(|(median, low, high)| json!({ "median": round(median), "range": [round(low), round(high)] }))
    };
    // Only the sfu counts by itself; its last turn has them all.
    let counted =
        by_server.get("nhipcau").and_then(|turns| turns.last()).map(|turn| &turn["totals"]);
    json!({
        "dropped": counted.map(|totals| totals["dropped"].clone()),
        "cpu_per_packet_us": medians,
        "range_us": ranges,
        "ratio_to_janus": ratio("janus"),
        "ratio_to_null": ratio("null"),
        "ratio_to_before": ratio("before"),
        "ratio_to_threaded": ratio("threaded"),
        "helpers_share": helpers,
        "not_arrived_share": lost,
        "load_client_share": load,
        "subscribers": subscribers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_ratios_are_of_neighbouring_turns() {
        let turn = |server: &str, us: f64| {
            json!({ "server": server, "cpu_per_packet_us": us, "packets": 99, "expected": 100,
                    "load_share": 0.25 })
        };
        let turns = [
            turn("nhipcau", 2.0),
            turn("janus", 20.0),
            turn("null", 1.0),
            turn("nhipcau", 4.0),
            turn("janus", 40.0),
            turn("null", 4.0),
        ];
        let summary = summary(200, &turns);
        assert_eq!(summary["cpu_per_packet_us"]["nhipcau"], 3.0);
        assert_eq!(summary["ratio_to_janus"]["median"], 0.1);
        assert_eq!(summary["ratio_to_null"]["range"], json!([1.0, 2.0]));
        assert_eq!(summary["not_arrived_share"]["null"], 0.01);
    }
}
