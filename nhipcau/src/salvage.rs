//! `nhipcau salvage FROM TO`: exit 0 when every record was saved, 3 when some are lost, 1 when nothing was saved.

use std::{path::PathBuf, process::ExitCode};

/// What could be saved was, and something is missing: neither a success nor a failure.
const LOST: u8 = 3;

#[derive(clap::Args)]
#[command(
    after_help = "Mã thoát: 0 đã chép cả sổ; 3 đã cứu phần trước chỗ hỏng, phần sau mất; 1 chưa chép gì. / Exit code: 0 the whole journal was copied; 3 what comes before the damage was saved, the rest is lost; 1 nothing was copied."
)]
pub(crate) struct Args {
    /// Thư mục có sổ hỏng, máy chủ đã dừng; không bị sửa. / Directory with the damaged journal, its server stopped; it is not changed.
    from: PathBuf,
    /// Thư mục trống hoặc thư mục mới cho phần cứu được. / An empty folder or a new one for what is saved.
    to: PathBuf,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let saved = server::backup::salvage(&args.from, &args.to)?;
    let records = saved.head.seq;
    let code = match saved.damage {
        None => {
            eprintln!(
                "Sổ còn nguyên: cả {records} bản ghi đã được chép.\nThe journal is whole: all {records} records were copied."
            );
            ExitCode::SUCCESS
        }
        Some(damage) => {
            eprintln!(
                "Đã cứu {records} bản ghi trước chỗ hỏng; những bản ghi sau đó không có trong bản này. So mã đầu sổ với mã đã in gần nhất.\n{records} records before the damage were saved; those after it are not in the copy. Compare its head with the last one printed.\n  {damage}"
            );
            ExitCode::from(LOST)
        }
    };
    eprintln!("Đầu sổ (số thứ tự, mã băm): / The head (number, hash):");
    println!("{} {}", saved.head.seq, saved.head.hash);
    Ok(code)
}
