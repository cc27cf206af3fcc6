//! `nhipcau salvage FROM TO`.

use std::{path::PathBuf, process::ExitCode};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Thư mục có sổ hỏng, máy chủ đã dừng; không bị sửa. / Directory with the damaged journal, its server stopped; it is not changed.
    from: PathBuf,
    /// Thư mục trống hoặc thư mục mới cho phần cứu được. / An empty folder or a new one for what is saved.
    to: PathBuf,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let saved = server::backup::salvage(&args.from, &args.to)?;
    let records = saved.head.seq;
    match saved.damage {
        None => eprintln!(
            "Sổ còn nguyên: cả {records} bản ghi đã được chép.\nThe journal is whole: all {records} records were copied."
        ),
        Some(damage) => eprintln!(
            "Đã cứu {records} bản ghi trước chỗ hỏng; những bản ghi sau đó không có trong bản này. So mã đầu sổ với mã đã in gần nhất.\n{records} records before the damage were saved; those after it are not in the copy. Compare its head with the last one printed.\n  {damage}"
        ),
    }
    eprintln!("Đầu sổ (số thứ tự, mã băm): / The head (number, hash):");
    println!("{} {}", saved.head.seq, saved.head.hash);
    Ok(ExitCode::SUCCESS)
}
