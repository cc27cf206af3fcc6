//! Join codes of sites: 8 characters of 28 without look-alikes, derived from the server's key, so that they can be reprinted and nothing
//! is stored. Rotating a site's generation makes its code, its link and the seats opened with them void.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{SiteId, State, conference::Phase};

use super::{Auth, TokenHash};

/// No O, I, B, S, Z, 0, 1, 5: nothing that is taken for something else at 5 m or on a bad print.
pub const ALPHABET: &[u8; 28] = b"ACDEFGHJKLMNPQRTUVWXY2346789";
pub const LENGTH: usize = 8;

/// Signs of a person's code: it opens an account and not a seat for a morning, so it is longer. 28^12 is 57 bits.
pub const STAFF_LENGTH: usize = 12;

/// A site's code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code([u8; LENGTH]);

impl Code {
    /// What somebody typed or pasted: spaces, dashes, marks, case and the width of letters do not matter.
    pub fn parse(typed: &str) -> Option<Self> {
        signs(typed).map(Self)
    }

    /// As it is printed: `K7QM 4XRA`.
    pub fn printed(&self) -> String {
        let text = self.compact();
        format!("{} {}", &text[..LENGTH / 2], &text[LENGTH / 2..])
    }

    /// Without the space, for links and the API.
    pub fn compact(&self) -> String {
        self.0.iter().map(|byte| char::from(*byte)).collect()
    }
}

/// A person's code, once, beside a one-time link: what can be read aloud where a link of 43 signs cannot. Never logged: it has no
/// `Display`, and only its keyed hash is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffCode([u8; STAFF_LENGTH]);

impl StaffCode {
    pub fn random() -> Self {
        // 128 bits over 28^12 (57 bits): the bias of the remainder is below 2^-70.
        let mut number = u128::from_be_bytes(super::random_bytes());
        Self(std::array::from_fn(|_| {
            let rest = usize::try_from(number % 28).expect("below 28");
            number /= 28;
            ALPHABET[rest]
        }))
    }

    /// What somebody typed: spaces, hyphens and case do not matter.
    pub fn parse(typed: &str) -> Option<Self> {
        signs(typed).map(Self)
    }

    /// As it is printed and read aloud: `K7QM 4XRA 9TWC`.
    pub fn printed(&self) -> String {
        let fours = self.0.chunks(4).map(|four| four.iter().map(|b| char::from(*b)).collect());
        fours.collect::<Vec<String>>().join(" ")
    }
}

impl std::fmt::Debug for StaffCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StaffCode(…)")
    }
}

/// So many signs of the alphabet; letters and figures of full width are what they look like.
fn signs<const N: usize>(typed: &str) -> Option<[u8; N]> {
    let mut code = [0; N];
    let mut length = 0;
    for c in domain::text::code(typed).chars().filter(|c| !c.is_whitespace() && !is_dash(*c)) {
        let c = u8::try_from(meant(c)).ok().filter(|c| ALPHABET.contains(c))?;
        *code.get_mut(length)? = c;
        length += 1;
    }
    (length == N).then_some(code)
}

/// Word processors write hyphens as dashes of several lengths.
fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// What was typed for what looks like it; the page's module does the same while typing.
pub fn meant(typed: char) -> char {
    match typed.to_ascii_uppercase() {
        'B' => '8',
        'Z' => '2',
        other => other,
    }
}

impl Auth {
    /// What is stored of a person's code.
    pub fn staff_code_hash(&self, code: &StaffCode) -> TokenHash {
        let tag = hmac::sign(&self.server_key, &[b"staff code\0", code.0.as_slice()].concat());
        TokenHash(tag.as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes"))
    }

    /// The code of a site.
    pub fn site_code(&self, site: SiteId, generation: u32) -> Code {
        let tag = self.derive(b"code\0", site, generation);
        // 64 bits over 28^8 (38 bits): the bias of the remainder is below 2^-25.
        let mut number = u64::from_be_bytes(tag[..8].try_into().expect("a tag has 32 bytes"));
        let mut code = [0; LENGTH];
        for place in &mut code {
            let rest = usize::try_from(number % 28).expect("below 28");
            *place = ALPHABET[rest];
            number /= 28;
        }
        Code(code)
    }

    /// The token of a site's link `/join/<token>`: longer than the code, because it is not typed.
    pub fn site_link(&self, site: SiteId, generation: u32) -> String {
        let tag = self.derive(b"link\0", site, generation);
        format!("{site}-{}", URL_SAFE_NO_PAD.encode(&tag[..16]))
    }

    fn derive(&self, purpose: &[u8], site: SiteId, generation: u32) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.server_key);
        context.update(purpose);
        context.update(&site.0.to_be_bytes());
        context.update(&generation.to_be_bytes());
        context.sign().as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
    }

    /// The site of a code, among those of conferences that are not concluded.
    pub fn site_by_code(&self, state: &State, code: Code) -> Option<SiteId> {
        state
            .conferences()
            .filter(|conference| conference.phase != Phase::Concluded)
            .flat_map(|conference| state.sites_of(conference.id))
            .find(|site| self.site_code(site.id, site.code_generation) == code)
            .map(|site| site.id)
    }

    /// The site of a link.
    pub fn site_by_link(&self, state: &State, link: &str) -> Option<SiteId> {
        let id: SiteId = link.split_once('-')?.0.parse().ok()?;
        let site = state.site(id).filter(|site| !site.removed)?;
        let expected = self.site_link(id, site.code_generation);
        aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), link.as_bytes())
            .ok()
            .map(|()| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_code_is_read_as_it_is_printed_or_typed() {
        let code = StaffCode::random();
        let printed = code.printed();
        assert_eq!(printed.len(), STAFF_LENGTH + 2);
        for typed in [
            printed.clone(),
            printed.to_lowercase(),
            printed.replace(' ', "-"),
            printed.replace(' ', ""),
        ] {
            assert_eq!(StaffCode::parse(&typed), Some(code.clone()), "{typed}");
        }
        assert_eq!(StaffCode::parse(&printed[1..]), None);
        assert_eq!(StaffCode::parse(&format!("{printed}2")), None);
        assert!(Code::parse("Ｋ７QM 4xra") == Code::parse("K7QM4XRA"));
        assert!(!format!("{code:?}").contains(&printed[..4]));
    }

    #[test]
    fn a_code_is_read_however_it_was_typed_or_pasted() {
        for typed in [
            "K7QM4XRA",
            " k7qm-4xra ",
            "K7QM\u{a0}4XRA",
            "K7QM–4XRA",
            "Ｋ７ＱＭ４ＸＲＡ",
            "K7QM4XR\u{200b}A",
        ] {
            assert_eq!(Code::parse(typed).unwrap().printed(), "K7QM 4XRA", "{typed:?}");
        }
        for wrong in ["", "K7QM4XR", "K7QM4XRAA", "K7QM4XRO"] {
            assert!(Code::parse(wrong).is_none(), "{wrong:?}");
        }
    }
}
