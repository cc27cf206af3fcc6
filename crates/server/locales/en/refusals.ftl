# What a refusal of the domain says, by its code.

refusal-not-allowed = This role may not do this. For the right to it, call the Office's administrator.
refusal-site-removed = Site { $site } was removed from the conference. Call the technical team if that is a mistake.
refusal-unknown = There is no such { $what ->
    [unit] unit
    [person] person
    [conference] conference
    [site] site
    [item] programme item
    [directive] directive
    [notice] notice
    [task] task
    [extension] request for an extension
   *[other] thing
    }. Load the page again to see what there is.
refusal-stale = Somebody has just changed this (record { $seq }). Load it again to see the new version, then go on.
refusal-empty = Nothing is written here. Write something and send it again.
refusal-too-long = The text is longer than { $max } characters. Shorten it and send it again.
refusal-too-many = There are more than { $max } entries. Take some out and send it again.
refusal-out-of-range = The value must be from { $min } to { $max }.
refusal-bad-code = Use letters without marks, digits, full stops and hyphens only, without spaces.
refusal-code-taken = Code { $code } is used by another unit. Choose another.
refusal-login-taken = Sign-in name { $login } is used by somebody else. Choose another.
refusal-slug-taken = Short name { $slug } is used by another site of this conference. Choose another.
refusal-site-name-taken = This conference already has a site called { $name }. Add a word that tells them apart, such as the room.
refusal-unit-name-taken = There is already a unit called { $name } under the same parent, code { $code }. If this is another, add a word that tells them apart.
refusal-parent-loop = A unit cannot be above itself. Choose another parent.
refusal-unit-closed = { $unit } ended on { $date }. Choose its successor.
refusal-date-before-start = The end must be after the start, { $date }.
refusal-date-out-of-reach = The day { $date } is too far away: a conference can be set up for a day from { $first } to { $last }. Check the year.
refusal-nobody-present = Present means at least 1 person. If nobody is there choose absent; if the number is not known leave it empty.
refusal-last-admin = This is the last active administrator. Make somebody else administrator first.
refusal-person-inactive = Sign-in { $login } is not active. Activate it first.
refusal-not-a-conference-role = A conference has only the roles chair, operator, clerk and observer.
refusal-wrong-phase = The conference { $phase ->
    [draft] is still a draft
    [open] has its room open but has not begun
    [in_session] is in session
    [closed] has closed its room
    [concluded] has issued its conclusions
   *[other] is in another state
    }, so this cannot be done now.
refusal-no-sites = The conference has no sites yet. Add sites, then open the room.
refusal-site-locked = The seat of { $site } is locked. Unlock it first.
refusal-already-on-stage = { $site } is on the stage already.
refusal-not-on-stage = { $site } is not on the stage.
refusal-stage-full = The stage has its { $max } pictures. Take one off first.
refusal-already-waiting = The site has asked for the floor already and is number { $place }.
refusal-not-waiting = { $site } is not in the queue.
refusal-queue-full = { $max } sites are waiting already. Ask again when there are fewer.
refusal-floor-taken = { $site } has the floor. End that turn before giving the floor to another.
refusal-already-speaking = { $site } has the floor already.
refusal-not-speaking = { $site } does not have the floor; there is no turn to end or extend.
refusal-speakers-full = { $max } sites have the floor at once. End one turn first.
refusal-already-issued = Point { $number } is issued and cannot be changed any more.
refusal-not-taken-back = Point { $number } was not taken back; there is nothing to restore.
refusal-taken-back = Point { $number } was taken back. Restore it before changing it.
refusal-already-agreed = Point { $number } is agreed already.
refusal-gaps = Cannot be issued: { $count } points are incomplete: { $numbers }. Complete them, then issue.
refusal-not-agreed = Cannot be issued: { $count } points are not agreed: { $numbers }.
refusal-nothing-to-issue = There is no directive to issue yet.
refusal-number-taken = Number { $number }/{ $symbol } of { $year } is used. Choose another.
refusal-bad-file = The attached file is not right. Choose it again.
refusal-wrong-status = The task { $status ->
    [assigned] is assigned and not yet acknowledged
    [acknowledged] is acknowledged and not yet reported
    [reported] is reported and waits for acceptance
    [returned] was returned
    [completed] is completed
   *[other] is in another state
    }, so this cannot be done now.
refusal-day-of-another-year = { $date } is not in that year.
refusal-day-twice = { $date } is in the list twice.
refusal-day-is-worked = { $date } is worked anyhow; only a Saturday or Sunday is worked in exchange.
refusal-holiday-missing = The holiday of { $date }, which the Labour Code fixes, is missing. Add it and save again.
refusal-no-due-date = The task has no due date; no extension is needed.
refusal-extension-too-late = The new date must be after today, { $date }.
refusal-extension-not-later = The new date must be after the one in force, { $date }.
refusal-extension-too-far = The new date must be within { $years } years of the one in force. Check the year.
refusal-extension-waiting = A request for an extension is waiting for a decision already.
refusal-extension-decided = This request for an extension was decided already.
