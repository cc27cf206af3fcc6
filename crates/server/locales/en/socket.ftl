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
nomedia-offer-not-bundled = The browser opens a transport for each stream. Try a current Chrome, Edge or Firefox.
nomedia-too-many-offers = This page asks for media too often. It tries again in a few seconds.
nomedia-peers-full = The server has as many media connections as it may. Call the operators.
nomedia-rooms-full = The server has as many rooms as it may. Call the operators.
nomedia-sfu-stopped = The server's media part is stopping. The room reconnects by itself.
nomedia-sfu-internal = The server could not open media for this browser. Reload the page, or try another browser.

problem-seat-taken = A newer machine has this site's seat. Enter the code again to take it back.
problem-media-full = The server has as many media connections as it may. Wait 30 seconds and try again.
problem-offer-codec = { $side ->
    [sends] { $what ->
        [video] The picture is offered as { $offered }, which the rooms' browsers are not sent. The server takes { $taken }
       *[audio] The sound is offered as { $offered }, which the rooms' browsers are not sent. The server takes { $taken }
    }. Set the encoder to one of these and publish again.
   *[other] { $what ->
        [video] For the picture only { $offered } is accepted. The server sends { $taken }
       *[audio] For the sound only { $offered } is accepted. The server sends { $taken }
    }. Set the player to accept one of these and play again.
    }
problem-offer-nothing = { $side ->
    [sends] The offer sends neither picture nor sound. Publish with a=sendonly.
   *[other] The offer receives neither picture nor sound. Play with a=recvonly.
    }
problem-offer-nothing-usable = Nothing in the offer can be sent or received. The server uses VP8 or H264, and Opus.
problem-offer-too-many-tracks = The offer has { $count } { $what ->
    [video] pictures
   *[audio] sounds
    }, and a site has one. Publish one picture and one sound.
problem-offer-too-many-layers = The offer has { $count } simulcast layers. Publish with at most { $most }.
problem-offer-layer-name = The simulcast layer “{ $name }” has a name that cannot be told apart. Give it at most 8 letters and digits.
problem-offer-not-bundled = The picture and the sound are offered on transports of their own. Offer them on one (a=group:BUNDLE).
problem-offer-unreadable = The offer could not be answered. The server's log has the reason.
