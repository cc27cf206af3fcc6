# What only the JSON API says.

problem-idempotency-key-form = Khóa lặp gồm 1 đến 64 chữ cái, chữ số, dấu chấm, gạch ngang hoặc gạch dưới.
problem-limit-out-of-range = Số mục mỗi phần phải từ 1 đến { $max }.
problem-too-long = Dài quá { $max } ký tự. Rút ngắn rồi gửi lại.
problem-text-needed = Nhập nội dung cho mục này.
problem-too-many = Quá { $max } mục. Bớt lại rồi gửi.
problem-out-of-range = Nhập một số từ { $min } đến { $max }.
problem-command-too-large = Nội dung quá dài để ghi vào sổ một lần. Rút ngắn hoặc bớt nơi nhận, rồi gửi lại.
problem-person-inactive = Tài khoản { $login } đã ngừng. Mở lại tài khoản trước.
problem-file-unknown = Kho tệp không có tệp { $name } với đúng mã và độ dài này. Gửi tệp lên trước, rồi báo cáo.
problem-label-needed = Ghi khóa này dùng cho việc gì, tối đa 200 ký tự.
problem-rehearsal-running = Đang có một buổi tập dượt. Đợi buổi đó xong rồi bắt đầu lại.
problem-conference-in-session = Hội nghị { $title } đang họp. Tập dượt trước hoặc sau giờ họp.
problem-nothing-to-rehearse = Chưa có hội nghị nào sắp tới để tập dượt. Tạo hội nghị trước.
problem-rehearsal-unavailable = Chưa tập dượt được: máy chủ không tạo được bản sao. Kiểm tra chỗ trống trên đĩa, rồi thử lại.
