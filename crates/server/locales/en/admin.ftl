# Administration: units, people, the journal.

admin-title = { $units } units, { $people } people who can sign in
admin-units = Units
admin-units-what = Names, codes, other names, since when
admin-unreached = Units without an officer
admin-people = People
admin-people-what = Accounts, rights, links to set a password
admin-conferences-what = Made by form or by one XLSX file
admin-audit = Journal
admin-audit-what = Who did what, and when

units-heading =
    { $count ->
        [one] { $count } unit
       *[other] { $count } units
    }
units-found =
    { $count ->
        [one] { $count } unit fits “{ $typed }”
       *[other] { $count } units fit “{ $typed }”
    }
units-add = Add a unit
units-add-submit = Add the unit
units-search = Find by name, short name, code
units-empty-title = There is no such unit
units-empty = Try the first letters; marks are not needed.
units-none-title = No unit yet
units-none = Add them one by one, or write the whole list on the sheet Đơn vị of the XLSX workbook and import it with the first conference. The unit above comes first, like the city's People's Committee.
units-none-of-kind = No unit of this kind yet
units-none-of-kind-what = Choose another kind, or all.
unit-code = Code
unit-code-hint = Plain letters and digits, such as SNV or 008; it cannot be changed later
unit-name = Name of the body
unit-name-hint = In full, as in papers: “{ $example }”
unit-short = Short name
unit-short-hint = For small tiles only, such as “Sở NN&PTNT”
unit-kind = Kind
unit-parent = Above it
unit-aliases = Other names
unit-aliases-hint = One a line: name of the place, former name, abbreviation
unit-valid = Exists
unit-since = since { $date }
unit-from = Exists from
unit-to = Last day
unit-officers = Officers
unit-no-officers = Nobody answers for the tasks of this unit yet.
unreached-heading =
    { $count ->
        [one] 1 unit without an officer
       *[other] { $count } units without an officer
    }
unreached-what = Nobody sees the tasks of these units; they become overdue without anybody knowing. Add an officer, or give the unit to somebody who has an account.
unreached-all = see all units
unreached-why = Reason
unreached-open = Open tasks
unreached-none-title = Every unit has somebody
unreached-none = Each unit has at least one officer who can sign in.
unreached-new = Add an officer
unreached-existing = Give to somebody known
unreached-existing-open = Give to somebody who has an account…
unreached-link = Make a sign-in link
unreached-person = Who
unreached-person-hint = Sign-in name, or some letters of the office held
unreached-person-unknown = Nobody who is active matches “{ $typed }”.
unreached-person-many = { $count } people match; write the sign-in name: { $logins }.
unreached-give = Give the unit
unit-open-tasks =
    { $count ->
        [one] It holds { $count } task.
       *[other] It holds { $count } tasks.
    }
unit-close-title = End of its existence
unit-close-hint = The unit is not deleted: tasks given stay. Nothing new can be given to it after that day.
unit-close-open = End its existence…
unit-close = End the unit's existence

people-heading =
    { $count ->
        [one] { $count } person
       *[other] { $count } people
    }
people-found =
    { $count ->
        [one] { $count } person fits “{ $typed }”
       *[other] { $count } people fit “{ $typed }”
    }
people-add = Add a person
people-add-hint = Somebody new has no rights and no password yet; both are given on the next page.
people-add-submit = Add the person
people-search = Search by name, position, unit, sign-in name
people-empty-title = There is nobody like that
people-empty = Try the first letters; marks are not needed.
person-officer = Answers for the unit's tasks
person-officer-hint = Officer of the unit named above
person-officer-no-unit = Name the unit for whose tasks this person answers.
person-login-hint = Plain letters, digits, dots, such as snv.tonghop; it cannot be changed later
person-position = Office held
person-position-hint = As printed in papers: “Chánh Văn phòng”
person-unit = Unit
person-name = Name
person-name-hint = Sealed under a key of its own; only administrators see it
person-phone = Telephone
person-phone-hint = Sealed like the name
person-forget-title = Personal data
person-forget-hint = When the key is destroyed nobody can read name and telephone again, in the journal and copies of it too. The office held and what was done stay. There is no way back. An older backup still has the key in its auth.db: back up again right after.
person-forget-open = Destroy name and telephone…
person-forget = Destroy name and telephone of { $login }
person-rights = Rights
person-state = Account
person-no-password = no password yet
person-active-link = can sign in; has a new sheet until { $until }
person-link-open = no password yet; sheet opens until { $until }
person-link-expired = no password yet; sheet expired { $until }
person-who = Name, position
person-active = active
person-inactive = inactive
person-edit = Details
person-deactivate-hint = Every machine signed in with this account is put out at once. What was done keeps its author.
person-deactivate-open = Deactivate the account…
person-deactivate = Deactivate the account { $login }
person-activate = Activate the account { $login } again
rights-officer = Officer of units
rights-officer-hint = One unit a line: acknowledges, reports and asks for extensions on its behalf
rights-officer-of = officer of { $unit }
rights-officer-of-many = officer of { $count } units
rights-desk = Desk officer of the Office
rights-desk-hint = accepts results or sends them back, decides extensions
rights-admin = Administrator
rights-admin-hint = units, people, conferences; no rights in the room
rights-save = Save the rights
rights-conference-hint = Chair, operator and clerk are given in each conference.
rights-conferences =
    { $count ->
        [one] roles in { $count } conference
       *[other] roles in { $count } conferences
    }
