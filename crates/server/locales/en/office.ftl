# Pages of the Office: door, conferences, capture of directives, notice, overview, tasks.
# Short sentences that say what will happen; no "vui lòng", no exclamation marks, no "thành công".

## Forms

form-date-hint = day/month/year, such as 30/06/2025
form-date-missing = No date yet. Write day/month/year, such as 30/06/2025.
form-date-shape = Write day/month/year, such as 30/06/2025.
form-date-calendar = { $date } is not in the calendar.
form-whole = Write a whole number from 0 to { $max }.
form-needed = Nothing is written here yet.
form-too-long = Longer than { $max } characters.
form-unit-unknown = No unit is called “{ $name }”. Type the first letters and choose from the list.
form-unit-many = “{ $name }” fits { $count } units. Write more of it, or the code of the unit: { $codes }.
form-wrong = Not saved: something below needs mending. Everything typed is still there.
form-changed = What holds now is shown below; what you typed is still in the fields. Compare, then save again.
form-save = Save
form-cancel = Cancel
form-optional = optional
form-page = Page { $page }/{ $pages }
form-page-before = Previous page
form-page-after = Next page
form-pages = Pages
form-find = Find
form-all = All
act-edit = Edit
act-remove = Remove
act-print = Print
col-acts = What can be done
names-and-more = { $names } and { $count } more

live-lost = No connection since { $time }. The page reconnects by itself; figures may be old.
live-refused = This page no longer updates itself. Reload it; if you were signed out, sign in again.
live-held = This page does not follow by itself: a proxy on the way holds updates back. It is not your doing; load the page again to see the newest, and tell the administrator.

## How things stand

due-by = by { $date }
due-hour = { $hour } on { $date }
due-nothing = “{ $words }” names no day
due-asked-words = { $words } not understood
due-asked-several = { $words }: more than one due date, choose one
due-asked-calendar = { $words }: not in the calendar
due-asked-holidays = { $words }: the holidays of { $year } are not known yet; an administrator adds them under Working days
due-asked-two-ways = { $words }: may mean two days, write the date
due-asked-no-day = { $words }: on which day?
due-asked-part = { $words }: which day is not clear
due-asked-before = { $words }: counted from when?
due-asked-after = { $words }: after that day, but until when?
due-asked-past = { $words }: already past
due-asked-lunar = { $words }: write the date of the solar calendar
due-asked-session = { $words }: write the day of the session
due-past = { $days } days past
due-far = { $years } years away
due-next-year = { $date } is past, read as next year
due-other-day = the sentence also names { $date }
due-monthly = on day { $day } of each month
mark-over = overdue
mark-back = sent back
mark-soon = due soon
mark-wait = waiting for acceptance
mark-open = newly given
mark-doing = under way
mark-steady = ongoing
mark-late = done late
mark-done = done on time
standing-over =
    { $days ->
        [one] { $days } day overdue
       *[other] { $days } days overdue
    }
standing-back-over =
    { $days ->
        [one] Sent back, { $days } day overdue
       *[other] Sent back, { $days } days overdue
    }
standing-back =
    { $days ->
        [one] Sent back, { $days } day left
       *[other] Sent back, { $days } days left
    }
standing-today = Due today
standing-left =
    { $days ->
        [one] { $days } day left
       *[other] { $days } days left
    }
standing-late =
    { $days ->
        [one] Done { $days } day late
       *[other] Done { $days } days late
    }
step-acknowledge = Acknowledge
step-report = Report the result
step-report-again = Add to it and send again
gap-text = no text
gap-lead = no lead unit
gap-due = no due date
gap-due-unclear = due date unclear
gap-due-differs = the due date now reads as another day, save this sentence again
gap-unit-gone = unit no longer exists
gap-group-gone = group no longer exists
group-ended = since { $date } there are no districts; use “{ $instead }”
phase-draft = being prepared
phase-open = room open, not begun
phase-in-session = in session
phase-closed = closed
phase-concluded = notice issued
role-chair = chair
role-operator = operator
role-clerk = clerk
role-site = site
role-unit-officer = unit officer
role-desk-officer = desk officer
role-observer = observer
role-admin = administrator
role-system = system
kind-city = City
kind-office = Office
kind-department = Departments
kind-district = Districts
kind-commune = Communes and wards
kind-commune-with-towns = Communes, wards and townships
kind-special-zone = Special zones
kind-other = Other bodies
actor-system = The system
actor-gone = somebody no longer listed
site-ready = ready
site-look = needs a look
site-unseen = not checked yet
check-camera = camera
check-microphone = microphone
check-loudspeaker = loudspeaker
check-echo = echo
check-line = loss { $loss } %, delay { $rtt } ms

