//! Figures of the rooms and of the sfu, as Prometheus reads them.

use std::{fmt::Write as _, sync::PoisonError};

use super::{Connection, Rooms};

pub(super) fn write(rooms: &Rooms, out: &mut String) {
    let figures: Vec<_> = rooms.all().iter().map(|hub| hub.figures()).collect();
    let (totals, peers) = {
        let stats = rooms.media.stats();
        (stats.totals, stats.peers.len())
    };
    let applied = *rooms.applied.lock().unwrap_or_else(PoisonError::into_inner);
    let sockets: usize = figures.iter().map(|each| each.sockets).sum();
    let troubles: usize = figures.iter().map(|each| each.troubles).sum();
    let blocked: usize = figures.iter().map(|each| each.blocked).sum();
    let mut line = |name: &str, kind: &str, help: &str, value: String| {
        let _ = writeln!(
            out,
            "# HELP nhipcau_{name} {help}\n# TYPE nhipcau_{name} {kind}\nnhipcau_{name} {value}"
        );
    };
    line("rooms", "gauge", "Conferences whose room is open.", figures.len().to_string());
    line("room_sockets", "gauge", "Open room sockets.", sockets.to_string());
    line("room_troubles", "gauge", "Sites with trouble on the wall.", troubles.to_string());
    line(
        "room_sites_blocked",
        "gauge",
        "Sites with an open page whose media do not get through.",
        blocked.to_string(),
    );
    line(
        "room_applied_seconds_total",
        "counter",
        "From a command's acknowledgement to the media and views that follow it.",
        applied.total.as_secs_f64().to_string(),
    );
    line("room_applied_total", "counter", "Commands so measured.", applied.count.to_string());
    line(
        "room_applied_longest_seconds",
        "gauge",
        "The longest of them.",
        applied.longest.as_secs_f64().to_string(),
    );
    line("media_peers", "gauge", "Media connections.", peers.to_string());
    for (name, help, value) in [
        ("media_datagrams_in_total", "Datagrams read.", totals.datagrams_in),
        ("media_bytes_in_total", "Bytes read.", totals.bytes_in),
        ("media_datagrams_out_total", "Datagrams sent.", totals.datagrams_out),
        ("media_bytes_out_total", "Bytes sent.", totals.bytes_out),
        ("media_packets_in_total", "Media packets that arrived whole.", totals.media_in),
        ("media_packets_taken_total", "Of them, those that somebody takes.", totals.media_taken),
        ("media_packets_untaken_total", "And those that nobody takes.", totals.media_untaken),
        ("media_packets_owed_total", "Copies that subscribers were to get.", totals.media_owed),
        ("media_packets_forwarded_total", "Copies sent to subscribers.", totals.media_forwarded),
        ("media_packets_held_total", "Copies that waited for a narrow line.", totals.media_held),
        (
            "media_repeats_wanted_total",
            "Packets that subscribers asked to have repeated.",
            totals.repeats_wanted,
        ),
        ("media_repeats_sent_total", "Repetitions sent.", totals.repeats_sent),
        (
            "media_keyframes_wanted_total",
            "Keyframes that subscribers needed.",
            totals.keyframes_wanted,
        ),
        ("media_keyframes_requested_total", "Requests sent for them.", totals.keyframes_requested),
        ("media_switches_total", "Slot changes that took effect.", totals.switches),
        ("media_events_lost_total", "Events that did not fit their queue.", totals.events_lost),
    ] {
        line(name, "counter", help, value.to_string());
    }
    labelled(out, "room_sites", "gauge", "Sites by connection.", "state", {
        Connection::ALL.iter().enumerate().map(|(at, connection)| {
            let count: usize = figures.iter().map(|each| each.connections[at]).sum();
            (connection.as_str(), count.to_string())
        })
    });
    let dropped = totals.dropped;
    labelled(
        out,
        "media_dropped_total",
        "counter",
        "What went no further.",
        "reason",
        [
            ("garbage", dropped.garbage),
            ("unknown_source", dropped.unknown_source),
            ("unknown_ufrag", dropped.unknown_ufrag),
            ("forged", dropped.forged),
            ("oversize", dropped.oversize),
            ("too_long", dropped.too_long),
            ("leapt", dropped.leapt),
            ("unmapped", dropped.unmapped),
            ("codec", dropped.codec),
            ("stale", dropped.stale),
            ("overrun", dropped.overrun),
            ("not_ready", dropped.not_ready),
            ("send_buffer_full", dropped.send_buffer_full),
            ("unreachable", dropped.unreachable),
            ("kernel", dropped.kernel),
            ("peer_failed", dropped.peer_failed),
        ]
        .map(|(reason, count)| (reason, count.to_string())),
    );
}

fn labelled(
    out: &mut String,
    name: &str,
    kind: &str,
    help: &str,
    label: &str,
    values: impl IntoIterator<Item = (&'static str, String)>,
) {
    let _ = writeln!(out, "# HELP nhipcau_{name} {help}\n# TYPE nhipcau_{name} {kind}");
    for (value_of_label, value) in values {
        let _ = writeln!(out, "nhipcau_{name}{{{label}=\"{value_of_label}\"}} {value}");
    }
}