link-section = Link to set a password
link-section-hint = For the first time, or after a lost password. An earlier link that was not used stops working.
link-make = Make a new link
link-made = New link, shown this once
link-made-code = Or a code to read out on the telephone, typed at { $address }:
link-made-how = Hand it over in person or read out the code; never send it to a group. Link and code are one: once, until { $until }.
sessions-title = Machines signed in
sessions-none = None.
sessions-end =
    { $count ->
        [one] Put { $count } machine out
       *[other] Put all { $count } machines out
    }
sheets-title = Sign-in sheets
sheets-what = One for each person: name, position, unit, a QR code, and a code that can be read out on the telephone. Print them for many at once, cut them apart, hand them over in person.
sheets-whom = For
sheets-new = People who never signed in ({ $count })
sheets-all = All accounts in use ({ $count })
sheets-unit = Only of the unit
sheets-unit-hint = With the units below it; left empty: all
sheets-life = Opens for
sheets-life-wrong = Choose from the list.
sheets-address = Address on the sheets
sheets-void =
    { $count ->
        [one] { $count } person has a sheet that still opens. Whoever gets a new one, the old one is void at once; the list to hand them out says whose.
       *[other] { $count } people have a sheet that still opens. Whoever gets a new one, the old one is void at once; the list to hand them out says whose.
    }
sheets-make = Make and print the sheets
sheets-nobody = There is nobody like this, so there is no sheet to make.
sheets-too-many = { $count } people; at most { $max } sheets at a time. Choose by unit.
sheets-made = The sheets are made
sheets-open = Open the PDF to print
sheets-kept = Kept in memory for { $minutes } minutes, and opened as often as you like. After that nobody gets it back, because the server keeps only hashes of the codes; to print again, make new ones.
sheets-printing = Printing, a few seconds more.
sheets-look = Look again
sheets-gone = The file is no longer kept. Sheets that were printed open until their end; to print again make new ones, and the old ones are void.
sheets-help = administrator, { $telephone }
sheets-at = { $time } on { $date }
life-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
life-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }


audit-title = The journal has { $seq } records
audit-head = Hash of the last record:
audit-seq = No.
audit-when = When
audit-who = Who
audit-what = What
audit-where = Conference
audit-hash = Hash
audit-body = contents
audit-newer = Newer
audit-older = Older

event-organisation-unit-added = Unit added
event-organisation-unit-edited = Unit edited
event-organisation-unit-closed = Unit ended
event-organisation-person-added = Person added
event-organisation-person-edited = Person edited
event-organisation-rights-set = Rights set
event-organisation-person-deactivated = Account deactivated
event-organisation-person-reactivated = Account activated again
event-organisation-calendar-adopted = Calendar of a year adopted
event-conference-created = Conference made
event-conference-edited = Conference edited
event-conference-item-added = Point of the programme added
event-conference-item-edited = Point of the programme edited
event-conference-item-removed = Point of the programme removed
event-conference-item-moved = Point of the programme moved
event-conference-item-started = Point of the programme begun
event-conference-site-added = Site added
event-conference-site-edited = Site edited
event-conference-site-removed = Site removed
event-conference-site-locked = Seat locked
event-conference-site-unlocked = Seat unlocked
event-conference-code-rotated = Join code changed
event-conference-staff-assigned = Role given
event-conference-staff-removed = Role taken away
event-conference-opened = Room opened
event-conference-session-started = Session begun
event-conference-closed = Room closed
event-conference-roll-marked = Roll call
event-conference-checked = Line check
event-conference-joined = Site joined
event-conference-left = Site left
event-conference-put-on-stage = Put on the stage
event-conference-taken-off-stage = Taken off the stage
event-floor-requested = Floor asked for
event-floor-request-cancelled = Request for the floor withdrawn
event-floor-granted = Floor given
event-floor-extended = Turn extended
event-floor-withdrawn = Turn ended
event-floor-all-muted = Everybody muted
event-floor-mode-set = Way of giving the floor changed
event-directive-captured = Directive recorded
event-directive-edited = Directive edited
event-directive-taken-back = Directive taken back
event-directive-restored = Directive restored
event-directive-moved = Directive moved
event-directive-agreed = Directive agreed
event-directive-notice-issued = Notice issued
event-directive-tasks-made = Tasks given
event-task-acknowledged = Task acknowledged
event-task-reported = Result reported
event-task-withdrawn = Report withdrawn
event-task-extension-asked = Extension asked for
event-task-extension-granted = Extension granted
event-task-extension-refused = Extension refused
event-task-completed = Result accepted
event-task-returned = Result sent back

