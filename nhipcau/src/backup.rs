//! `nhipcau backup FROM TO`.

use std::{path::PathBuf, process::ExitCode};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Thư mục của máy chủ, đang chạy hay không; hoặc bản sao cần khôi phục. / Directory of a server, running or not; or a copy to be brought back.
    from: PathBuf,
    /// Nơi đặt bản sao: chưa có gì, hoặc bản sao cũ để bổ sung. / Where the copy goes: nothing, or an earlier copy that is brought up to date.
    to: PathBuf,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let copied = server::backup::copy(&args.from, &args.to)?;
    let (records, files) = (copied.records_added, copied.files_added);
    eprintln!(
        "Thêm {records} bản ghi, {files} tệp; bản sao đã được kiểm tra từ bản ghi đầu. Đầu sổ (số thứ tự, mã băm):\n{records} records and {files} files added; the copy was verified from its first record. The head (number, hash):"
    );
    println!("{} {}", copied.head.seq, copied.head.hash);
    Ok(ExitCode::SUCCESS)
}
