//! The one program of Nhịp Cầu. One file a subcommand; everything it does is done by the crates below.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod admin;
mod backup;
mod demo;
mod export;
mod logs;
mod manual;
mod password;
mod place;
mod reckon;
mod rehearse;
mod salvage;
mod serve;
mod trouble;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// Hội nghị trực tuyến của một thành phố, từ kế hoạch tới việc đã làm xong. / Nhịp Cầu: a city's hybrid conference, from plan to execution.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// Nhật ký dạng JSON từng dòng ra stderr, cho máy thu nhật ký. / Logs as JSON lines on stderr, for a collector; text otherwise. `RUST_LOG` chooses what is logged.
    #[arg(long, global = true)]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Chạy thử cả một hội nghị với dữ liệu mẫu và điểm cầu giả lập. / Show a whole conference with example data and simulated sites.
    Demo(demo::Args),
    /// Chạy máy chủ trên một thư mục dữ liệu. / Serve a data directory.
    Serve(serve::Args),
    /// Lập người quản trị, hoặc liên kết một lần cho người quên mật khẩu. / Make an administrator, or a one-time link for a lost password.
    Admin(admin::Args),
    /// Tập dượt hội nghị với điểm cầu giả lập, trên một bản sao tạm. / Rehearse a conference with simulated sites, on a throw-away copy.
    Rehearse(rehearse::Args),
    /// Kiểm tra từng bản ghi của sổ, không sửa gì. / Check every record of a journal, without changing it.
    Verify(verify::Args),
    /// Sao lưu một thư mục, kể cả khi máy chủ đang chạy; khôi phục: đổi chỗ hai thư mục. / Copy a directory, also of a running server; the way back is the same with the directories exchanged.
    Backup(backup::Args),
    /// Cứu phần còn nguyên của một sổ hỏng sang thư mục mới. / Save what is whole of a damaged journal to a new directory.
    Salvage(salvage::Args),
    /// Tính thử các quy tắc, không cần máy chủ: mỗi dòng JSON vào, một dòng JSON ra. / Try the rules without a server: JSON lines in, JSON lines out.
    Reckon(reckon::Args),
    /// Xuất nội dung của sổ. / Write out what a journal holds.
    Export(export::Args),
    /// Ghi các trang hướng dẫn lệnh và tệp gợi ý lệnh cho shell. / Write manual pages and shell completions, for a package.
    #[command(hide = true)]
    Manual(manual::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    logs::start(cli.log_json, matches!(cli.command, Command::Demo(_)));
    let outcome = match cli.command {
        Command::Demo(args) => demo::run(args),
        Command::Rehearse(args) => rehearse::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Admin(args) => admin::run(args),
        Command::Verify(args) => verify::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Salvage(args) => salvage::run(&args),
        Command::Reckon(args) => reckon::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Manual(args) => manual::run(&args, Cli::command()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            if let Some(told) = trouble::in_vietnamese(&error) {
                eprintln!("nhipcau: {told}");
            }
            eprintln!("nhipcau: {error:#}");
            ExitCode::FAILURE
        }
    }
}