## Working days

admin-calendar = Working days
admin-calendar-what = holidays and days worked in exchange, year by year, for due dates in working days
calendar-heading = Working days
calendar-heading-missing = Working days: { $year } is missing
calendar-what = Due dates in working days are counted by this calendar. In a year without one they cannot be counted, and the sentence is marked unclear.
calendar-year = Year
calendar-source = Source
calendar-source-hint = number and date of the notice of holidays
calendar-off = Days off
calendar-days-hint = a day or a stretch on each line: 01/01 New Year; 04/02 - 10/02 Tết
calendar-worked = Days worked in exchange
calendar-worked-hint = Saturdays or Sundays: 24/04 for 03/05
calendar-adopt = Save this year
calendar-known = { $year }: { $count } working days
calendar-adopted = Adopted by an administrator.
calendar-built-in = Comes with the program; { $certainty }.
calendar-days = { $count } days that differ
calendar-is-worked = worked
calendar-mend = Change the calendar of { $year }
calendar-line-wrong = The line “{ $line }” cannot be read. Write 01/01 New Year, or 04/02 - 10/02 Tết, in the year of the form.

# A proxy before the server that is set up wrongly: /readyz.
proxy-fault-host = The proxy sends another Host than the browser asked for, so forms and rooms are refused. It must pass Host on: nginx `proxy_set_header Host $http_host;`, Apache `ProxyPreserveHost On`.
proxy-fault-port = The proxy sends Host without its port or with another, so forms and rooms are refused. In nginx write `proxy_set_header Host $http_host;` instead of `$host`.
proxy-fault-proto = The proxy does not say that the browser speaks HTTPS, so the cookies of sign-in are not guarded as they should be. Add X-Forwarded-Proto: nginx `proxy_set_header X-Forwarded-Proto $scheme;`, HAProxy `http-request set-header X-Forwarded-Proto https`.
proxy-fault-for = The proxy does not say for whom it asks, so everybody shares one limit of tries for passwords and codes. Add X-Forwarded-For: nginx `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`, HAProxy `option forwardfor`.
proxy-fault-unread = The last entry of X-Forwarded-For (or Forwarded) that the proxy sends is no address, so everybody shares one limit of tries for passwords and codes. In nginx write `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`.
proxy-fault-untrusted = A proxy hands requests over whose address is not in [proxy] trusted, so its X-Forwarded-For and X-Forwarded-Proto are not believed. Write that address (it is in the log) into config.toml.
proxy-fault-upgrade = The proxy does not pass on Upgrade, so no room can connect. In nginx add `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;`.
proxy-fault-buffered = The proxy holds live streams back, so pages that are open do not follow what happens. In nginx write `proxy_buffering off;`.

# Certificates: the log and /readyz.
tls-authority-not-yet = The server's own authority is good only from { $day }: the clock was wrong when it was made, or is wrong now. Look at the clock; if it is right, make another authority with `nhipcau admin authority --new` and install it on the machines again.
tls-authority-over = The server's own authority ended on { $day }. Look at the clock; if it is right, make another authority with `nhipcau admin authority --new` and install it on the machines again.
tls-authority-ends = The server's own authority ends on { $day }. Before that day make another one with `nhipcau admin authority --new` and install it on the machines again.
tls-certificate-not-yet = The server's certificate is good only from { $day }. Look at the server's clock, or put another certificate in its place.
tls-certificate-over = The server's certificate ended on { $day }. Look at the server's clock, or put another certificate in its place.
tls-certificate-ends = The server's certificate ends on { $day }. Put another one in its place before that day.
tls-name-missing = The server's certificate is not for { $name }, which [tls] names lists: browsers will warn whoever opens the server by that name.
clock-behind = The server's clock says { $day }, a day before this program was written: it is certainly wrong. Set the clock (NTP within the house) and start again.

# /readyz
disk-low-note = Less of the disk is free than [uploads] free_bytes: no files are taken any more, the journal goes on. Make room.
