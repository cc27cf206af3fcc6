//! Clients that are no browsers: what they write is judged by the RFCs and not by one stack.

use sfu::{JoinError, JoinKind, SfuEvent};

use crate::common::{
    stun::{ERROR, ERROR_CODE, Message, PRIORITY, SUCCESS, USERNAME, XOR_MAPPED_ADDRESS, said},
    *,
};

/// An encoder whose connection checks and answers are written in another way, and a viewer.
fn encoder_that_writes(write: fn(Message, &str, &str) -> Option<Vec<u8>>) -> World {
    let mut world = World::new(81);
    world.rewrite = Some(Box::new(move |client, contents| match Message::read(&contents) {
        Some(message) if client.id == 1 => {
            let own = client.rtc.direct_api().local_ice_credentials().pass;
            let theirs = said(&client.answer, "a=ice-pwd:").to_owned();
            write(message, &own, &theirs)
        }
        _ => Some(contents),
    }));
    world.join(1, Kind::Encoder(Codec::H264));
    world.join(9, Kind::Viewer);
    world.program(floor(1));
    world.run(8 * SECOND);
    world
}

fn is_seen(world: &World) -> bool {
    let viewer = world.clients.last().unwrap();
    viewer.sees(0) == Some(1) && viewer.hears() == [1]
}

#[test]
fn answers_with_a_user_name_are_answers() {
    // As libnice writes them, and with it GStreamer and Janus.
    let world = encoder_that_writes(|message, own, theirs| {
        if message.kind == SUCCESS {
            return Some(message.with(USERNAME, b"them:us").signed(own));
        }
        Some(message.signed(theirs))
    });
    assert!(is_seen(&world), "{:?}", world.core.stats(world.now).totals.dropped);
}

#[test]
fn checks_and_answers_that_say_the_least_are_enough() {
    // As ffmpeg 8 writes them.
    let world = encoder_that_writes(|message, own, theirs| {
        if message.kind == SUCCESS {
            return Some(message.without(XOR_MAPPED_ADDRESS).signed(own));
        }
        Some(message.without(PRIORITY).without(0x802a).signed(theirs))
    });
    assert!(is_seen(&world), "{:?}", world.core.stats(world.now).totals.dropped);
}

#[test]
fn what_need_not_be_understood_is_passed_over_and_so_is_a_missing_fingerprint() {
    let world = encoder_that_writes(|message, own, theirs| {
        let password = if message.kind == SUCCESS { own } else { theirs };
        let more = message.with(0x8022, b"some program 1.0").with(0xffee, b"\x01\x02\x03");
        Some(more.signed_alone(password))
    });
    assert!(is_seen(&world), "{:?}", world.core.stats(world.now).totals.dropped);
}

#[test]
fn an_answer_counts_only_if_it_is_signed_and_a_refusal_never_does() {
    /// How somebody answers, given the own and the other's password.
    type Way = fn(Message, &str, &str) -> Option<Vec<u8>>;
    let ways: [Way; 4] = [
        |message, own, theirs| match message.kind {
            SUCCESS => Some(message.bare()),
            _ => Some(message.signed(if message.kind == ERROR { own } else { theirs })),
        },
        |message, _, theirs| match message.kind {
            SUCCESS => Some(message.signed("a wrong password")),
            _ => Some(message.signed(theirs)),
        },
        // Something that must be understood.
        |message, own, theirs| match message.kind {
            SUCCESS => Some(message.with(0x0066, b"").signed(own)),
            _ => Some(message.signed(theirs)),
        },
        |message, own, theirs| match message.kind {
            SUCCESS => {
                let refusal = Message { kind: ERROR, ..message };
                Some(refusal.with(ERROR_CODE, b"\0\0\x04\x01no\0\0").signed(own))
            }
            _ => Some(message.signed(theirs)),
        },
    ];
    for way in ways {
        let world = encoder_that_writes(way);
        assert!(!world.stats(1).connected && !is_seen(&world));
        assert!(world.told(&SfuEvent::Connected(peer(9))) == 1);
    }
}

