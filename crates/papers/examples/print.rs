//! Prints the sample papers into a folder, to be looked at: `cargo run -p papers --example print -- FOLDER`.

#[path = "../tests/sample/mod.rs"]
mod sample;

use std::{error::Error, fs, path::PathBuf, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let folder: PathBuf = std::env::args_os().nth(1).ok_or("name a folder")?.into();
    fs::create_dir_all(&folder)?;
    for (name, notice) in [("notice", sample::notice()), ("draft", sample::draft())] {
        let start = Instant::now();
        let pdf = papers::conclusion_notice(&notice)?;
        println!("{name}: {} pages, {} bytes, {:?}", pdf.pages, pdf.bytes.len(), start.elapsed());
        fs::write(folder.join(format!("{name}.pdf")), pdf.bytes)?;
    }
    let start = Instant::now();
    let pdf = papers::site_codes(&sample::codes(54))?;
    println!("codes: {} pages, {} bytes, {:?}", pdf.pages, pdf.bytes.len(), start.elapsed());
    fs::write(folder.join("codes.pdf"), pdf.bytes)?;
    Ok(())
}