## The door

gate-title = Online conferences and what becomes of them
gate-join = Enter the room with a site's code
gate-signin = Sign in as staff
gate-ca = Certificate of the server
ca-title = Certificate of the server
ca-own = No public authority vouches for a server in an inner network, so this server has an authority of its own. Install its root certificate once on each machine: the browser stops warning and remembers the permission for camera and microphone.
ca-files = This server uses the Office's own certificate. Nothing has to be installed.
ca-proxy = A proxy in front of this server protects the connection. Nothing has to be installed from here.
ca-fingerprint = SHA-256 fingerprint
ca-compare = Compare it with the one on the first page of the printed join codes (the operator keeps it; the cards cut for the sites do not have it), or on the server's screen at its start. If one character differs do not install it and call the Office.
ca-download = Download the root certificate
ca-install = How to install it
ca-on-windows = Windows, for Chrome and Edge
ca-steps-windows = Open nhip-cau.crt, choose Install Certificate, Local Machine, and place it in "Trusted Root Certification Authorities". For many machines of a domain use Group Policy, Public Key Policies.
ca-on-firefox = Firefox
ca-steps-firefox = Settings, Privacy and Security, View Certificates, Authorities, Import; trust it to identify websites.
ca-on-linux = Linux
ca-steps-linux = The first line is for the whole machine, the second for Chrome and Chromium of the present user.
ca-on-android = Android
ca-steps-android = Settings, Security, Encryption and credentials, Install a certificate, CA certificate.
ca-on-ios = iPhone and iPad
ca-steps-ios = Download it with Safari, install the profile in Settings, then trust it in General, About, Certificate Trust Settings.
signin-login = Sign-in name
signin-password = Password
signin-submit = Sign in
signin-forgot = Forgotten password: call the Office's administrator, who gives you a link to set a new one.
signin-forgot-call = Forgotten password: call the Office's administrator, { $telephone }.
signin-room = Meeting rooms need no account.
signin-join = Join with a site's code
signin-sheet = Do you have a sign-in sheet, or was a code read out to you?
signin-code-link = Type the sign-in code
signin-code = Sign-in code
signin-code-title = Sign in with a code
signin-code-lead = The code on the sign-in sheet opens once. See that it is yours, then choose a password.
signin-code-hint = { $n } characters, like K7QM 4XRA 9TWC; capitals, small letters and spaces do not matter
signin-code-submit = Go on
signin-code-lost = Sheet lost or code expired: ask the Office's administrator for a new one.
signin-code-lost-call = Sheet lost or code expired: call the Office's administrator, { $telephone }.
signin-code-password = I have a password: sign in with name and password
signin-code-again = Type a sign-in code
signin-code-empty = No code yet.
signin-code-unknown = No code has the character { $typed }. Look at the sheet again.
signin-code-short = A code has { $length } characters, here are only { $n }. Look at the sheet again.
signin-code-over = A code has { $length } characters, here are { $n }. Look at the sheet again and delete what is too much.
signin-code-of-a-site = { $n } characters are the code of a meeting room: type it on the page for joining. A person's sign-in code has { $length } characters.
signin-login-missing = The sign-in name is missing.
signin-password-missing = The password is missing.
link-title = Set a password
link-whose = This link works once and is meant for:
link-submit = Set the password and sign in
link-not-you = Not you: close the page, the link is still unused. Tell the administrator.
link-dead = The link cannot be used
link-used = This link was used once. To set the password again, ask the administrator for a new one.
link-expired = This link has expired. Ask the administrator for a new one.
link-replaced = This link or code was replaced by a newer one. Use the newer sheet; without one ask the administrator.
link-until = Opens until
link-inactive = This account is no longer active. Call the Office's administrator.
link-unknown = This link is not right. Copy the whole line, or ask the administrator for a new one.
password-title = Change the password
password-why = Afterwards every other machine signed in with this account has to sign in again.
password-now = Present password
password-new = New password
password-new-hint = At least { $min } characters. A short sentence is easiest to remember.
password-again = The new password once more
password-submit = Change the password
password-short = Too short: at least { $min } characters are needed.
password-long = Longer than 200 characters.
password-plain = Too easy to guess: not the sign-in name, a row of digits or one character repeated.
password-differs = The two differ. Type both again.
password-wrong = The present password is not right. Check Caps Lock and the input method.

## Home, handbook

nav-today = Today
nav-overview = Overview
nav-handbook = Handbook
nav-password = Change password
home-title = Your work
home-live =
    { $count ->
        [one] { $count } conference is open
       *[other] { $count } conferences are open
    }
home-today = What your unit owes
home-desk =
    { $count ->
        [one] { $count } result or request to decide
       *[other] { $count } results and requests to decide
    }
