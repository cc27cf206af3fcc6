# What only the JSON API says.

problem-idempotency-key-form = An idempotency key has 1 to 64 letters, digits, full stops, hyphens or underscores.
problem-limit-out-of-range = A part of a list has 1 to { $max } entries.
problem-too-long = Longer than { $max } characters. Shorten it and send it again.
problem-text-needed = Something must be written here.
problem-too-many = More than { $max } entries. Send fewer.
problem-out-of-range = A number from { $min } to { $max } is needed here.
problem-command-too-large = This is too long to be recorded at once. Shorten it or name fewer recipients, then send it again.
problem-person-inactive = Sign-in { $login } is not active. Activate it first.
problem-file-unknown = The store has no file { $name } with this hash and length. Send the file first, then report.
problem-label-needed = Say what the token is for, in at most 200 characters.
problem-rehearsal-running = A rehearsal is running. Wait until it has ended, then begin again.
problem-conference-in-session = The conference { $title } is in session. Rehearse before or after it.
problem-nothing-to-rehearse = There is no conference to come that could be rehearsed. Make one first.
problem-rehearsal-unavailable = No rehearsal now: the server cannot make the copy. See whether the disk has room, then try again.
