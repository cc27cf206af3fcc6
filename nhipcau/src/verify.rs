//! `nhipcau verify`: exit 0 and the head, or exit 1 and the first broken record.

use std::{path::PathBuf, process::ExitCode};

use journal::Hash;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Thư mục dữ liệu; không bị sửa. / Data directory; it is not changed.
    dir: PathBuf,
    /// Mã đầu sổ đã in trên giấy hoặc đã xuất: sổ này từng có mã đó không? / A head that left the machine (printed on a paper, exported): was the journal ever there?
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
    eprintln!(
        "{n} bản ghi, nguyên vẹn. Đầu sổ (số thứ tự, mã băm):\n{n} records, each as it was recorded. The head (number, hash):",
        n = verified.records
    );
    println!("{} {}", verified.head.seq, verified.head.hash);
    match found {
        None => {}
        Some(Some(seq)) => eprintln!(
            "Mã đã hỏi là đầu sổ sau bản ghi {seq}.\nThe head asked for stands after record {seq}."
        ),
        Some(None) => {
            eprintln!(
                "nhipcau: sổ này chưa từng có mã đã hỏi: sổ bị viết lại, hoặc mã của sổ khác.\nThis journal never had the head asked for: it was rewritten since, or the head is of another one."
            );
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
