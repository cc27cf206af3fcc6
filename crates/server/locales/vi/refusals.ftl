# What a refusal of the domain says, by its code: what, why, what to do. A test asks that every code has one.

refusal-not-allowed = Vai này không được làm việc này. Cần quyền, gọi quản trị của Văn phòng.
refusal-site-removed = Điểm cầu { $site } đã được đưa ra khỏi hội nghị. Gọi Tổ kỹ thuật nếu nhầm.
refusal-unknown = Không tìm thấy { $what ->
    [unit] đơn vị
    [person] người
    [conference] hội nghị
    [site] điểm cầu
    [item] mục chương trình
    [directive] ý kiến chỉ đạo
    [notice] thông báo
    [task] nhiệm vụ
    [extension] đề nghị gia hạn
   *[other] đối tượng
    } này. Tải lại trang để xem danh sách hiện có.
refusal-stale = Người khác vừa sửa mục này (bản ghi { $seq }). Tải lại để xem bản mới, rồi sửa tiếp.
refusal-empty = Chỗ này chưa có nội dung. Nhập rồi gửi lại.
refusal-too-long = Nội dung dài quá { $max } ký tự. Rút ngắn rồi gửi lại.
refusal-too-many = Quá { $max } mục. Bớt lại rồi gửi.
refusal-out-of-range = Nhập giá trị từ { $min } đến { $max }.
refusal-bad-code = Chỉ dùng chữ không dấu, chữ số, dấu chấm và gạch nối, không có dấu cách.
refusal-code-taken = Mã { $code } đã có đơn vị dùng. Chọn mã khác.
refusal-login-taken = Tên đăng nhập { $login } đã có người dùng. Chọn tên khác.
refusal-slug-taken = Tên ngắn { $slug } đã có điểm cầu dùng trong hội nghị này. Chọn tên khác.
refusal-site-name-taken = Điểm cầu { $name } đã có trong hội nghị này. Thêm chữ để phân biệt, như tên phòng họp.
refusal-unit-name-taken = Đơn vị { $name } cùng cấp trên đã có, mã { $code }. Nếu là đơn vị khác, thêm chữ để phân biệt.
refusal-parent-loop = Đơn vị không thể là cấp trên của chính mình. Chọn đơn vị cấp trên khác.
refusal-unit-closed = { $unit } đã kết thúc hoạt động từ { $date }. Chọn đơn vị kế thừa.
refusal-date-before-start = Ngày kết thúc phải sau ngày bắt đầu { $date }.
refusal-date-out-of-reach = Ngày họp { $date } xa quá: hội nghị lập được cho ngày từ { $first } đến { $last }. Xem lại năm.
refusal-nobody-present = Có mặt thì phải có ít nhất 1 người. Không có ai thì chọn vắng; chưa biết mấy người thì để trống.
refusal-last-admin = Đây là quản trị cuối cùng còn hoạt động. Giao quyền quản trị cho người khác trước.
refusal-person-inactive = Tài khoản { $login } đã ngừng. Mở lại tài khoản trước.
refusal-not-a-conference-role = Trong hội nghị chỉ có các vai chủ trì, điều hành kỹ thuật, thư ký và quan sát.
refusal-wrong-phase = Hội nghị { $phase ->
    [draft] còn là dự thảo
    [open] mới mở phòng, chưa khai mạc
    [in_session] đang họp
    [closed] đã đóng phòng
    [concluded] đã ban hành kết luận
   *[other] ở trạng thái khác
    } nên chưa làm được việc này.
refusal-no-sites = Hội nghị chưa có điểm cầu nào. Thêm điểm cầu rồi mở phòng.
refusal-site-locked = Điểm cầu { $site } đang khóa ghế. Mở khóa trước.
refusal-already-on-stage = { $site } đã ở trên màn hình chính.
refusal-not-on-stage = { $site } không ở trên màn hình chính.
refusal-stage-full = Màn hình chính đủ { $max } hình. Rút một hình trước.
refusal-already-waiting = Điểm cầu đã xin phát biểu, đang ở vị trí { $place }.
refusal-not-waiting = { $site } không có trong hàng xin phát biểu.
refusal-queue-full = Hàng xin phát biểu đã đủ { $max } điểm cầu. Chờ bớt rồi xin lại.
refusal-floor-taken = { $site } đang phát biểu. Kết thúc lượt đó trước khi mời điểm cầu khác.
refusal-already-speaking = { $site } đang phát biểu rồi.
refusal-not-speaking = { $site } không phát biểu, không có lượt để kết thúc hay thêm giờ.
refusal-speakers-full = Đã có { $max } điểm cầu cùng phát biểu. Kết thúc một lượt trước.
refusal-already-issued = Điểm { $number } đã ban hành, không sửa được nữa.
refusal-not-taken-back = Điểm { $number } chưa được rút, không có gì để phục hồi.
refusal-taken-back = Điểm { $number } đã được rút. Phục hồi trước khi sửa.
refusal-already-agreed = Điểm { $number } đã thống nhất.
refusal-gaps = Chưa ban hành được: còn { $count } điểm thiếu, gồm { $numbers }. Bổ sung rồi ban hành.
refusal-not-agreed = Chưa ban hành được: còn { $count } điểm chưa thống nhất, gồm { $numbers }.
refusal-nothing-to-issue = Chưa có ý kiến chỉ đạo nào để ban hành.
refusal-number-taken = Số { $number }/{ $symbol } năm { $year } đã dùng. Chọn số khác.
refusal-bad-file = Tệp đính kèm không đúng. Chọn lại tệp.
refusal-wrong-status = Nhiệm vụ { $status ->
    [assigned] mới giao, chưa nhận
    [acknowledged] đã nhận, chưa báo cáo
    [reported] đã báo cáo, đang chờ xác nhận
    [returned] đã bị trả lại
    [completed] đã hoàn thành
   *[other] ở trạng thái khác
    } nên chưa làm được việc này.
refusal-day-of-another-year = Ngày { $date } không thuộc năm này.
refusal-day-twice = Ngày { $date } ghi hai lần.
refusal-day-is-worked = Ngày { $date } vốn là ngày làm việc; chỉ Thứ Bảy, Chủ nhật mới làm bù.
refusal-holiday-missing = Thiếu ngày nghỉ { $date } mà Bộ luật Lao động đã định. Thêm vào danh sách rồi lưu lại.
refusal-no-due-date = Nhiệm vụ không có thời hạn, không cần gia hạn.
refusal-extension-too-late = Thời hạn mới phải sau hôm nay, { $date }.
refusal-extension-not-later = Thời hạn mới phải sau thời hạn đang có, { $date }.
refusal-extension-too-far = Thời hạn mới không xa quá { $years } năm so với thời hạn đang có. Xem lại năm.
refusal-extension-waiting = Đã có một đề nghị gia hạn đang chờ quyết định.
refusal-extension-decided = Đề nghị gia hạn này đã được quyết định.
