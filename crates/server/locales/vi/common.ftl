# What stands on every page. One sentence a key; no "vui lòng", no exclamation marks.

skip-to-content = Tới nội dung chính
nav-label = Chính
nav-tasks = Hôm nay
nav-desk = Chờ xét
nav-conferences = Hội nghị
nav-admin = Quản trị
signout = Đăng xuất
saved = Đã lưu
signin-title = Đăng nhập
demo-clock = Giờ trình diễn
demo-clock-title = Bản trình diễn chạy theo giờ riêng, không phải giờ thật
demo-clock-on = Thêm { $n } ngày
theme-light = Nền sáng
theme-dark = Nền tối
theme-auto = Theo máy
foot-certificate = Chứng thư của máy chủ
foot-privacy = Dữ liệu cá nhân
error-home = Về trang đầu
error-call = Cần giúp: gọi Tổ kỹ thuật, { $telephone }.

# Titles and sentences of problems; the sentence says what, why, what to do.

problem-title-bad-request = Yêu cầu chưa đúng dạng
problem-title-unauthenticated = Chưa đăng nhập
problem-title-forbidden = Không có quyền
problem-title-not-found = Không có trang này
problem-title-method = Sai phương thức
problem-title-not-acceptable = Dạng máy chủ không nhận
problem-title-conflict = Trạng thái đã khác
problem-title-too-large = Quá lớn
problem-title-media-type = Sai kiểu nội dung
problem-title-slow = Gửi lên quá chậm
problem-title-set-up = Máy chủ chưa được cài đặt đúng
problem-title-invalid = Dữ liệu chưa hợp lệ
problem-title-rate-limited = Thử quá nhiều lần
problem-title-unavailable = Tạm thời chưa làm được
problem-title-internal = Máy chủ gặp lỗi

problem-unauthenticated = Phải đăng nhập, hoặc vào bằng mã điểm cầu, trước khi làm việc này.
problem-forbidden = Tài khoản này không được xem hoặc làm việc này. Cần quyền, gọi quản trị của Văn phòng.
problem-not-found = Địa chỉ này không có, hoặc đã bị gỡ.
problem-stale-form = Biểu mẫu này đã cũ hoặc không do máy chủ này gửi. Tải lại trang rồi làm lại.
problem-misled-by-proxy = Việc này chưa làm được vì máy chủ trung gian (proxy) đứng trước máy chủ chưa được cài đặt đúng. Không phải lỗi của bạn, và tải lại trang cũng không giúp được. Báo quản trị hệ thống: nhật ký máy chủ và trang /readyz nêu rõ chỗ phải sửa.
problem-socket-not-upgraded = Máy chủ trung gian (proxy) không cho phòng họp nối tới máy chủ. Không phải lỗi của phòng hay đường truyền. Báo quản trị hệ thống: proxy phải chuyển tiếp Upgrade và Connection; trang /readyz nêu rõ chỗ phải sửa.
problem-too-slow = Nội dung gửi lên tới quá chậm nên máy chủ không chờ nữa; chưa có gì được ghi. Xem lại đường truyền rồi gửi lại.
problem-host-missing = Yêu cầu phải có đúng một dòng Host, ghi tên máy chủ được hỏi.
problem-file-empty = “{ $name }” trống, không có nội dung. Chọn lại tệp.
problem-file-not-listed = Không nhận “{ $name }”. Nhận các loại tệp: { $kinds }.
problem-file-is-program = “{ $name }” là một chương trình, không nhận. Nhận các loại tệp: { $kinds }.
problem-file-is-page = “{ $name }” bên trong là một trang web, không nhận. Mở bằng Word hoặc Excel, lưu thành đúng loại rồi chọn lại. Nhận các loại tệp: { $kinds }.
problem-file-differs = Nội dung “{ $name }” không đúng loại như đuôi tên, hoặc tệp bị hỏng hay có mật khẩu. Mở ra, lưu lại thành đúng loại rồi chọn lại.
problem-file-holds = “{ $name }” có chứa “{ $part }”, thứ mà máy có thể chạy, nên không nhận. Bỏ nó ra, lưu lại rồi chọn lại.
problem-upload-quota = Hôm nay đã gửi đủ { $bytes } byte cho một người. Mai gửi tiếp, hoặc gọi quản trị hệ thống.
problem-disk-low = Đĩa của máy chủ sắp đầy nên tạm thời không nhận tệp; việc khác vẫn làm được. Báo quản trị hệ thống.
problem-malformed = Không đọc được nội dung gửi lên{ $detail ->
    [empty] .
   *[other] : { $detail }.
    }