#[test]
fn a_check_with_something_unknown_that_matters_is_refused_by_name() {
    let mut world = World::new(82);
    let site = world.join(1, Kind::SITE);
    let answer = world.clients[site].answer.clone();
    let theirs = said(&answer, "a=ice-ufrag:").to_owned();
    let ours = world.clients[site].rtc.direct_api().local_ice_credentials().ufrag;
    let check = Message { kind: stun::REQUEST, id: *b"unknowables!", attributes: Vec::new() };
    let check = check.with(USERNAME, format!("{theirs}:{ours}").as_bytes()).with(0x0077, b"");
    let check = check.signed(said(&answer, "a=ice-pwd:"));
    let source = "203.0.113.5:5".parse().unwrap();
    let now = world.now;
    let destination = "10.0.0.1:4433".parse().unwrap();
    world.core.handle(sfu::core::Input::Datagram { source, destination, contents: &check }, now);
    let mut answers = Vec::new();
    while let Some(output) = world.core.poll_output(now) {
        if let sfu::core::Output::Transmit { destination, contents, .. } = output
            && destination == source
        {
            answers.push(Message::read(&contents).unwrap());
        }
    }
    assert_eq!(answers.len(), 1);
    assert_eq!((answers[0].kind, answers[0].id), (ERROR, *b"unknowables!"));
    assert!(answers[0].attributes.contains(&(0x000a, vec![0, 0x77])));
}

/// An encoder's offer, changed as another stack would write it.
fn encoder_that_offers(
    codec: Codec,
    change: impl Fn(String) -> String,
) -> Result<World, JoinError> {
    let mut world = World::new(83);
    let address = "10.4.4.4:4".parse().unwrap();
    let (mut client, offer) = Client::new(1, Kind::Encoder(codec), address, world.now, 7);
    let offered = change(offer.clone());
    assert_ne!(offer, offered);
    let answer = world.offer(ROOM, 1, JoinKind::Whip, &offered)?;
    client.answer = answer.clone();
    // It understands its own words, and its stack those of ours.
    let mids = |sdp: &str| -> Vec<String> {
        sdp.lines().filter_map(|line| line.strip_prefix("a=mid:")).map(str::to_owned).collect()
    };
    if mids(&offered).len() == 2 {
        assert_eq!(mids(&answer), mids(&offered));
    }
    let mut plain = answer;
    for (theirs, own) in mids(&offered).iter().zip(mids(&offer)) {
        plain = plain.replace(theirs, &own);
    }
    plain = plain.replace(" RTP/SAVPF ", " UDP/TLS/RTP/SAVPF ");
    let own = mids(&offer).join(" ");
    plain = without(&plain, |line| line.starts_with("a=group:"));
    plain = plain.replacen("\r\nt=0 0", &format!("\r\nt=0 0\r\na=group:BUNDLE {own}"), 1);
    client.apply(&plain, world.now);
    world.clients.push(client);
    world.join(9, Kind::Viewer);
    world.program(floor(1));
    world.run(4 * SECOND);
    Ok(world)
}

fn without(sdp: &str, drop: impl Fn(&str) -> bool) -> String {
    sdp.lines().filter(|line| !drop(line)).map(|line| format!("{line}\r\n")).collect()
}

#[test]
fn packets_that_name_nothing_are_told_by_their_payload_type() {
    for codec in [Codec::Vp8, Codec::H264] {
        let world = encoder_that_offers(codec, |offer| {
            without(&offer, |line| line.starts_with("a=ssrc") || line.contains("sdes:mid"))
        });
        let world = world.unwrap();
        assert!(is_seen(&world), "{:?}", world.core.stats(world.now).totals);
    }
}

