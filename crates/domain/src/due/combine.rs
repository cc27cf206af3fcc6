//! What the stretches of a phrase say together: one day, one rate, nothing, or something to be asked.

use jiff::{
    Span,
    civil::{Date, Weekday},
};

use super::{
    Asked, Due, Every, Outcome, Reading, Step, Unclear,
    grammar::{Grammar, Item, Of},
    tokens::Tokens,
};
use crate::calendar::{Calendar, MissingYear};

/// A stretch and what was typed there.
struct Piece {
    item: Item,
    from: usize,
    to: usize,
}

/// The day that pieces agree on.
#[derive(Default)]
struct Agreed {
    date: Option<Date>,
    passed: Option<Date>,
    differs: bool,
}

impl Agreed {
    fn take(&mut self, date: Date, passed: Option<Date>) {
        self.differs |= self.date.is_some_and(|other| other != date);
        self.date = Some(date);
        self.passed = self.passed.or(passed);
    }
}

pub(super) fn read(phrase: &str, said_on: Date, calendar: &Calendar) -> Reading {
    let tokens = Tokens::of(phrase);
    let grammar = Grammar::of(&tokens, said_on);
    let (pieces, left) = pieces(&grammar);
    let said = |piece: &Piece| tokens.said(piece.from, piece.to).to_owned();
    let steps = pieces
        .iter()
        .filter(|piece| !matches!(piece.item, Item::Comma | Item::And))
        .map(|piece| Step { words: said(piece), item: piece.item })
        .collect();
    let mut reading =
        Reading { words: phrase.to_owned(), outcome: Outcome::Nothing, passed: None, steps };
    let unclear = |left: Vec<String>, asked| Outcome::Unclear(Unclear { left, asked });
    if !left.is_empty() {
        let asked = pieces.iter().find_map(|piece| match piece.item {
            Item::Ask(asked) => Some(asked),
            _ => None,
        });
        // What is understood and asked about stands beside what is not understood, in the order of the words.
        let mut ranges: Vec<(usize, usize)> = left;
        ranges.extend(
            pieces
                .iter()
                .filter(|piece| matches!(piece.item, Item::Ask(_)))
                .map(|piece| (piece.from, piece.to)),
        );
        ranges.sort_unstable();
        let words = ranges.into_iter().map(|(from, to)| tokens.said(from, to).to_owned()).collect();
        reading.outcome = unclear(words, asked.unwrap_or(Asked::Words));
        return reading;
    }
    let asked: Vec<&Piece> =
        pieces.iter().filter(|piece| matches!(piece.item, Item::Ask(_))).collect();
    if let Some(Item::Ask(first)) = asked.first().map(|piece| piece.item) {
        reading.outcome = unclear(asked.iter().map(|piece| said(piece)).collect(), first);
        return reading;
    }
    match together(&grammar, &pieces, calendar) {
        Ok((outcome, passed)) => {
            reading.outcome = outcome;
            reading.passed = passed;
        }
        Err((asked, which)) => {
            let words = pieces.iter().filter(|piece| which(&piece.item)).map(said).collect();
            reading.outcome = unclear(words, asked);
        }
    }
    reading
}

/// The days of a sentence that are said as deadlines: "trước ngày 5/12", "chậm nhất 5/12"; not those of cited documents, nor starts.
pub(super) fn days_by_which(sentence: &str, said_on: Date) -> Vec<Date> {
    const BY: [&str; 4] = ["trước", "chậm nhất", "muộn nhất", "đến hết"];
    let clean = crate::text::line(sentence);
    let tokens = Tokens::of(&clean);
    let grammar = Grammar::of(&tokens, said_on);
    let by = (0..tokens.len()).filter(|at| tokens.any(*at, &BY).is_some());
    by.filter_map(|at| match grammar.at(at) {
        Some((Item::Day { date, .. }, _)) => Some(date),
        _ => None,
    })
    .collect()
}