problem-invalid = Nội dung gửi lên không đúng mẫu{ $detail ->
    [empty] .
   *[other] : { $detail }.
    }
problem-method-not-allowed = Địa chỉ này không nhận phương thức đã dùng.
problem-too-large = Nội dung gửi lên vượt { $bytes } byte. Gửi phần nhỏ hơn.
problem-unsupported-media-type = Nội dung phải có kiểu { $expected }.
problem-rate-limited = Thử quá nhiều lần. Thử lại sau { $seconds } giây.
problem-internal = Lỗi đã được ghi lại với mã { $id }. Thử lại; nếu còn lỗi, đọc mã này cho Tổ kỹ thuật.
problem-journal-full = Đĩa của máy chủ đã đầy nên lệnh chưa ghi được vào sổ. Hình và tiếng vẫn chạy, xem thì vẫn được. Báo người quản trị máy chủ giải phóng chỗ, rồi làm lại.
problem-journal-unavailable = Sổ ghi chưa nhận lệnh: { $reason } Chưa có gì thay đổi; hình và tiếng vẫn chạy. Thử lại sau.
problem-journal-damaged = Sổ ghi bị hỏng{ $record ->
    [none] {" "}ở tệp { $file }
   *[other] {" "}ở bản ghi { $record } (tệp { $file })
    }: từ nay máy chủ không nhận lệnh nào nữa. Chưa có gì thay đổi; xem thì vẫn được, hình và tiếng vẫn chạy. Báo người quản trị máy chủ: dừng máy chủ, giữ một bản của thư mục dữ liệu, rồi khôi phục bản sao lưu, hoặc cứu phần trước chỗ hỏng bằng nhipcau salvage.
problem-media-unavailable = Phần truyền hình chưa sẵn sàng: { $reason }.
problem-signin-unavailable = Chưa ghi được phiên đăng nhập, có thể do đầy đĩa. Thử lại sau.
problem-disk-full = Đĩa đã đầy, chưa giữ được tệp. Giải phóng chỗ rồi gửi lại.
problem-demo-clock-in-session = Hội nghị đang họp, mà giờ phát biểu và chương trình tính theo đồng hồ này. Người chủ trì bế mạc ở trang hội nghị, rồi mới chuyển được giờ.
problem-busy = Máy chủ đang có quá nhiều lệnh chờ. Thử lại sau một giây.
problem-stopping = Máy chủ đang dừng. Thử lại sau ít phút.
problem-idempotency-key-reused = Khóa lặp này đã dùng cho một lệnh khác. Dùng khóa mới.
problem-title-gone = Không còn dùng được
problem-wrong-password =
    { $left ->
       *[other] Tên đăng nhập hoặc mật khẩu chưa đúng. Còn { $left } lần thử. Kiểm tra phím Caps Lock và bộ gõ tiếng Việt.
    }
problem-wrong-code = Không có điểm cầu nào dùng mã này. Kiểm tra từng ký tự trên tờ mã, hoặc gọi Tổ kỹ thuật để nghe đọc mã.
problem-wrong-staff-code = Không có mã đăng nhập này. Xem lại từng ký tự trên tờ; mã cũ hết hiệu lực khi lập tờ mới.
problem-site-link-void = Liên kết này không còn dùng được, có thể mã điểm cầu đã đổi. Vào bằng mã mới, hoặc gọi Tổ kỹ thuật.
problem-room-not-open = Phòng họp chưa mở. Trang này dùng được khi Tổ kỹ thuật mở phòng.
problem-room-shut = Hội nghị đã đóng phòng.
problem-seat-locked = Ghế của { $site } đang khóa, chỉ máy đang ngồi được dùng. Gọi Tổ kỹ thuật để mở khóa.
problem-link-used = Liên kết này đã dùng một lần. Cần đặt lại mật khẩu, gọi quản trị để lấy liên kết mới.
problem-link-expired = Liên kết này đã hết hạn. Gọi quản trị để lấy liên kết mới.
problem-link-replaced = Liên kết hoặc mã này đã được thay bằng cái mới hơn. Dùng tờ mới; không có thì gọi quản trị.
problem-link-unknown = Liên kết này không đúng. Chép lại cả dòng, hoặc gọi quản trị để lấy liên kết mới.