#[test]
fn a_name_for_an_m_line_comes_back_as_it_was() {
    for (video, audio) in [
        ("videotrack-0000000000002", "audiotrack-0000000000001"),
        ("track-0000000000000002", "track-0000000000000001"),
        ("v.1", "v+1"),
        ("!#$%&'*+-.^_`{|}~", "{x}"),
    ] {
        let world = encoder_that_offers(Codec::Vp8, |offer| {
            let mids: Vec<_> = offer.lines().filter_map(|l| l.strip_prefix("a=mid:")).collect();
            offer
                .replace(&format!("a=mid:{}\r", mids[0]), &format!("a=mid:{video}\r"))
                .replace(&format!("a=mid:{}\r", mids[1]), &format!("a=mid:{audio}\r"))
                .replace(
                    &format!("BUNDLE {} {}\r", mids[0], mids[1]),
                    &format!("BUNDLE {audio} {video}\r"),
                )
        });
        let world = world.unwrap();
        assert!(is_seen(&world), "{video} {audio}");
    }
}

#[test]
fn attributes_may_be_missing_doubled_and_in_any_order() {
    let changes: [fn(String) -> String; 7] = [
        |offer| without(&offer, |line| line.starts_with("a=sendonly")),
        |offer| offer.replace("a=sendonly", "a=sendrecv"),
        // Of the whole session.
        |offer| without(&offer, |l| l == "a=sendonly").replacen("t=0 0", "t=0 0\r\na=sendonly", 1),
        |offer| {
            without(&offer, |line| line.starts_with("a=rtcp-fb") || line.starts_with("a=extmap"))
        },
        |offer| {
            let plain = offer.replace("UDP/TLS/RTP/SAVPF", "RTP/SAVPF").replace("t=0 0", "t=3 4");
            plain.replace("\r\nc=IN", "\r\ni=a title\r\nc=IN").replace("\r\n", "\n")
        },
        |offer| {
            let lines: Vec<_> = offer.lines().map(str::to_owned).collect();
            let mut out = Vec::new();
            for part in lines.split(|line| line.starts_with("m=")) {
                out.push(part.iter().rev().cloned().collect::<Vec<_>>());
            }
            out[0].reverse();
            let mut media = lines.iter().filter(|line| line.starts_with("m="));
            let mut text = out[0].join("\r\n");
            for part in &out[1..] {
                text += &format!("\r\n{}\r\n{}", media.next().unwrap(), part.join("\r\n"));
            }
            text + "\r\n"
        },
        |offer| offer.replace("H264/90000", "h264/90000").replace("opus/48000/2", "OPUS/48000"),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let world =
            encoder_that_offers(Codec::H264, change).unwrap_or_else(|e| panic!("{at}: {e}"));
        assert!(is_seen(&world), "change {at}");
        let directions = world.clients[0].answer.matches("a=recvonly").count();
        assert_eq!(directions, 2, "{at}: {}", world.clients[0].answer);
    }
}

/// An offer of a picture in one codec, and of a sound.
fn offer_of(video: &str, audio: &str) -> String {
    let mut sdp = "v=0\r\no=- 5 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE a v\r\n\
        a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=setup:actpass\r\n\
        a=fingerprint:sha-256 "
        .to_owned();
    sdp += &["AB"; 32].join(":");
    sdp += &format!(
        "\r\nm=audio 9 UDP/TLS/RTP/SAVPF 97\r\na=mid:a\r\na=sendonly\r\na=rtcp-mux\r\n{audio}\r\n"
    );
    sdp += &format!(
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=sendonly\r\na=rtcp-mux\r\n{video}\r\n"
    );
    sdp
}

const OPUS: &str = "a=rtpmap:97 opus/48000/2";

