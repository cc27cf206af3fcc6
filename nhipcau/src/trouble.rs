//! What an administrator is told in Vietnamese when a command cannot go on. The English sentence of the error follows it and has the
//! details: what is not listed here is told in English alone.

use journal::OpenError;
use server::{ServeError, backup::CopyError, config::ConfigError, engine::StartError};

/// The sentence for an error that has one: what is wrong, and what to do.
pub(crate) fn in_vietnamese(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        let serve = cause.downcast_ref::<ServeError>();
        let start = cause.downcast_ref::<StartError>().or(match serve {
            Some(ServeError::Engine(start)) => Some(start),
            _ => None,
        });
        let open = cause.downcast_ref::<OpenError>().or(match start {
            Some(StartError::Open(open)) => Some(open),
            _ => None,
        });
        open.and_then(of_journal)
            .or_else(|| serve.and_then(of_server))
            .or_else(|| cause.downcast_ref::<ConfigError>().map(of_config))
            .or_else(|| cause.downcast_ref::<CopyError>().and_then(of_copy))
    })
}

fn of_journal(error: &OpenError) -> Option<String> {
    Some(match error {
        OpenError::Locked { dir, by } => {
            let by = by.map(|pid| format!(" (pid {pid})")).unwrap_or_default();
            format!(
                "sổ trong {} đang do một tiến trình khác{by} dùng; dừng tiến trình đó, hoặc chỉ thư mục khác",
                dir.display()
            )
        }
        OpenError::NewerFormat { dir, .. } => format!(
            "sổ trong {} do bản mới hơn ghi; chạy bản đã ghi nó hoặc bản mới hơn",
            dir.display()
        ),
        OpenError::Damaged { dir, damage } => {
            let record = damage.seq.map(|seq| format!(", từ bản ghi {seq}")).unwrap_or_default();
            format!(
                "sổ trong {} bị hỏng ở {}{record}. Chưa sửa gì: giữ nguyên một bản của thư mục, rồi khôi phục bản sao lưu gần nhất",
                dir.display(),
                damage.file
            )
        }
        OpenError::DiskFull { dir } => {
            format!("đĩa chứa {} đã đầy; dọn chỗ trống rồi chạy lại", dir.display())
        }
        OpenError::Io { dir, .. } => {
            format!("không mở được sổ trong {}; xem đĩa và quyền trên thư mục", dir.display())
        }
    })
}

fn of_server(error: &ServeError) -> Option<String> {
    match error {
        ServeError::Listen { address, .. } => Some(format!(
            "không mở được cổng {address}; chọn cổng khác (`listen` trong cấu hình), hoặc dừng chương trình đang giữ cổng (dưới 1024 cần quyền root)"
        )),
        ServeError::Dir(_) => Some(
            "không dùng được thư mục dữ liệu: phải là thư mục mà tài khoản chạy chương trình ghi được"
                .to_owned(),
        ),
        ServeError::RoomsEnded => Some(
            "phòng họp hoặc hình và tiếng tự dừng, đó là lỗi của chương trình; chạy lại: việc đã ghi còn nguyên"
                .to_owned(),
        ),
        _ => None,
    }
}

fn of_config(error: &ConfigError) -> String {
    match error {
        ConfigError::Unreadable { path, .. } => {
            format!("không đọc được tệp cấu hình {}", path.display())
        }
        ConfigError::Wrong { path, .. } => {
            format!("tệp cấu hình {} có chỗ sai; dòng và mục ghi ở dưới", path.display())
        }
    }
}

fn of_copy(error: &CopyError) -> Option<String> {
    let CopyError::Foreign { path } = error else { return None };
    Some(format!(
        "{} đang chứa thứ khác, không phải bản sao của thư mục dữ liệu; chỉ thư mục trống hoặc thư mục mới",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn the_journal_s_error_is_found_however_deep_it_lies() {
        let open = || OpenError::DiskFull { dir: "/du-lieu".into() };
        let bare = anyhow::Error::new(open());
        let served = anyhow::Error::new(ServeError::Engine(StartError::Open(open())));
        let wrapped = Err::<(), _>(StartError::Open(open())).context("starting").unwrap_err();
        for error in [bare, served, wrapped] {
            let told = in_vietnamese(&error).unwrap();
            assert!(told.contains("/du-lieu") && told.contains("đầy"), "{told}");
        }
        assert_eq!(in_vietnamese(&anyhow::anyhow!("something else")), None);
    }
}