/// Every stretch, and those that no rule reaches.
fn pieces(grammar: &Grammar<'_>) -> (Vec<Piece>, Vec<(usize, usize)>) {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut left: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    let leave = |from: usize, to: usize, left: &mut Vec<(usize, usize)>| match left.last_mut() {
        Some((_, end)) if *end == from => *end = to,
        _ => left.push((from, to)),
    };
    while at < grammar.tokens.len() {
        match grammar.at(at) {
            Some((item, to)) if to > at => {
                pieces.push(Piece { item, from: at, to });
                at = to;
            }
            _ => {
                // "trước" of "trước đại hội" belongs to what is not understood.
                while let Some(piece) =
                    pieces.last().filter(|piece| piece.to == at && piece.item == Item::Preposition)
                {
                    let from = piece.from;
                    leave(from, at, &mut left);
                    pieces.pop();
                    if pieces.last().is_none_or(|piece| piece.to != from) {
                        break;
                    }
                }
                leave(at, at + 1, &mut left);
                at += 1;
            }
        }
    }
    // Nothing stands behind them, or something that they do not belong to.
    for piece in pieces.iter().filter(|piece| piece.item == Item::Preposition) {
        left.push((piece.from, piece.to));
    }
    let is_joined = |place: usize| {
        let word = |piece: &&Piece| {
            !matches!(piece.item, Item::Comma | Item::And | Item::Filler | Item::Preposition)
        };
        pieces[..place].iter().any(|piece| word(&piece))
            && pieces[place + 1..].iter().any(|piece| word(&piece))
    };
    for (place, piece) in pieces.iter().enumerate().filter(|(_, piece)| piece.item == Item::And) {
        if !is_joined(place) {
            left.push((piece.from, piece.to));
        }
    }
    left.sort_unstable();
    // Two stretches that touch are one.
    let mut whole: Vec<(usize, usize)> = Vec::new();
    for (from, to) in left {
        leave(from, to, &mut whole);
    }
    (pieces, whole)
}

type Which = fn(&Item) -> bool;

/// Days, or what leads to one.
fn names_a_day(item: &Item) -> bool {
    matches!(
        item,
        Item::Day { .. }
            | Item::Week(_)
            | Item::Weekday { .. }
            | Item::MonthDay(_)
            | Item::Count { .. }
            | Item::Later(_)
    )
}

fn says_when(item: &Item) -> bool {
    names_a_day(item)
        || matches!(
            item,
            Item::Every(_)
                | Item::EveryMonthDay(_)
                | Item::Standing
                | Item::Event
                | Item::Hour(_)
                | Item::PartOfDay
                | Item::Start(_)
        )
}

fn together(
    grammar: &Grammar<'_>,
    pieces: &[Piece],
    calendar: &Calendar,
) -> Result<(Outcome, Option<Date>), (Asked, Which)> {
    let has = |which: Which| pieces.iter().any(|piece| which(&piece.item));
    let several = (Asked::Several, says_when as Which);
    if has(|item| matches!(item, Item::Every(_) | Item::EveryMonthDay(_))) {
        return again(pieces).map(|due| (Outcome::Due { due, hour: None }, None));
    }
    let agreed = day(grammar, pieces, calendar)?;
    let hours: Vec<_> = pieces
        .iter()
        .filter_map(|piece| match piece.item {
            Item::Hour(hour) => Some(hour),
            _ => None,
        })
        .collect();
    let is_timed = !hours.is_empty() || has(|item| matches!(item, Item::PartOfDay));
    let start = pieces.iter().find_map(|piece| match piece.item {
        Item::Start(date) => Some(date),
        _ => None,
    });
    if let Some(date) = agreed.date {
        if hours.len() > 1
            || has(|item| matches!(item, Item::Standing | Item::Event))
            || start.is_some_and(|start| start > date)
        {
            return Err(several);
        }
        let hour = hours.first().copied().flatten();
        return Ok((Outcome::Due { due: Due::On(date), hour }, agreed.passed));
    }
    if is_timed {
        return Err((Asked::NoDay, |item| matches!(item, Item::Hour(_) | Item::PartOfDay)));
    }
    if has(|item| matches!(item, Item::Standing)) || start.is_some() {
        // A way of working that begins on a day and has no end.
        return if has(|item| matches!(item, Item::Event)) {
            Err(several)
        } else {
            Ok((Outcome::Due { due: Due::Ongoing, hour: None }, None))
        };
    }
    if has(|item| matches!(item, Item::Event | Item::Urging)) {
        return Ok((Outcome::Due { due: Due::Undated, hour: None }, None));
    }
    Ok((Outcome::Nothing, None))
}

/// "ngày 25 hằng tháng", "hằng quý": with nothing else that says when.
fn again(pieces: &[Piece]) -> Result<Due, (Asked, Which)> {
    let several = (Asked::Several, says_when as Which);
    let mut due: Option<Due> = None;
    let mut month_day = None;
    for piece in pieces {
        let next = match piece.item {
            Item::Every(None) => Due::Ongoing,
            Item::Every(Some(every)) => Due::Every(every),
            Item::EveryMonthDay(day) => {
                Due::Monthly { day: u8::try_from(day).map_err(|_| several)? }
            }
            Item::MonthDay(day) if month_day.is_none() => {
                month_day = Some(day);
                continue;
            }
            Item::Standing
            | Item::Start(_)
            | Item::Urging
            | Item::Cited
            | Item::Filler
            | Item::Comma
            | Item::And => continue,
            _ => return Err(several),
        };
        if due.is_some_and(|other| other != next) {
            return Err(several);
        }
        due = Some(next);
    }
    match (due, month_day) {
        (Some(due), None) => Ok(due),
        (Some(Due::Every(Every::Month)), Some(day @ 1..=31)) => {
            Ok(Due::Monthly { day: u8::try_from(day).map_err(|_| several)? })
        }
        _ => Err(several),
    }
}

