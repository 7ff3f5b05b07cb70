//! Chance without a generator: every decision is a function of the seed and of what is decided, so a run repeats
//! whatever the order in which its calls interleave.

/// One turn of splitmix64: a well mixed value from a counter-like one.
fn splitmix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A draw named by words and a count: FNV-1a over length-separated words, mixed with the seed.
pub(crate) fn draw(seed: u64, words: &[&str], nth: u64) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for word in words {
        for byte in word.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    splitmix(splitmix(hash ^ splitmix(seed)).wrapping_add(nth))
}

/// A stream of draws from one start, for building whole settings from a seed.
pub(crate) struct Stream(u64);

impl Stream {
    /// The stream that belongs to this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(splitmix(seed))
    }

    /// The next draw.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        splitmix(self.0)
    }

    /// A draw in `0..bound`; 0 when the bound is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }
}

/// Does a draw hit a chance of so many in a thousand?
pub(crate) fn hits(draw: u64, permille: u16) -> bool {
    draw % 1000 < u64::from(permille)
}

/// A span of milliseconds in `low..=high`; `low` when the range is empty.
pub(crate) fn span_ms(draw: u64, low: i64, high: i64) -> i64 {
    let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
    let offset = (draw >> 10).checked_rem(width.saturating_add(1)).unwrap_or(0);
    low.saturating_add(i64::try_from(offset).unwrap_or(0))
}

/// So many decimal digits, none of them predictable from another order's.
pub(crate) fn digits(seed: u64, words: &[&str], count: usize) -> String {
    text(seed, words, 0, count, b"0123456789")
}

/// So many letters and digits: nonces, and names of payers.
pub(crate) fn letters(seed: u64, words: &[&str], nth: u64, count: usize) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    text(seed, words, nth, count, ALPHABET)
}

fn text(seed: u64, words: &[&str], nth: u64, count: usize, alphabet: &[u8]) -> String {
    let mut stream = Stream::new(draw(seed, words, nth));
    let letter = |_| {
        let at = usize::try_from(stream.below(alphabet.len() as u64)).unwrap_or(0);
        char::from(alphabet[at])
    };
    (0..count).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_every_part_of_its_name_and_on_nothing_else() {
        let one = draw(1, &["a", "bc"], 0);
        assert_eq!(one, draw(1, &["a", "bc"], 0));
        assert_ne!(one, draw(2, &["a", "bc"], 0));
        assert_ne!(one, draw(1, &["ab", "c"], 0));
        assert_ne!(one, draw(1, &["a", "bc"], 1));
    }

    #[test]
    fn splitmix_agrees_with_the_published_sequence() {
        // Vigna's splitmix64.c started at 0.
        assert_eq!(splitmix(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(splitmix(0x9e37_79b9_7f4a_7c15), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn chances_come_out_near_what_they_say() {
        let count = (0..10_000).filter(|nth| hits(draw(7, &["x"], *nth), 200)).count();
        assert!((1_800..2_200).contains(&count), "{count}");
    }

    #[test]
    fn spans_stay_inside_their_ends() {
        assert!((0..1_000).all(|nth| (3..=9).contains(&span_ms(draw(1, &["s"], nth), 3, 9))));
        assert_eq!(span_ms(u64::MAX, 5, 5), 5);
    }
}