home-conferences =
    { $count ->
        [one] { $count } conference
       *[other] { $count } conferences
    }
home-admin = Units, people, journal
home-seats = Conferences with a part for you
home-sites =
    { $count ->
        [one] { $count } site
       *[other] { $count } sites
    }
home-all-conferences = All { $count } conferences
home-nothing-title = Nothing to do yet
home-nothing = This account has no role yet. Call the Office's administrator.
steps-title = First steps
steps-done = done
steps-next = next
steps-later = later
steps-units = Units
steps-units-what = { $count } so far; the city's People's Committee first, then departments, wards, communes
steps-people = People
steps-people-what = { $count } so far beside administrators; officers of units, clerks, operators, chairs
steps-sheets = Sign-in sheets
steps-sheets-what = { $count } without a password; print sheets with codes for all of them at once
steps-conference = Conference
steps-conference-what = { $count } so far; programme, sites, parts
steps-workbook = The quickest way: one XLSX workbook makes units, people and conference.
handbook-vi-only = This page is in Vietnamese only for now.

## Conferences

conferences-all =
    { $count ->
        [one] { $count } conference
       *[other] { $count } conferences
    }
conferences-live =
    { $count ->
        [one] { $count } conference, { $live } open
       *[other] { $count } conferences, { $live } open
    }
conferences-new = New conference
conferences-import = Import from XLSX
codes-help = Technical team, { $telephone }
import-title = Import a conference from XLSX
import-file = XLSX file
import-file-hint = Filled in as the template says. Nothing is made before you have looked at it and confirmed.
import-no-file = No file was chosen.
import-broken = The line broke while the file was sent. Choose the file again.
import-read = Read the file and look at it
import-template-title = Template
import-template-what = Five sheets: conference, programme, sites, people, units (only where there are new ones). The sheet Hướng dẫn says how each column is filled in.
import-template = Download the template
import-bad =
    { $count ->
        [one] Not imported: { $count } thing to mend
       *[other] Not imported: { $count } things to mend
    }
import-bad-what = Nothing was made. Mend the following in { $name } and read it again.
import-bad-list = What to mend
import-bad-more = and { $count } more.
import-col-where = Where
import-col-what = What
import-preview = The conference that will be made
import-good = { $sites } sites, { $items } points, { $people } people: all of it can be read
import-date-past = The date of the conference, { $date }, is past. Check the year before you create it.
import-good-what = Nothing was made yet. Look at it, then create the conference.
import-confirm = Create the conference
import-other = Choose another file
import-units = New units
import-new-units = { $count } units that are not in the journal yet are made with this conference.
import-new-people =
    { $count ->
        [one] { $count } new account will be made; make a link to set its password on the page of people.
       *[other] { $count } new accounts will be made; make links to set their passwords on the page of people.
    }
import-old =
    { $count ->
        [one] One cell is written in an encoding of before Unicode. It stands below with what it reads; if that is right, have it converted and the file read again, and nothing is typed anew.
       *[other] { $count } cells are written in an encoding of before Unicode. Each stands below with what it reads; if that is right, have them converted and the file read again, and nothing is typed anew.
    }
import-convert =
    { $count ->
        [one] Convert the cell to Unicode and read again
       *[other] Convert { $count } cells to Unicode and read again
    }
import-remarks = Passed over, or read otherwise than it stands
import-too-large = The file is larger than { $mb } MB; no conference needs that much. Delete pictures and rows and columns that are not needed, and save it again.
import-gone = The file is kept in memory for { $minutes } minutes and not over a restart. Choose it again.
import-col-book = In the book
import-person-new = new account
import-person-known = known
import-person-kept = known; kept as it is: { $kept }
conferences-empty-title = No conferences yet
conferences-empty = Make one by form, or import one XLSX file with its programme and sites.
conferences-col-when = When
conferences-col-title = Conference
conferences-col-phase = State
conferences-col-sites = Sites
conferences-col-directives = Directives
conferences-col-notice = Notice
conference-new-title = New conference
conference-new-hint = Programme, sites and roles are added afterwards, on the conference's page.
conference-new-submit = Create the conference
conference-parts = Parts of the conference
tab-readiness = Readiness
tab-outline = Details
tab-programme = Programme
tab-sites = Sites
tab-roll = Roll call
tab-staff = Roles
tab-clerk = Directives
tab-notice = Notice
tab-overview = Overview
outline-title = Name of the conference
outline-title-hint = As on the invitation
outline-subject = Subject of the notice
outline-subject-hint = What follows “Kết luận của …”. May be written later.
outline-date = Date
outline-date-past =
    { $days ->
        [one] { $date } was yesterday. If it is meant, press once more.
       *[other] { $date } is { $days } days past. If it is meant, press once more.
    }
