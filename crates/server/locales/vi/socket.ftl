# What the room socket tells a seat, and why media cannot begin.

told-seat-taken = Một máy khác đã vào chỗ này, nên máy này ngừng.
told-removed = Điểm cầu này không còn trong hội nghị. Nếu nhầm, gọi Tổ kỹ thuật.
told-locked = Chỗ này đã khóa và có máy khác giữ. Gọi Tổ kỹ thuật để mở khóa.
told-server-stopping = Máy chủ đang khởi động lại. Phòng tự nối lại, không cần bấm gì.
told-not-open = Phòng họp chưa mở. Khi phòng mở, trang này tự vào.
told-closed = Hội nghị đã bế mạc.
told-signed-out = Phiên đăng nhập đã hết. Đăng nhập lại để vào phòng.
told-no-seat = Tài khoản này không có vai trò trong hội nghị. Hỏi quản trị để được phân công.
told-unruly = Máy này gửi quá nhiều hoặc gửi sai, nên máy chủ đã ngắt. Trang tự nối lại.
told-unreadable = Máy chủ không hiểu một điều mà trang này vừa gửi. Nếu lặp lại, tải lại trang.
told-too-slow = Đường truyền của máy này nhận quá chậm. Trang tự nối lại.

nomedia-offer-too-large = Trình duyệt gửi mô tả hình tiếng quá dài. Thử Chrome, Edge hoặc Firefox bản mới.
nomedia-offer-malformed = Trình duyệt gửi mô tả hình tiếng sai. Tải lại trang, hoặc thử trình duyệt khác.
nomedia-offer-too-many-lines = Trình duyệt mở quá nhiều luồng hình tiếng. Tải lại trang.
nomedia-offer-nothing-usable = Trình duyệt này không có VP8, H.264 hoặc Opus. Thử Chrome, Edge hoặc Firefox bản mới.
nomedia-offer-not-bundled = Trình duyệt mở riêng từng đường truyền. Thử Chrome, Edge hoặc Firefox bản mới.
nomedia-too-many-offers = Trang này xin nối hình tiếng quá nhanh. Tự thử lại sau vài giây.
nomedia-peers-full = Máy chủ đã đủ số kết nối hình tiếng. Gọi Tổ kỹ thuật.
nomedia-rooms-full = Máy chủ đã đủ số phòng họp. Gọi Tổ kỹ thuật.
nomedia-sfu-stopped = Phần hình tiếng của máy chủ đang dừng. Phòng tự nối lại khi có.
nomedia-sfu-internal = Máy chủ không mở được hình tiếng cho trình duyệt này. Tải lại trang, hoặc thử trình duyệt khác.

problem-seat-taken = Một máy mới hơn đã vào chỗ của điểm cầu này. Vào lại bằng mã để lấy lại chỗ.
problem-media-full = Máy chủ đã đủ số kết nối hình tiếng. Chờ 30 giây rồi thử lại.
problem-offer-codec = { $side ->
    [sends] { $what ->
        [video] Hình được gửi bằng { $offered }, máy ở các điểm cầu không xem được. Máy chủ nhận { $taken }
       *[audio] Tiếng được gửi bằng { $offered }, máy ở các điểm cầu không nghe được. Máy chủ nhận { $taken }
    }. Đặt bộ mã hóa về một trong các dạng này rồi phát lại.
   *[other] { $what ->
        [video] Trình phát chỉ nhận hình { $offered }. Máy chủ gửi { $taken }
       *[audio] Trình phát chỉ nhận tiếng { $offered }. Máy chủ gửi { $taken }
    }. Đặt trình phát nhận một trong các dạng này rồi xem lại.
    }
problem-offer-nothing = { $side ->
    [sends] Bản chào không gửi hình cũng không gửi tiếng. Phát với a=sendonly.
   *[other] Bản chào không nhận hình cũng không nhận tiếng. Xem với a=recvonly.
    }
problem-offer-nothing-usable = Không có gì trong bản chào gửi hoặc nhận được. Máy chủ dùng VP8 hoặc H264, và Opus.
problem-offer-too-many-tracks = Bản chào có { $count } đường { $what ->
    [video] hình
   *[audio] tiếng
    }, mỗi điểm cầu chỉ có một. Phát một đường hình và một đường tiếng.
problem-offer-too-many-layers = Bản chào có { $count } lớp simulcast. Phát nhiều nhất { $most } lớp.
problem-offer-layer-name = Lớp simulcast “{ $name }” có tên không phân biệt được. Đặt tên nhiều nhất 8 chữ cái không dấu và chữ số.
problem-offer-not-bundled = Hình và tiếng được chào trên hai đường truyền riêng. Chào chung một đường (a=group:BUNDLE).
problem-offer-unreadable = Không trả lời được bản chào này. Lý do nằm trong nhật ký của máy chủ.
