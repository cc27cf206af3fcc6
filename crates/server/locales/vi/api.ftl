# What only the JSON API says.

problem-idempotency-key-form = Khóa lặp gồm 1 đến 64 chữ cái, chữ số, dấu chấm, gạch ngang hoặc gạch dưới.
problem-limit-out-of-range = Số mục mỗi phần phải từ 1 đến { $max }.
problem-too-long = Nội dung quá dài. Rút ngắn rồi gửi lại.
problem-person-inactive = Tài khoản { $login } đã ngừng. Mở lại tài khoản trước.
problem-file-unknown = Kho tệp không có tệp { $name } với đúng mã và độ dài này. Gửi tệp lên trước, rồi báo cáo.
problem-label-needed = Ghi khóa này dùng cho việc gì, tối đa 200 ký tự.
problem-days-out-of-range = Số ngày phải từ 1 đến { $max }.