outline-starts = Begins at
outline-starts-hint = such as 08:00
outline-starts-shape = Write hour and minutes, such as 08:00.
outline-place = Place
outline-place-hint = such as “trụ sở UBND Thành phố”
outline-main-site = Main hall
outline-main-site-hint = Name of the hall, such as “Hội trường UBND Thành phố”
outline-chair = Office held by the chair
outline-chair-hint = such as “Chủ tịch UBND Thành phố”
outline-issuer = Body that issues the notice
outline-issuer-hint = Type the first letters and choose
programme-none = No programme yet
programme-heading =
    { $count ->
        [one] { $count } point, { $length }
       *[other] { $count } points, { $length }
    }
programme-times = From { $from } to { $to } if all goes to plan.
programme-col-number = Point
programme-col-starts = At
programme-col-title = Subject
programme-col-presenter = Presented by
programme-col-minutes = Minutes
programme-add = Add a point
programme-add-submit = Add to the programme
programme-title = Subject
programme-minutes = Minutes
programme-presenter = Presented by
programme-began = When it really began
programme-up = Move “{ $title }” up
programme-down = Move “{ $title }” down
programme-edit = Edit the point “{ $title }”
programme-remove = Remove “{ $title }” from the programme
length-minutes =
    { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }
length-hours =
    { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    }
length-both = { $hours } h { $minutes } min
sites-none = No sites yet
sites-heading = { $ready } of { $count } sites ready
sites-codes = Print join codes
address-only-here = This page is open at { $host }, which opens on the server alone. Code sheets and links carry the address that is open: open the page by the server's name or network address before you print.
sites-empty-title = No sites yet
sites-empty = Add them one by one below, or import the whole conference from one XLSX file.
sites-col-site = Site
sites-col-units = Units attending
sites-col-chair = Local chair
sites-col-telephone = Telephone of the room
sites-col-code = Join code
sites-col-line = Line
roll-title = Roll call of the sites
roll-heading = { $present } present, { $heads } people; { $away } away; { $unmarked } not called yet
roll-unopened = Roll is called once the room is open.
roll-col-roll = Roll call
roll-col-mark = Record
roll-find = Name of the site
roll-heads = People
roll-unmark = Undo
roll-empty-title = No such site
roll-empty = Choose another state, or look for another name.
sites-add = Add a site
sites-add-hint = Its join code is there at once.
sites-add-submit = Add the site
site-name = Name of the site
site-name-hint = The place, such as “{ $example }”
site-units = Units attending here
site-units-hint = One a line: name, short name or code
site-chair = Office held by the local chair
site-telephone = Telephone of the room
site-telephone-hint = The set inside the room
site-edit = Edit the site { $site }
site-locked = seat locked
site-no-units = no unit yet
site-no-telephone = no number yet
site-code-hint = Whoever has this code can take the seat. Read it out only to a caller you know.
site-code-rotate = Change the code
site-code-rotate-hint = The old code and link stop working at once; the machine in the seat has to join again.
site-remove-title = Remove the site
site-remove-hint = It leaves the room at once and cannot come back. What was recorded stays.
site-remove-open = Remove this site…
site-remove = Remove { $site } from the conference
workbook-download = Download XLSX
staff-heading =
    { $count ->
        [one] { $count } role given
       *[other] { $count } roles given
    }
staff-missing = Still missing: { $roles }
staff-hint = Roles hold within this conference. One person may have several.
staff-col-role = Role
staff-col-people = People
staff-nobody = nobody yet
staff-remove = Take the role { $role } from { $person }
staff-assign = Give a role
staff-person = Person
staff-person-hint = Type a sign-in name or choose from the list
staff-person-unknown = No account is called “{ $login }”.
staff-role = Role
staff-assign-submit = Give the role
duty-chair = gives the floor, ends turns, agrees on conclusions
duty-operator = room, stage, lines, join codes
duty-clerk = records directives, writes and issues the notice
duty-observer = watches and listens, does not speak
readiness-list = What must be ready
readiness-hall = Main hall: { $hall }.
readiness-sites = { $ready }/{ $count } sites ready
readiness-todo =
    { $count ->
        [one] { $count } thing to do
       *[other] { $count } things to do
    }
readiness-all-done = nothing left to do
readiness-no-sites = no sites yet
readiness-waits = waiting for the room to open, so that lines can be checked
readiness-not-all =
    { $count ->
        [one] 1 site not checked yet
       *[other] { $count } sites not checked yet
    }
