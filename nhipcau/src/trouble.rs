//! What an administrator is told in Vietnamese when a command cannot go on. The English sentence of the error follows it and has the
//! details. Every error that a command can meet has its sentence here: the matches are whole, so that a new one asks for its own.

use std::io;

use journal::{BackupError, CommitError, OpenError, ReadError};
use server::{
    ServeError, auth::AuthError, backup::CopyError, config::ConfigError, engine::StartError,
    tls::TlsError,
};
use sites::{
    door::{DoorError, TrustError},
    rehearse::RehearsalError,
};

/// The sentence for an error that has one: what is wrong, and what to do.
pub(crate) fn in_vietnamese(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        let told = cause.downcast_ref().map(of_journal);
        told.or_else(|| cause.downcast_ref().map(of_server))
            .or_else(|| cause.downcast_ref().map(of_start))
            .or_else(|| cause.downcast_ref().map(of_reading))
            .or_else(|| cause.downcast_ref().map(of_backup))
            .or_else(|| cause.downcast_ref().map(of_copy))
            .or_else(|| cause.downcast_ref().map(of_config))
            .or_else(|| cause.downcast_ref().map(of_auth))
            .or_else(|| cause.downcast_ref().map(of_tls))
            .or_else(|| cause.downcast_ref().map(of_door))
            .or_else(|| cause.downcast_ref().and_then(of_rehearsal))
            .or_else(|| cause.downcast_ref().and_then(of_system))
    })
}

fn of_journal(error: &OpenError) -> String {
    match error {
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
        OpenError::Io { dir, .. } if !dir.join("journal.db").exists() => format!(
            "trong {} không có sổ nào; xem lại đường dẫn: thư mục dữ liệu là thư mục có tệp journal.db",
            dir.display()
        ),
        OpenError::Io { dir, .. } => {
            format!("không mở được sổ trong {}; xem đĩa và quyền trên thư mục", dir.display())
        }
    }
}

fn of_reading(error: &ReadError) -> String {
    match error {
        ReadError::Damaged(damage) => {
            let record = damage.seq.map(|seq| format!(", từ bản ghi {seq}")).unwrap_or_default();
            format!("sổ bị hỏng ở {}{record}; khôi phục bản sao lưu gần nhất", damage.file)
        }
        ReadError::Io(_) => "không đọc được sổ; xem đĩa và quyền trên thư mục".to_owned(),
    }
}

fn of_start(error: &StartError) -> String {
    match error {
        StartError::Open(error) => of_journal(error),
        StartError::Read(error) => of_reading(error),
        StartError::Event { seq, .. } | StartError::Actor { seq, .. } => {
            format!("bản này không hiểu bản ghi {seq} của sổ; chạy bản đã ghi nó hoặc bản mới hơn")
        }
        StartError::Thread(_) => {
            "hệ thống không cho mở thêm luồng; xem giới hạn của tài khoản chạy chương trình"
                .to_owned()
        }
    }
}

fn of_server(error: &ServeError) -> String {
    match error {
        ServeError::Listen { address, .. } => format!(
            "không mở được cổng {address}; chọn cổng khác (`listen` trong cấu hình), hoặc dừng chương trình đang giữ cổng (dưới 1024 cần quyền root)"
        ),
        ServeError::Dir(_) => {
            "không dùng được thư mục dữ liệu: phải là thư mục mà tài khoản chạy chương trình ghi được"
                .to_owned()
        }
        ServeError::RoomsEnded => {
            "phòng họp hoặc hình và tiếng tự dừng, đó là lỗi của chương trình; chạy lại: việc đã ghi còn nguyên"
                .to_owned()
        }
        ServeError::Engine(error) => of_start(error),
        ServeError::Auth(error) => of_auth(error),
        ServeError::Tls(error) => of_tls(error),
        ServeError::Media(_) => {
            "không mở được cổng UDP cho hình và tiếng; xem `[media] port` và `addresses` trong cấu hình: địa chỉ phải là của máy này, cổng chưa ai dùng"
                .to_owned()
        }
        ServeError::Administrator(_) => "không lập được người quản trị đầu tiên".to_owned(),
    }
}

