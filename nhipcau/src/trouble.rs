//! What an administrator is told in Vietnamese when a command cannot go on. The English sentence of the error follows it and has the
//! details: what is not listed here is told in English alone.

use std::io;

use journal::OpenError;
use server::{ServeError, backup::CopyError, config::ConfigError, engine::StartError};
use sites::{
    door::{DoorError, TrustError},
    rehearse::RehearsalError,
};

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
            .or_else(|| cause.downcast_ref::<DoorError>().map(of_door))
            .or_else(|| cause.downcast_ref::<RehearsalError>().and_then(of_rehearsal))
            .or_else(|| cause.downcast_ref::<io::Error>().and_then(of_system))
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
                "sổ trong {} bị hỏng ở {}{record}. Chưa sửa gì: giữ nguyên một bản của thư mục, rồi khôi phục bản sao lưu gần nhất; không có bản sao lưu thì cứu phần trước chỗ hỏng: nhipcau salvage {0} THƯ-MỤC-MỚI",
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
    match error {
        CopyError::Foreign { path } => Some(format!(
            "{} đang chứa thứ khác, không phải bản sao của thư mục dữ liệu; chỉ thư mục trống hoặc thư mục mới",
            path.display()
        )),
        CopyError::NotEmpty { path } => Some(format!(
            "{} đang chứa thứ khác; phần cứu được cần một thư mục trống hoặc thư mục mới",
            path.display()
        )),
        _ => None,
    }
}

fn of_door(error: &DoorError) -> String {
    match error {
        DoorError::Address(text) => format!("{text} không phải địa chỉ https hoặc http"),
        DoorError::Trust(TrustError::File { path, .. }) => {
            format!("không đọc được tệp chứng thư {}", path.display())
        }
        DoorError::Trust(TrustError::Fingerprint(_)) => {
            "dấu vân tay của chứng thư là 64 chữ số thập lục phân (SHA-256), in ở trang /ca".to_owned()
        }
        DoorError::Trust(_) => "chứng thư không dùng được".to_owned(),
        DoorError::Unreachable { url, .. } => format!(
            "{url} không trả lời: xem máy chủ có đang chạy không, địa chỉ và cổng, chứng thư (`--ca` hoặc `--fingerprint`)"
        ),
        DoorError::Refused { status: 401, .. } => {
            "máy chủ không nhận tên đăng nhập, mật khẩu hoặc mã này".to_owned()
        }
        DoorError::Refused { status: 403, .. } => {
            "người này không có quyền diễn tập hội nghị đó; cần Tổ kỹ thuật của hội nghị hoặc quản trị"
                .to_owned()
        }
        DoorError::Refused { status: 404, .. } => {
            "máy chủ không có hội nghị này; số của hội nghị ở trong địa chỉ trang của nó".to_owned()
        }
        DoorError::Refused { title, .. } => format!("máy chủ từ chối: {title}"),
    }
}

fn of_rehearsal(error: &RehearsalError) -> Option<String> {
    match error {
        RehearsalError::Door(error) => Some(of_door(error)),
        RehearsalError::Hall(_) => {
            Some("hội trường mô phỏng không kết nối được; xem cổng UDP và tường lửa".to_owned())
        }
        RehearsalError::Ended => Some(
            "máy chủ kết thúc buổi diễn tập trước giờ; có thể một hội nghị vừa khai mạc".to_owned(),
        ),
        RehearsalError::Threads(_) | RehearsalError::Stopped => None,
    }
}

/// Which file or address it is about stands in the English sentence.
fn of_system(error: &io::Error) -> Option<String> {
    let told = match error.kind() {
        io::ErrorKind::NotFound => "không có tệp hoặc thư mục nêu ở dưới",
        io::ErrorKind::PermissionDenied => "không có quyền với tệp hoặc thư mục nêu ở dưới",
        io::ErrorKind::StorageFull => "đĩa đã đầy; dọn chỗ trống rồi chạy lại",
        io::ErrorKind::ReadOnlyFilesystem => "đĩa chỉ cho đọc",
        _ => return None,
    };
    Some(told.to_owned())
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

    #[test]
    fn what_a_rehearsal_and_the_system_say_is_told_too() {
        let silent =
            || DoorError::Unreachable { url: "https://may-chu:7443".into(), reason: "-".into() };
        let refused = |status| DoorError::Refused {
            url: "-".into(),
            status,
            code: "-".into(),
            title: "-".into(),
        };
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        for (error, words) in [
            (anyhow::Error::new(silent()), "https://may-chu:7443 không trả lời"),
            (anyhow::Error::new(RehearsalError::Door(silent())), "không trả lời"),
            (anyhow::Error::new(refused(401)).context("signing in"), "không nhận"),
            (anyhow::Error::new(refused(404)), "không có hội nghị này"),
            (anyhow::Error::new(missing()).context("making /x/y"), "không có tệp"),
        ] {
            let told = in_vietnamese(&error).unwrap();
            assert!(told.contains(words), "{told}");
        }
    }
}