readiness-in-session = In session. { $sites }
readiness-closed = Closed. Still to do: issue the notice of conclusions
readiness-concluded = The notice of conclusions is issued
left-past-days = The day was { $days } days ago.
left-past = It is time.
left-minutes =
    { $minutes ->
        [one] { $minutes } minute left.
       *[other] { $minutes } minutes left.
    }
left-hours =
    { $hours ->
        [one] { $hours } hour left.
       *[other] { $hours } hours left.
    }
left-days =
    { $days ->
        [one] { $days } day left.
       *[other] { $days } days left.
    }
ready-no-sites = Sites: none
ready-no-sites-why = The room cannot be opened without a site.
ready-add-sites = Add sites
ready-see-sites = See the sites
ready-lines = Line check: { $ready } of { $count } passed
ready-lines-all = Every site has tried camera, microphone, loudspeaker and line.
ready-lines-not-open = Sites can check their lines once the room is open.
ready-lines-why = { $trouble } need mending, { $unseen } not checked yet.
ready-units =
    { $count ->
        [one] { $count } site without a unit
       *[other] { $count } sites without a unit
    }
ready-units-why = { $names }.
ready-telephone =
    { $count ->
        [one] { $count } site without a telephone
       *[other] { $count } sites without a telephone
    }
ready-telephone-why = { $names }. When the line fails there is no number to call.
ready-staff = Roles
ready-staff-missing = Roles: { $roles } missing
ready-staff-why = Without one of these the conference cannot be run.
ready-assign = Give roles
ready-no-programme = Programme: none
ready-no-programme-why = The room shows every site the point being dealt with and the planned times.
ready-add-programme = Write the programme
ready-programme =
    { $count ->
        [one] Programme: { $count } point, { $length }
       *[other] Programme: { $count } points, { $length }
    }
ready-programme-end = Planned end { $end }.
ready-no-subject = Subject of the notice: none
ready-no-subject-why = Written beforehand, the notice can follow the session at once.
ready-write-subject = Write the subject
life-open = Open the room
life-open-why = Once the room is open, sites can join with their codes and check their lines.
life-start = Begin the session
life-start-open = Begin early…
life-start-early = It is not time yet, and a session that has begun cannot be put back.
life-start-why = The programme starts running, and directives are recorded under its current point.
life-close = End the session and close the room
life-close-open = End the session…
life-close-why = Every turn ends and the sites leave the room. Only then can the notice be issued.
life-notice = Write the notice
life-notice-why = The room is closed. Agree on each point, fill in number and date, then issue.
life-overview = See the overview
life-overview-why = Each lead unit has its task.
rooms-title = Into the room
rooms-not-live = The room is not open yet, or closed.
room-chair = Chair's seat
room-operator = Operator's desk
room-clerk = Record directives
room-hall = Hall screen
room-observer = Watch
board-title = Sites, those with something to do first
board-rest =
    { $count ->
        [one] { $count } more site
       *[other] { $count } more sites
    }
board-rest-ready =
    { $count ->
        [one] { $count } more site, ready
       *[other] { $count } more sites, all ready
    }

## Capturing directives

clerk-title = Record directives
clerk-aside = The conference now
clerk-how = The first key takes the second in which the chair begins to speak.
clerk-not-in-session = The conference is not in session: { $phase }.
clerk-load-title = Load right now
clerk-load = holds { $open } tasks, { $late } overdue.
clerk-load-week = holds { $open } tasks, { $late } overdue, { $same } due in the week of { $date }.
clerk-load-none = holds no tasks.
clerk-concluded = The notice is issued. This list can no longer be changed.
clerk-line = The directive being spoken
clerk-placeholder = Type what you hear. @ names a unit, # a due date, Enter records
clerk-record = Record
clerk-record-edit = Save number { $number }
clerk-lead = Lead unit
clerk-coordinating = Coordinating units
clerk-units-hint = Several are separated by semicolons
clerk-due = Due date
clerk-due-hint = trước 30/6; quý I/2025; trong 10 ngày; thường xuyên
clerk-take-back = Take back number { $number }
clerk-take-back-this = Take this one back
clerk-leave = Stop editing
clerk-whole = who, what and when are there
clerk-picker = Units and due dates
clerk-list = Recorded directives
clerk-col-number = No.
clerk-col-time = Spoken
clerk-col-text = Directive
clerk-col-units = Lead, coordinating
clerk-col-due = Due
clerk-empty-title = Nothing recorded yet
clerk-empty = Start typing when the chair starts to speak; what is missing is added later.
clerk-edit = Edit number { $number }
clerk-sum =
    { $count ->
        [one] { $count } directive, { $gaps } with gaps
       *[other] { $count } directives, { $gaps } with gaps
    }
