//! A phrase cut into words, numbers and signs, each with its place in what was typed.
//!
//! A word typed with its marks is that word and no other. One typed without them may be any word of its letters ("sau" is sau or sáu),
//! unless the rest of the phrase has marks and these letters are a word by themselves.

pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) kind: Kind,
    /// Small letters, with marks.
    word: String,
    /// Nothing stands between it and the one before.
    pub(super) glued: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number(u32),
    Sign(char),
}

/// Words that are written without a mark, and mean something else than the same letters with one.
const UNMARKED: [&str; 13] =
    ["ba", "cho", "hai", "khi", "kia", "mai", "nay", "ngay", "nha", "sau", "theo", "trong", "xin"];

pub(super) struct Tokens<'a> {
    pub(super) phrase: &'a str,
    pub(super) all: Vec<Token<'a>>,
    has_marks: bool,
}

impl<'a> Tokens<'a> {
    /// `phrase` is clean as `text::line` leaves it.
    pub(super) fn of(phrase: &'a str) -> Self {
        let mut all: Vec<Token<'a>> = Vec::new();
        let mut letters = phrase.char_indices().peekable();
        let mut end_before = None;
        while let Some((at, first)) = letters.next() {
            if first == ' ' {
                continue;
            }
            let mut end = at + first.len_utf8();
            let same: fn(char) -> bool = match first {
                c if c.is_ascii_digit() => |c| c.is_ascii_digit(),
                c if c.is_alphabetic() => |c| c.is_alphabetic(),
                _ => |_| false,
            };
            while let Some((next, c)) = letters.next_if(|(_, c)| same(*c)) {
                end = next + c.len_utf8();
            }
            let text = &phrase[at..end];
            let kind = match text.parse() {
                Ok(number) if first.is_ascii_digit() => Kind::Number(number),
                _ if first.is_alphabetic() || first.is_ascii_digit() => Kind::Word,
                _ => Kind::Sign(first),
            };
            // Ð and ð of other alphabets look like Đ and đ.
            let word = text.to_lowercase().replace('ð', "đ");
            all.push(Token { text, at, kind, word, glued: end_before == Some(at) });
            end_before = Some(end);
        }
        let has_marks = all.iter().any(|token| !token.word.is_ascii() && token.kind == Kind::Word);
        Self { phrase, all, has_marks }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Token<'a>> {
        self.all.get(at)
    }

    /// What was typed from one token up to another.
    pub(super) fn said(&self, from: usize, to: usize) -> &'a str {
        match (self.all.get(from), to.checked_sub(1).and_then(|last| self.all.get(last))) {
            (Some(first), Some(last)) if from < to => {
                &self.phrase[first.at..last.at + last.text.len()]
            }
            _ => "",
        }
    }

    pub(super) fn number(&self, at: usize) -> Option<u32> {
        match self.all.get(at)?.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn is_sign(&self, at: usize, sign: char) -> bool {
        self.all.get(at).is_some_and(|token| token.kind == Kind::Sign(sign))
    }

    pub(super) fn is_glued(&self, at: usize) -> bool {
        self.all.get(at).is_some_and(|token| token.glued)
    }

    /// Typed without any mark, though the word has one: it may be another word of these letters.
    pub(super) fn is_bare(&self, at: usize) -> bool {
        self.all.get(at).is_some_and(|token| token.word.is_ascii())
    }

    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        let Some(token) = self.all.get(at).filter(|token| token.kind == Kind::Word) else {
            return false;
        };
        if token.word == word {
            return true;
        }
        let may_lack_marks =
            token.word.is_ascii() && !(self.has_marks && UNMARKED.contains(&token.word.as_str()));
        may_lack_marks && !word.is_ascii() && word.chars().map(bare).eq(token.word.chars())
    }

    /// Behind these words, if they stand here.
    pub(super) fn words(&self, at: usize, words: &str) -> Option<usize> {
        let mut next = at;
        for word in words.split(' ') {
            if !self.is(next, word) {
                return None;
            }
            next += 1;
        }
        Some(next)
    }

    /// Behind the longest of these phrases that stands here. Most are told apart by their first letter.
    pub(super) fn any(&self, at: usize, phrases: &[&str]) -> Option<usize> {
        let token = self.all.get(at).filter(|token| token.kind == Kind::Word)?;
        let initial = token.word.chars().next().map(bare);
        let may_be = |words: &&&str| words.chars().next().map(bare) == initial;
        phrases.iter().filter(may_be).filter_map(|words| self.words(at, words)).max()
    }
}

/// A small Vietnamese letter without its marks; made for comparing thousands of words, so nothing is decomposed.
fn bare(letter: char) -> char {
    match letter {
        'à' | 'á' | 'ả' | 'ã' | 'ạ' | 'ă' | 'ằ' | 'ắ' | 'ẳ' | 'ẵ' | 'ặ' | 'â' | 'ầ' | 'ấ' | 'ẩ'
        | 'ẫ' | 'ậ' => 'a',
        'è' | 'é' | 'ẻ' | 'ẽ' | 'ẹ' | 'ê' | 'ề' | 'ế' | 'ể' | 'ễ' | 'ệ' => 'e',
        'ì' | 'í' | 'ỉ' | 'ĩ' | 'ị' => 'i',
        'ò' | 'ó' | 'ỏ' | 'õ' | 'ọ' | 'ô' | 'ồ' | 'ố' | 'ổ' | 'ỗ' | 'ộ' | 'ơ' | 'ờ' | 'ớ' | 'ở'
        | 'ỡ' | 'ợ' => 'o',
        'ù' | 'ú' | 'ủ' | 'ũ' | 'ụ' | 'ư' | 'ừ' | 'ứ' | 'ử' | 'ữ' | 'ự' => 'u',
        'ỳ' | 'ý' | 'ỷ' | 'ỹ' | 'ỵ' => 'y',
        'đ' => 'd',
        other => other,
    }
}
