//! Makes `assets/speech.pack` anew from `assets/speech.tsv`, with espeak-ng and its Vietnamese voice:
//! `cargo run -p sites --example make_speech`. Only needed when a sentence changes.

use std::process::Command;

use sites::voice::{Encoder, FRAME, SAMPLE_RATE, append, repace};

/// Good enough for a synthesiser's voice, and small.
const BITRATE_BPS: i32 = 12_000;

fn main() {
    let assets = concat!(env!("CARGO_MANIFEST_DIR"), "/assets");
    let sentences = std::fs::read_to_string(format!("{assets}/speech.tsv")).expect("speech.tsv");
    let mut pack = Vec::new();
    for (name, text) in sentences.lines().filter_map(|line| line.split_once('\t')) {
        let output = Command::new("espeak-ng")
            .args(["-v", "vi", "-s", "165", "-a", "80", "--stdout", text])
            .output()
            .expect("espeak-ng is installed");
        // A WAV header of 44 bytes, then 16-bit samples at 22 050 Hz.
        let wav = &output.stdout[44..];
        let pcm: Vec<i16> =
            wav.as_chunks::<2>().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect();
        let loud = |sample: &i16| sample.unsigned_abs() > 200;
        let start = pcm.iter().position(loud).unwrap_or(0).saturating_sub(400);
        let end = pcm.iter().rposition(loud).map_or(pcm.len(), |at| (at + 1200).min(pcm.len()));
        let pcm = repace(&pcm[start..end], 22_050.0 / SAMPLE_RATE as f64, 0..usize::MAX);
        let mut encoder = Encoder::new(BITRATE_BPS);
        let packets: Vec<Vec<u8>> =
            pcm.as_chunks::<FRAME>().0.iter().map(|frame| encoder.encode(frame)).collect();
        append(&mut pack, name, &packets);
    }
    println!("{} bytes", pack.len());
    std::fs::write(format!("{assets}/speech.pack"), pack).expect("speech.pack is written");
}