clerk-sum-whole =
    { $count ->
        [one] { $count } directive, no gaps
       *[other] { $count } directives, no gaps
    }
clerk-restore-last = Restore what was taken back last
clerk-chip-lead = { $name }: leads. Press to make it coordinating.
clerk-chip-coordinating = { $name }: coordinating. Press to make it lead.
clerk-chip-away = Remove { $name }
clerk-chip-due = Understood from “{ $words }”. Press to type it again.
clerk-chip-due-unclear = “{ $words }” is not understood. Press to type it again.
clerk-no-unit = There is no such unit
clerk-due-unclear = “{ $words }”: not understood, Enter keeps the words
clerk-nothing = There is nothing to record yet.
clerk-no-gaps = No directive has gaps.
clerk-nothing-to-take-back = There is nothing of yours to take back.
clerk-taken-back = Number { $number } is taken back.
clerk-restore = Restore
clerk-restored = What you were typing last time is back.
clerk-refused = It could not be recorded.
clerk-row-sending = being sent
clerk-row-kept = kept on this machine
clerk-theirs = What holds now: “{ $text }”. Enter puts what is in the line in its place.
clerk-mend = Mend it
clerk-drop = Drop it
clerk-saved = Saved { $time }
clerk-saved-none = Saved
clerk-kept = No connection. { $count } kept on this machine, retrying in { $seconds } s.
clerk-sending = Sending { $count }…
clerk-signed-out = You are signed out. { $count } kept on this machine: sign in in another tab, then send again.
clerk-try-again = Send again
key-record = record
key-unit = unit
key-due = due date
key-stamp = take this second
key-before = edit the one before
key-gap = next gap
key-all = all keys
sheet-title = The clerk's keys
sheet-record = record this sentence
sheet-line = new line within the sentence
sheet-unit = find a unit: a few letters, marks not needed
sheet-due = due date in words, such as “trước 30/6”
sheet-choose = choose in the list that is open
sheet-take = take the unit or date that is chosen
sheet-stamp = take this second for the sentence being typed
sheet-before = open the one recorded before (while the line is empty); again for the one before that, ↓ to go forward
sheet-gap = to the next directive with a gap
sheet-leave = stop editing, back to what was being typed
sheet-chip = remove the unit that has the focus below the line
sheet-back = take back what was recorded last (while the line is empty)
sheet-restore = restore what was taken back last
sheet-sheet = this sheet (while the line is empty)
sheet-single = Use the ? key
sheet-close = Close

## The notice

notice-draft-none = Draft notice: no points yet
notice-draft =
    { $count ->
        [one] Draft notice: { $count } thing to do before it can be issued
       *[other] Draft notice: { $count } things to do before it can be issued
    }
notice-refused = Draft notice: not issued
notice-ready = Draft notice: ready to be issued
notice-no-points = No directive is recorded yet.
notice-asks = { $count } things about due dates to look at again; they do not stop the issue:
notice-asked = Point { $number }: { $asked }.
notice-issue-asks = { $count } things about due dates should be asked; they stand at the head of the page.
notice-gaps = Something is missing in { $numbers }.
notice-not-agreed = Not agreed yet: { $numbers }.
notice-not-closed = The conference is not closed yet ({ $phase }); end the session first.
notice-points = Points of the conclusions
notice-agree = Agree
notice-agree-one = Agree on point { $number }
notice-agree-all = Agree on all { $count } points
notice-agreed = agreed
notice-up = Move point { $number } up
notice-down = Move point { $number } down
notice-form = Number, date and wording
notice-number = Number
notice-symbol = Symbol
notice-date = Date of issue
notice-opening = Opening
notice-sites-none = The conference has no sites.
notice-sites-unknown = It is not known how many sites took part: no roll was called and none was seen in the room during the session ({ $listed } on the list). Call the roll and reload the page, or write the number yourself.
notice-sites-counted = Counts who took part: { $came } sites, { $present } of them marked present and { $connected } not marked but in the room during the session. Not counted: { $away } absent, { $unseen } unknown.
notice-assessment = Assessment
notice-assessment-hint = Part I; leave empty if there is none
notice-authority = Authority to sign
notice-lines-hint = One a line
notice-signer = Signed by
notice-signer-hint = Name printed below the signature; empty when it is signed by hand
notice-recipients = Recipients
notice-preview = See the paper again
notice-pdf = Download PDF
notice-pdf-draft = Draft as PDF
notice-issue = Issue the notice
notice-issue-open = Issue…
notice-issue-what = { $count } tasks go to the lead units at once. Once issued it cannot be changed: look at number, date and each point of the draft again.
notice-unreached-what = It can be issued, but nobody sees the tasks of these units and they will become overdue without anybody knowing: send the notice another way, or appoint somebody first.
notice-unreached-known = I know: these units get the notice another way
notice-unreached-ask = { $counts }. Tick this box and press again to issue.
reach-nobody = nobody receives its tasks
reach-no-way-in = has officers, none of whom can sign in
reach-count-nobody =
    { $count ->
        [one] 1 unit has nobody to receive tasks
       *[other] { $count } units have nobody to receive tasks
    }
