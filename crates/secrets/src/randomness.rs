//! How random a value looks: its entropy, its kinds of characters, and runs and sequences that
//! nothing random has.

/// Shannon entropy in bits a byte.
pub(crate) fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total = f64::from(counts.iter().sum::<u32>().max(1));
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| f64::from(count) / total)
        .map(|share| -share * share.log2())
        .sum()
}

/// Whether a value looks random: long, varied, and its letters, digits and cases alternate more
/// than in words.
pub(crate) fn is_random(value: &str) -> bool {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    let (mut letters, mut digits, mut turns) = (0_usize, 0_usize, 0_usize);
    for pair in value.as_bytes().windows(2) {
        turns += usize::from(class(pair[0]) != class(pair[1]));
    }
    for byte in value.bytes() {
        letters += usize::from(byte.is_ascii_alphabetic());
        digits += usize::from(byte.is_ascii_digit());
    }
    value.len() >= 16
        && letters >= 4
        && digits >= 2
        && turns * 5 >= value.len()
        && entropy(value) >= 3.0
        && !is_sequence(value)
}

/// Whether a text has letters of both cases and digits.
pub(crate) fn is_mixed(text: &str) -> bool {
    let any = |of: fn(&u8) -> bool| text.bytes().any(|byte| of(&byte));
    any(u8::is_ascii_lowercase) && any(u8::is_ascii_uppercase) && any(u8::is_ascii_digit)
}

/// Whether a value climbs through the alphabet: `abcdefgh12345678`.
pub(crate) fn is_sequence(value: &str) -> bool {
    let steps = value
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[1] == pair[0].wrapping_add(1))
        .count();
    value.len() >= 6 && steps * 5 >= value.len() * 3
}

/// Whether one character stands eight times in a row, as in placeholders.
pub(crate) fn is_filled_in(value: &str) -> bool {
    let mut run = 0;
    value.as_bytes().windows(2).any(|pair| {
        run = if pair[0] == pair[1] { run + 1 } else { 0 };
        run >= 7
    })
}

pub(crate) fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a value is a UUID.
pub(crate) fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| {
            if matches!(at, 8 | 13 | 18 | 23) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}
