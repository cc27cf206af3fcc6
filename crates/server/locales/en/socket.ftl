# What the room socket tells a seat, and why media cannot begin.

told-seat-taken = Another machine has taken this seat, so this one has stopped.
told-removed = This site is no longer in the conference. If that is a mistake, call the operators.
told-locked = This seat is locked and another machine has it. Call the operators to unlock it.
told-server-stopping = The server is restarting. The room reconnects by itself; nothing to press.
told-not-open = The room is not open yet. This page comes in by itself when it opens.
told-closed = The conference is over.
told-signed-out = The sign-in is over. Sign in again to enter the room.
told-no-seat = This account has no role in the conference. Ask the administrator to assign one.
told-unruly = This machine sent too much or sent it wrongly, so the server let it go. The page reconnects by itself.
told-unreadable = The server did not understand something this page sent. If it happens again, reload the page.
told-too-slow = This machine's line receives too slowly. The page reconnects by itself.

nomedia-offer-too-large = The browser's media description is too long. Try a current Chrome, Edge or Firefox.
nomedia-offer-malformed = The browser's media description is wrong. Reload the page, or try another browser.
nomedia-offer-too-many-lines = The browser opened too many streams. Reload the page.
nomedia-offer-nothing-usable = This browser has neither VP8, H.264 nor Opus. Try a current Chrome, Edge or Firefox.
nomedia-too-many-offers = This page asks for media too often. It tries again in a few seconds.
nomedia-peers-full = The server has as many media connections as it may. Call the operators.
nomedia-rooms-full = The server has as many rooms as it may. Call the operators.
nomedia-sfu-stopped = The server's media part is stopping. The room reconnects by itself.
nomedia-sfu-internal = The server could not open media for this browser. Reload the page, or try another browser.

problem-seat-taken = A newer machine has this site's seat. Enter the code again to take it back.
problem-media-full = The server has as many media connections as it may. Wait 30 seconds and try again.