reach-count-no-way-in =
    { $count ->
        [one] 1 unit has officers, none of whom can sign in
       *[other] { $count } units have officers, none of whom can sign in
    }
reach-count-both = { $nobody } units have nobody to receive tasks, { $no_way_in } have officers, none of whom can sign in
reach-names = Which units
reach-names-more = and { $count } others
reach-appoint = Appoint somebody
reach-ask-admin = Ask the administrator to appoint somebody, on the page Units without an officer.
reach-person-no-way-in = cannot sign in yet
reach-unseen-tasks = { $tasks } open tasks of { $units } units are seen by nobody.
reach-see-tasks = See those tasks
list-unseen = { $count } open tasks seen by nobody
overview-unreached = Nobody receives
ready-unreached =
    { $count ->
        [one] 1 unit has nobody to receive tasks
       *[other] { $count } units have nobody to receive tasks
    }
ready-unreached-why = { $counts }: { $names }. Nobody would see what they are given.
notice-why-not = It cannot be issued yet: see what is left to do at the top.
notice-issued =
    { $count ->
        [one] Notice { $number } is issued: { $count } task
       *[other] Notice { $number } is issued: { $count } tasks
    }
notice-issued-at = Issued at { $time }, record { $seq } of the journal. The hash of that record is printed in the foot of the PDF.
notice-now-issued = The notice has just been issued
notice-see = See the notice

## Overview

overview-heading =
    { $tasks ->
        [one] { $tasks } task, { $done } done, { $late } late
       *[other] { $tasks } tasks, { $done } done, { $late } late
    }
overview-as-of = as of { $time }, { $weekday } { $date }
overview-list = List of tasks
overview-filter = Show
overview-extended = { $count } extended
overview-late = Late
overview-sizes = large mark: leads · small mark: coordinates
overview-caption = { $kind }: one row a unit, one column a directive
overview-leads = { $mark }, leads
overview-helps = { $mark }, coordinates
overview-before =
    { $count ->
        [one] { $count } directive recorded, { $gaps } with gaps
       *[other] { $count } directives recorded, { $gaps } with gaps
    }
overview-before-none = No directives yet
overview-before-why = Tasks exist once the notice is issued.
overview-empty-title = No directive is recorded yet
overview-empty = The clerk records them during the session; each shows here at once.

## Tasks

today-overdue =
    { $count ->
        [one] { $count } task overdue
       *[other] { $count } tasks overdue
    }
today-back = { $count } sent back
today-soon = { $count } due within a week
today-new = { $count } new
today-nothing = Nothing is urgent today
today-head-overdue = Overdue
today-head-back = Sent back
today-head-soon = Due within a week
today-head-new = Newly given
today-head-helping = Coordinating with other units
today-all-of-group = See all { $count }
today-within = { $count } more under way
today-waiting = { $count } waiting for the Office to accept
today-done = { $count } done this year
today-all = All tasks
today-empty-title = No tasks yet
today-empty = Tasks given to your unit show here as soon as a notice of conclusions is issued.
today-coming = Next conference
today-running = In session
today-coming-how = Join with the site's code, on the machine of the room.
today-week = The next seven days
today-due-that-day =
    { $count ->
        [one] { $count } task due
       *[other] { $count } tasks due
    }
today-none-that-day = Nothing due
today-for-units = Tasks of { $count } units together.
list-all =
    { $count ->
        [one] { $count } task
       *[other] { $count } tasks
    }
list-of-mark =
    { $count ->
        [one] { $count } task: { $mark }
       *[other] { $count } tasks: { $mark }
    }
list-state = State
list-text = Text
list-unit = Lead unit
list-empty-title = No such tasks
list-empty = Choose another state, or narrow the search less.
task-of = Task { $id } of { $lead }
task-due = due { $due }
task-extended =
    { $count ->
        [one] extended once
       *[other] extended { $count } times
    }