fn of_auth(error: &AuthError) -> String {
    match error {
        AuthError::Database(_) => {
            "không dùng được auth.db; đĩa đầy thì dọn chỗ trống, không thì khôi phục tệp này từ bản sao lưu"
                .to_owned()
        }
        AuthError::Newer { .. } => "auth.db do bản mới hơn ghi; chạy bản mới hơn".to_owned(),
        AuthError::Stopped(_) => "việc đăng nhập bị dừng giữa chừng; chạy lại".to_owned(),
    }
}

fn of_tls(error: &TlsError) -> String {
    match error {
        TlsError::Unreadable { path, .. } => {
            format!("không đọc được chứng thư hoặc khóa {}", path.display())
        }
        TlsError::NotKept { path, .. } => {
            format!("không ghi được {}; xem đĩa và quyền trên thư mục", path.display())
        }
        TlsError::Name { .. } => {
            "một tên ở `[tls] names` không đưa được vào chứng thư: chỉ chữ không dấu, chữ số, dấu chấm và dấu gạch nối"
                .to_owned()
        }
        TlsError::Making(_) => "không lập được chứng thư".to_owned(),
        TlsError::Unusable { path, .. } => {
            format!("chứng thư {} và khóa của nó không đi với nhau hoặc không dùng được", path.display())
        }
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

fn of_backup(error: &BackupError) -> String {
    match error {
        BackupError::Source(error) => format!("không chép được từ sổ này: {}", of_journal(error)),
        BackupError::Destination(error) => format!("không mở được bản sao: {}", of_journal(error)),
        BackupError::Write(CommitError::DiskFull { dir }) => {
            format!(
                "đĩa chứa {} đã đầy; dọn chỗ trống rồi chạy lại, phần đã chép được dùng tiếp",
                dir.display()
            )
        }
        BackupError::Write(_) => {
            "không ghi được bản sao; xem đĩa và quyền trên thư mục đích".to_owned()
        }
        BackupError::OtherJournal { .. } => {
            "nơi đặt bản sao đang có sổ khác, không phải bản cũ của sổ này; chọn thư mục trống"
                .to_owned()
        }
    }
}

fn of_copy(error: &CopyError) -> String {
    match error {
        CopyError::Itself { path } => format!(
            "{} vừa là nguồn vừa là đích; chỉ một thư mục khác để đặt bản sao",
            path.display()
        ),
        CopyError::Foreign { path } => format!(
            "{} đang chứa thứ khác, không phải bản sao của thư mục dữ liệu; chỉ thư mục trống hoặc thư mục mới",
            path.display()
        ),
        CopyError::NotEmpty { path } => format!(
            "{} đang chứa thứ khác; phần cứu được cần một thư mục trống hoặc thư mục mới",
            path.display()
        ),
        CopyError::Dir(_) => "không dùng được thư mục đích: phải là thư mục ghi được".to_owned(),
        CopyError::Journal(error) => of_backup(error),
        CopyError::Auth(_) => "không chép được auth.db; xem đĩa và quyền trên thư mục".to_owned(),
        CopyError::File { path, .. } => {
            format!("không chép được {}; xem đĩa và quyền trên tệp", path.display())
        }
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
            (anyhow::Error::new(AuthError::Newer { found: 9 }), "bản mới hơn"),
            (anyhow::Error::new(ReadError::Io("-".into())).context("reading"), "không đọc được sổ"),
            (anyhow::Error::new(TlsError::Making("-".into())), "chứng thư"),
        ] {
            let told = in_vietnamese(&error).unwrap();
            assert!(told.contains(words), "{told}");
        }
    }
}
