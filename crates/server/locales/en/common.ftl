# What stands on every page.

skip-to-content = Skip to content
nav-label = Main
nav-tasks = Today
nav-desk = To decide
nav-conferences = Conferences
nav-admin = Administration
saved = Saved
signout = Sign out
signin-title = Sign in
demo-clock = Demo time
demo-clock-title = The demonstration runs on its own time, not on real time
demo-clock-on = { $n ->
    [one] One day on
   *[other] { $n } days on
}
theme-light = Light
theme-dark = Dark
theme-auto = As the machine
foot-certificate = Certificate of this server
foot-privacy = Personal data
error-home = Go to the first page
error-call = For help call the technical team, { $telephone }.

problem-title-bad-request = Malformed request
problem-title-unauthenticated = Not signed in
problem-title-forbidden = Not allowed
problem-title-not-found = No such page
problem-title-method = Wrong method
problem-title-not-acceptable = Not a form the server takes
problem-title-conflict = The state has changed
problem-title-too-large = Too large
problem-title-media-type = Wrong content type
problem-title-slow = Sent too slowly
problem-title-set-up = The server is not set up rightly
problem-title-invalid = Not valid
problem-title-rate-limited = Too many attempts
problem-title-unavailable = Not possible at the moment
problem-title-internal = The server has a fault

problem-unauthenticated = Sign in, or join with a site's code, before doing this.
problem-forbidden = This sign-in may not see or do this. For the right to it, call the Office's administrator.
problem-not-found = There is nothing at this address, or it was removed.
problem-stale-form = This form is old or was not made by this server. Load the page again and repeat.
problem-misled-by-proxy = This could not be done because the proxy before the server is not set up rightly. It is not your doing, and loading the page again does not help. Tell the administrator: the log of the server and the page /readyz say what to change.
problem-socket-not-upgraded = The proxy before the server does not let the room connect. It is the fault neither of the room nor of its line. Tell the administrator: the proxy must pass on Upgrade and Connection; the page /readyz says what to change.
problem-too-slow = What was sent came so slowly that the server did not wait for it; nothing was recorded. Look at the line, then send it again.
problem-host-missing = A request must have exactly one Host line that names the server.
problem-file-empty = “{ $name }” is empty. Choose the file again.
problem-file-not-listed = “{ $name }” is not taken. These kinds of files are: { $kinds }.
problem-file-is-program = “{ $name }” is a program and is not taken. These kinds of files are: { $kinds }.
problem-file-is-page = “{ $name }” is a web page inside and is not taken. Open it with Word or Excel, save it as what it should be and choose it again. These kinds of files are taken: { $kinds }.
problem-file-differs = What is inside “{ $name }” is not what its ending says, or the file is damaged or has a password. Open it, save it as what it should be and choose it again.
problem-file-holds = “{ $name }” holds “{ $part }”, which a machine could run, and is not taken. Take that out, save it and choose it again.
problem-upload-quota = { $bytes } bytes were sent today, which is the most for one person. Go on tomorrow, or call the administrator.
problem-disk-low = The disk of the server is nearly full, so no files are taken for now; everything else goes on. Tell the administrator.
problem-malformed = What was sent cannot be read{ $detail ->
    [empty] .
   *[other] : { $detail }.
    }
problem-invalid = What was sent does not have the right form{ $detail ->
    [empty] .
   *[other] : { $detail }.
    }
problem-method-not-allowed = This address does not take the method used.
problem-too-large = What was sent is over { $bytes } bytes. Send something smaller.
problem-unsupported-media-type = The content must be of type { $expected }.
problem-rate-limited = Too many attempts. Try again in { $seconds } seconds.
problem-internal = The fault was logged as { $id }. Try again; if it stays, read this id to the technical team.
problem-journal-full = The server's disk is full, so the command could not be recorded. Picture and sound go on, and so does reading. Ask whoever looks after the server to make room, then repeat.
problem-journal-unavailable = The journal does not take commands: { $reason } Nothing was changed; picture and sound go on. Try again later.
problem-journal-damaged = The journal is damaged{ $record ->
    [none] {" "}in the file { $file }
   *[other] {" "}at record { $record } (file { $file })
    }: the server takes no commands any more. Nothing was changed; reading goes on, and so do picture and sound. Tell whoever looks after the server: stop it, keep a copy of its data directory, then restore the backup, or save what comes before the damage with nhipcau salvage.
problem-media-unavailable = The media plane is not ready: { $reason }.
problem-signin-unavailable = The sign-in could not be kept, perhaps because the disk is full. Try again later.
problem-disk-full = The disk is full, the file could not be kept. Make room and send it again.
problem-demo-clock-in-session = A conference is in session, and its turns and programme run by this clock. The chair closes it on its page; then the clock can be moved on.
problem-busy = Too many commands are waiting. Try again in a second.
problem-stopping = The server is stopping. Try again in a few minutes.
problem-idempotency-key-reused = This idempotency key was used for another command. Use a new one.
problem-title-gone = No longer usable
problem-wrong-password =
    { $left ->
        [one] The sign-in name or password is not right. { $left } attempt is left. Check Caps Lock and the input method.
       *[other] The sign-in name or password is not right. { $left } attempts are left. Check Caps Lock and the input method.
    }
problem-wrong-code = No site has this code. Compare each character with the sheet of the code, or call the technical team to have it read out.
problem-wrong-staff-code = There is no such sign-in code. Compare each character with the sheet; an old code is void once a new sheet was made.
problem-site-link-void = This link is void; the site's code may have changed. Join with the new code, or call the technical team.
problem-room-not-open = The room is not open yet. This page works once the technical team opens it.
problem-room-shut = The conference has closed its room.
problem-seat-locked = The seat of { $site } is locked to the machine that has it. Call the technical team to unlock it.
problem-link-used = This link was used once. To set the password again, ask the administrator for a new link.
problem-link-expired = This link has expired. Ask the administrator for a new one.
problem-link-replaced = This link or code was replaced by a newer one. Use the newer sheet; without one ask the administrator.
problem-link-unknown = This link is not right. Copy the whole line, or ask the administrator for a new one.