task-helping = Coordinating with { $lead }
task-given = { $who } at the conference of { $date }
task-spoken = { $who }, at { $time } on { $date }
task-returned-because = Sent back { $date }: “{ $reason }”
task-returned-by-office = Why the Office sent it back
task-next = Next step
task-next-acknowledge = Next step: acknowledge
task-next-acknowledge-why = So that the Office knows that your unit has seen it and is at work.
task-next-report = Next step: report the result
task-next-again = Next step: add to it and send again
task-report-at-once = Already done: report at once…
task-changed = Changed just now, at { $time }:
task-unsent = What you wrote was not sent. Copy it if you still need it:
task-reload = See the new state
report-text = What was achieved
report-text-hint = Write it as it would be read out at a conference: what was done, which figures.
report-text-long = Too long. Shorten it and attach the rest as a file.
report-files = Evidence
report-files-hint = Documents, tables, photographs. Each at most { $size }, { $max } at most. Taken: { $kinds }.
report-file-large = “{ $name }” is larger than { $size }. Split or compress it and choose it again; the others are kept.
report-file-empty = The file { $name } is empty. Choose it again.
report-file-failed = “{ $name }” could not be taken: { $reason }
report-broken = The line broke while files were sent, or a file is larger than { $size }. What you typed is still here; choose the missing files again.
report-too-many = More than { $max } files. Leave some out and send again.
report-send = Send the result to the Office
report-sending = Sending the files
report-broken-here = The line broke while the files were sent. What you typed and chose is still here: look at the line, then press send again.
report-proxy = The proxy before the server does not let a file of this size through. It is not your doing: tell the administrator to raise the proxy's limit for bodies (nginx: client_max_body_size); the handbook has a page about proxies.
report-withdraw = Withdraw the report
report-withdraw-hint = Sent by mistake: withdraw it, mend it and send it again; the day of the later one counts.
report-after = What you type is kept on this machine. The day of sending counts.
extension-ask = Ask for an extension…
extension-to = Until
extension-reason = Reason
extension-send = Ask for the extension
extension-waits = An extension until { $date } was asked for; the Office decides.
extension-too-late = It is overdue; an extension can no longer be asked for. Send the result, or call the Office.
extension-title = { $lead } asks for an extension until { $date }
extension-asked-at = Asked at { $time }; due now { $due }
extension-grant-to = Extend until
extension-decision-reason = Word to the unit
extension-grant = Grant the extension
extension-refuse-open = Do not grant it…
extension-refuse-reason = Why not
extension-refuse = Do not grant it
result-title = Result of { $lead } to accept
result-note = Word to the unit
result-accept = Accept the result: the task is done
result-return = Send back…
result-return-reason = Why it is sent back
result-return-hint = What is missing, and how to add it.
result-return-send = Send back to { $lead }
waits-acknowledge = Waiting for { $lead } to acknowledge.
waits-report = { $lead } is at work; waiting for the result.
waits-again = Sent back; waiting for { $lead } to add to it.
waits-office = The result was sent on { $date }. The Office accepts it or sends it back; nothing to press.
waits-nothing = The task is done.
story-title = What happened
story-assigned = Given by the notice of conclusions.
story-acknowledged = acknowledged it.
story-reported = sent the result.
story-withdrawn = withdrew the report.
story-extension-asked = asked for an extension until { $date }: “{ $reason }”
story-extension-granted = Extended until { $date }:
story-extension-refused = Extension not granted:
story-completed = Result accepted, done:
story-returned = Sent back:
story-word = “{ $word }”
story-reason = Reason: “{ $reason }”
story-spoken = Spoken at the conference, recorded by the clerk.
facts-title = The five clears
facts-lead = Lead unit
facts-coordinating = Coordinating
facts-units =
    { $count ->
        [one] { $count } unit
       *[other] { $count } units
    }
facts-due = Due
facts-due-original = Originally due
facts-given-by = Given by
facts-assigned = Given on
facts-notice = Notice
others-title =
    { $count ->
        [one] { $count } other unit with the same task
       *[other] { $count } other units with the same task
    }
desk-nothing = Nothing waits for a decision
desk-results =
    { $count ->
        [one] { $count } result to accept
       *[other] { $count } results to accept
    }
desk-asking =
    { $count ->
        [one] { $count } extension to decide
       *[other] { $count } extensions to decide
    }
desk-both = { $results } results to accept, { $asking } extensions to decide
desk-head-results = Results to accept
desk-head-asking = Extensions to decide
desk-more-asking = and { $count } more
desk-empty-title = All decided
desk-empty = Results and requests for extension show here when units send them.
desk-all = All tasks
desk-late = Overdue tasks
desk-reported = sent at { $time }
desk-late-by =
    { $days ->
        [one] { $days } day late
       *[other] { $days } days late
    }
desk-files =
    { $count ->
        [one] { $count } file
       *[other] { $count } files
    }
desk-asked = until { $date }, asked at { $time }
desk-grant = Extend to { $date }
desk-decide-otherwise = Decide otherwise…