#[test]
fn what_cannot_be_forwarded_is_refused_with_what_can() {
    let mut world = World::new(84);
    for video in [
        "a=rtpmap:96 AV1/90000",
        "a=rtpmap:96 H265/90000",
        "a=rtpmap:96 VP9/90000",
        "a=rtpmap:96 H264/90000\r\na=fmtp:96 profile-level-id=6e001f;packetization-mode=1",
        "a=rtpmap:96 H264/90000\r\na=fmtp:96 profile-level-id=42e01f;packetization-mode=2",
    ] {
        let refused = world.offer(ROOM, 1, JoinKind::Whip, &offer_of(video, OPUS)).unwrap_err();
        let JoinError::CodecNotTaken { video: true, sends: true, offered } = &refused else {
            panic!("{refused:?}");
        };
        assert!(video.contains(&offered[..3]), "{offered}");
        assert!(refused.taken().unwrap().contains("VP8") && refused.is_of_the_offer());
        assert!(!world.has_peer(1), "no sound without its picture");
    }
    let vp8 = "a=rtpmap:96 VP8/90000";
    for audio in
        ["a=rtpmap:97 PCMU/8000", "a=rtpmap:97 opus/24000/2", "a=rtpmap:97 MPEG4-GENERIC/48000/2"]
    {
        let refused = world.offer(ROOM, 1, JoinKind::Whip, &offer_of(vp8, audio)).unwrap_err();
        assert!(matches!(refused, JoinError::CodecNotTaken { video: false, .. }), "{refused}");
        assert!(refused.taken().unwrap().contains("opus"));
    }
    // A picture that is not offered at all is no refused one.
    let off = offer_of("a=rtpmap:96 AV1/90000", OPUS).replace("m=video 9", "m=video 0");
    let off = off.replace("BUNDLE a v", "BUNDLE a");
    world.offer(ROOM, 1, JoinKind::Whip, &off).unwrap();
    let receives = offer_of(vp8, OPUS).replace("sendonly", "recvonly");
    let refused = world.offer(ROOM, 2, JoinKind::Whip, &receives).unwrap_err();
    assert_eq!(refused, JoinError::NothingOffered { sends: true });
    let alone = offer_of(vp8, OPUS).replace("a=group:BUNDLE a v\r\n", "");
    assert_eq!(world.offer(ROOM, 2, JoinKind::Whip, &alone).unwrap_err(), JoinError::NotBundled);
    let two = offer_of(vp8, OPUS).replace("BUNDLE a v", "BUNDLE a v w")
        + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:w\r\na=sendonly\r\na=rtpmap:96 VP8/90000\r\n";
    let refused = world.offer(ROOM, 2, JoinKind::Whip, &two).unwrap_err();
    assert_eq!(refused, JoinError::TooManyTracks { video: true, lines: 2 });
    for (layers, code) in
        [("0;1;2;3", "offer_too_many_layers"), ("high-1;low-1", "offer_layer_name")]
    {
        let rids = layers.split(';').map(|rid| format!("\r\na=rid:{rid} send"));
        let video = format!("{vp8}{}\r\na=simulcast:send {layers}", rids.collect::<String>());
        let refused = world.offer(ROOM, 2, JoinKind::Whip, &offer_of(&video, OPUS)).unwrap_err();
        assert_eq!(refused.code(), code);
    }
}

#[test]
fn every_profile_that_browsers_decode_is_taken_and_answered_in_its_own_words() {
    let mut world = World::new(85);
    for fmtp in [
        "profile-level-id=42e01f;packetization-mode=1",
        "profile-level-id=42C02A;packetization-mode=0",
        "profile-level-id=640c1f;packetization-mode=1",
        "profile-level-id=640028;packetization-mode=1",
        "profile-level-id=4d401f;packetization-mode=0",
        "packetization-mode=1;profile-level-id=4de01f",
    ] {
        let video = format!("a=rtpmap:96 H264/90000\r\na=fmtp:96 {fmtp}");
        let answer = world.offer(ROOM, 1, JoinKind::Whip, &offer_of(&video, OPUS)).unwrap();
        let said = said(&answer, "a=fmtp:96 ");
        for word in fmtp.split(';') {
            assert!(said.contains(word), "{said} for {fmtp}");
        }
        assert!(answer.contains("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"), "{answer}");
    }
    // The defaults of RFC 6184 are not said by either side.
    let answer =
        world.offer(ROOM, 1, JoinKind::Whip, &offer_of("a=rtpmap:96 H264/90000", OPUS)).unwrap();
    assert!(answer.contains("a=rtpmap:96 H264/90000") && !answer.contains("a=fmtp:96"), "{answer}");
}

