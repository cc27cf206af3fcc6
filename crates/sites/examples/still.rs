//! Writes one site's still picture to a file, to be looked at: `cargo run -p sites --example still -- hoang-mai "Quận Hoàng Mai" out.jpg`

use sites::picture::{Look, Place, still};

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let (Some(slug), Some(name), Some(path)) = (args.next(), args.next(), args.next()) else {
        eprintln!("still SLUG NAME FILE");
        std::process::exit(2);
    };
    let place = if slug == "hall" { Place::Hall } else { Place::Site };
    std::fs::write(path, still(&Look { slug, name, place }, 0.3))
}
