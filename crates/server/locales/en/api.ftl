# What only the JSON API says.

problem-idempotency-key-form = An idempotency key has 1 to 64 letters, digits, full stops, hyphens or underscores.
problem-limit-out-of-range = A part of a list has 1 to { $max } entries.
problem-too-long = The text is too long. Shorten it and send it again.
problem-person-inactive = Sign-in { $login } is not active. Activate it first.
problem-file-unknown = The store has no file { $name } with this hash and length. Send the file first, then report.
problem-label-needed = Say what the token is for, in at most 200 characters.
problem-days-out-of-range = The number of days must be from 1 to { $max }.
