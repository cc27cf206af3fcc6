//! `nhipcau verify`: exit 0 and the head, or exit 1 and the first broken record.

use std::{path::PathBuf, process::ExitCode};

use journal::Hash;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Data directory; it is not changed.
    dir: PathBuf,
    /// A head that left the machine (printed on a paper, exported): was the journal ever there?
    #[arg(long)]
    head: Option<Hash>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (verified, found) = match args.head {
        None => (journal::verify(&args.dir)?, None),
        Some(head) => {
            let (verified, found) = journal::verify_head(&args.dir, head)?;
            (verified, Some(found))
        }
    };
    println!("{} {}", verified.head.seq, verified.head.hash);
    eprintln!("{} records, each as it was recorded", verified.records);
    match found {
        None => {}
        Some(Some(seq)) => eprintln!("the head asked for stands after record {seq}"),
        Some(None) => {
            eprintln!(
                "nhipcau: this journal never had the head asked for: it was rewritten since, or the head is of another one"
            );
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