#[test]
fn a_player_that_cannot_put_fragments_together_is_told_so() {
    let mut world = World::new(86);
    let of = |fmtp: &str| {
        let video = format!("a=rtpmap:96 H264/90000{fmtp}");
        offer_of(&video, OPUS).replace("sendonly", "recvonly")
    };
    for fmtp in ["", "\r\na=fmtp:96 profile-level-id=42e01f", "\r\na=fmtp:96 packetization-mode=0"]
    {
        let refused = world.offer(ROOM, 1, JoinKind::Whep, &of(fmtp)).unwrap_err();
        assert!(matches!(refused, JoinError::CodecNotTaken { sends: false, .. }), "{refused}");
        assert!(refused.taken().unwrap().contains("packetization-mode=1"));
    }
    for profile in ["42e01f", "64001f", "4d001f"] {
        let fmtp = format!("\r\na=fmtp:96 packetization-mode=1;profile-level-id={profile}");
        let answer = world.offer(ROOM, 1, JoinKind::Whep, &of(&fmtp)).unwrap();
        assert!(answer.contains("a=msid:stage-0 video-0"), "{answer}");
    }
}

#[test]
fn what_is_wrong_with_an_offer_is_said_without_the_programs_inside() {
    let mut world = World::new(87);
    let good = offer_of("a=rtpmap:96 VP8/90000", OPUS);
    let without_line = |start: &str| without(&good, |line| line.starts_with(start));
    for (offer, word) in [
        (without_line("a=ice-ufrag"), "a=ice-ufrag"),
        (without_line("a=ice-pwd"), "a=ice-pwd"),
        (without_line("a=fingerprint"), "a=fingerprint"),
        (without_line("v=0"), "v=0"),
        (good.replace("a=mid:v", "a=mid:a"), "a=mid:a"),
        (good.replace("a=rtcp-mux\r\n", "nonsense\r\n"), "line 13"),
        (good.replace("m=video 9 UDP/TLS/RTP/SAVPF 96", "m=video"), "m-line"),
        (good.replace("a=fingerprint:sha-256 AB", "a=fingerprint:sha-256 XY"), "value"),
        ("v=0\r\n".to_owned(), "m-line"),
        (String::new(), ""),
    ] {
        let refused = world.offer(ROOM, 1, JoinKind::Whip, &offer).unwrap_err();
        assert_eq!(refused.code(), "offer_malformed", "{offer}");
        let said = refused.to_string();
        assert!(said.contains(word), "{said} has no {word}");
        assert!(!said.contains("0x") && !said.contains("Error") && !said.contains("::"), "{said}");
    }
}

#[test]
fn the_largest_layer_is_found_whatever_its_place() {
    for kind in [Kind::Obs(Codec::Vp8), Kind::Obs(Codec::H264)] {
        let mut world = World::new(88);
        world.join(1, kind);
        world.join(2, Kind::SITE);
        let viewer = world.join(9, Kind::Viewer);
        world.program(floor(1));
        world.run(6 * SECOND);
        assert_eq!(world.clients[viewer].shows(0), Some((1, 2)), "{kind:?}");
        assert_eq!(world.stats(9).slots[0].unwrap().layer, Some(2), "counted from the smallest");

        let mut program = floor(2);
        program.stage[1] = Some(peer(1));
        world.program(program);
        world.run(12 * SECOND);
        assert_eq!(world.clients[viewer].shows(1), Some((1, 1)), "{kind:?}");
    }
}

#[test]
fn a_large_layer_that_comes_late_or_stops_is_taken_up_and_left() {
    for codec in [Codec::Vp8, Codec::H264] {
        let mut world = World::new(89);
        let site = world.join(1, Kind::Obs(codec));
        world.clients[site].stop_layer(0);
        let viewer = world.join(9, Kind::Viewer);
        world.program(floor(1));
        world.run(6 * SECOND);
        assert_eq!(world.clients[viewer].shows(0), Some((1, 1)), "{codec:?}");
        world.clients[site].start_layer(0);
        world.run(10 * SECOND);
        assert_eq!(world.clients[viewer].shows(0), Some((1, 2)), "{codec:?}");
        world.clients[site].stop_layer(0);
        world.run(6 * SECOND);
        assert_eq!(world.clients[viewer].shows(0), Some((1, 1)), "{codec:?}");
        crate::floor::assert_seamless(&world.clients[viewer].received[0]);
    }
}