/// The one day that everything names.
fn day(
    grammar: &Grammar<'_>,
    pieces: &[Piece],
    calendar: &Calendar,
) -> Result<Agreed, (Asked, Which)> {
    let several = (Asked::Several, says_when as Which);
    let mut agreed = Agreed::default();
    let mut base = None;
    let mut count = None;
    let mut week = None;
    let mut weekday = None;
    let mut month_day = None;
    for piece in pieces {
        match piece.item {
            Item::Day { date, passed, .. } => agreed.take(date, passed),
            Item::Week(weeks) if week.is_none_or(|other| other == weeks) => week = Some(weeks),
            Item::Weekday { day, coming } if weekday.is_none_or(|(other, _)| other == day) => {
                weekday = Some((day, coming))
            }
            Item::MonthDay(day) if month_day.is_none_or(|other| other == day) => {
                month_day = Some(day)
            }
            Item::Count { .. } if count.is_none() => count = Some(piece.item),
            Item::Start(date) | Item::Later(date) if base.is_none_or(|other| other == date) => {
                base = Some(date)
            }
            Item::Week(_)
            | Item::Weekday { .. }
            | Item::MonthDay(_)
            | Item::Count { .. }
            | Item::Start(_)
            | Item::Later(_) => return Err(several),
            _ => {}
        }
    }
    let is_later = pieces.iter().any(|piece| matches!(piece.item, Item::Later(_)));
    if is_later && count.is_none() {
        return Err((Asked::After, |item| matches!(item, Item::Later(_))));
    }
    if let Some(Item::Count { count, of }) = count {
        let date =
            counted(base.unwrap_or(grammar.said_on), count, of, calendar).map_err(|missing| {
                (Asked::NoHolidays(missing.0), (|item| matches!(item, Item::Count { .. })) as Which)
            })?;
        agreed.take(
            date.ok_or((
                Asked::NotInCalendar,
                (|item| matches!(item, Item::Count { .. })) as Which,
            ))?,
            None,
        );
    }
    match (week, weekday) {
        (Some(weeks), weekday) => {
            let day = weekday.map_or(Weekday::Friday, |(day, _)| day);
            let date = grammar.in_week(weeks, day).ok_or(several)?;
            if date < grammar.said_on {
                return Err((Asked::Past, |item| {
                    matches!(item, Item::Week(_) | Item::Weekday { .. })
                }));
            }
            agreed.take(date, None);
        }
        (None, Some((day, _))) if agreed.date.is_some() => {
            agreed.differs |= agreed.date.is_some_and(|date| date.weekday() != day)
        }
        (None, Some((day, coming))) => {
            let weeks =
                i32::from(grammar.in_week(0, day).is_none_or(|date| date < grammar.said_on));
            let date = grammar.in_week(weeks, day).filter(|_| coming);
            agreed.take(
                date.ok_or((
                    Asked::TwoWays,
                    (|item| matches!(item, Item::Weekday { .. })) as Which,
                ))?,
                None,
            );
        }
        (None, None) => {}
    }
    if let Some(day) = month_day {
        let whole = |item: &Item| matches!(item, Item::MonthDay(_));
        match agreed.date {
            Some(date) => agreed.differs |= i64::from(date.day()) != i64::from(day),
            None => {
                // "ngày 20" is this month's while it is still to come; which one later is asked.
                let here = grammar.said_on;
                let date = i8::try_from(day)
                    .ok()
                    .and_then(|day| Date::new(here.year(), here.month(), day).ok());
                agreed.take(
                    date.filter(|date| *date >= here).ok_or((Asked::TwoWays, whole as Which))?,
                    None,
                );
            }
        }
    }
    if agreed.differs { Err(several) } else { Ok(agreed) }
}

fn counted(
    base: Date,
    count: u32,
    of: Of,
    calendar: &Calendar,
) -> Result<Option<Date>, MissingYear> {
    let span = match of {
        Of::WorkingDays => return calendar.add_working_days(base, count).map(Some),
        Of::Days => Span::new().days(count),
        Of::Weeks => Span::new().weeks(count),
        Of::Months => Span::new().months(count),
        Of::Years => Span::new().years(count),
    };
    Ok(base.checked_add(span).ok())
}
