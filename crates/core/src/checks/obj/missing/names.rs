//! How near two names are: slips of the keyboard, other separators, shortened words, and generated endings.

/// Whether one name can be meant by the other. `strict` allows only slips and other writing; otherwise whole words may
/// be added, dropped or shortened.
pub fn near(asked: &str, live: &str, strict: bool) -> bool {
    if asked == live {
        return false;
    }
    let (a, b) = (plain(asked), plain(live));
    if a == b {
        return true;
    }
    // Names that differ in numbers only are versions or instances of one thing, not slips.
    if without_digits(&a) == without_digits(&b) {
        return false;
    }
    let shorter = a.len().min(b.len());
    let slips = distance(&a, &b);
    if slips <= 2 && shorter >= 4 && slips * 3 <= shorter {
        return true;
    }
    let (wa, wb) = (words(asked), words(live));
    if wa.len() == wb.len() && sorted(&wa) == sorted(&wb) {
        return true;
    }
    if wa.len() == wb.len() && wa.iter().zip(&wb).all(|(x, y)| same_word(x, y)) {
        return true;
    }
    if strict {
        return false;
    }
    let (few, many) = if wa.len() < wb.len() { (&wa, &wb) } else { (&wb, &wa) };
    many.len() == few.len() + 1 && few.iter().all(|w| many.iter().any(|m| same_word(w, m)))
}

/// How far apart two names are, to choose the nearest of several.
pub fn rank(asked: &str, live: &str) -> usize {
    let (a, b) = (plain(asked), plain(live));
    if a == b { 0 } else { distance(&a, &b) }
}

/// Whether two keys are one key in other writing (case, separators), or a slip apart.
pub fn near_key(asked: &str, live: &str) -> bool {
    if asked == live {
        return false;
    }
    let (a, b) = (plain(asked), plain(live));
    if a == b {
        return true;
    }
    let shorter = a.len().min(b.len());
    let slips = distance(&a, &b);
    if slips <= 2 && shorter >= 4 && slips * 3 <= shorter {
        return true;
    }
    let (wa, wb) = (words(asked), words(live));
    let (few, many) = if wa.len() <= wb.len() { (&wa, &wb) } else { (&wb, &wa) };
    // `password` for `db_password`, `db-pass` for `db-password`, `tls.crt` for `crt`.
    few.iter().all(|w| many.iter().any(|m| same_word(w, m))) && many.len() <= few.len() + 1
}

fn same_word(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.bytes().all(|c| c.is_ascii_digit()) || long.bytes().all(|c| c.is_ascii_digit()) {
        return a == b;
    }
    (short.len() >= 3 && long.starts_with(short))
        || (short.len() >= 5 && distance(short, long) <= 2)
        || (short.len() >= 4 && distance(short, long) <= 1)
        || a == b
        || is_shortened(short, long)
}

/// `pwd` for `password`, `cfg` for `config`, `creds` for `credentials`: the letters in order, with the same first one.
fn is_shortened(short: &str, long: &str) -> bool {
    if short.len() < 3 || short.as_bytes().first() != long.as_bytes().first() || long.len() < short.len() + 2 {
        return false;
    }
    let mut letters = long.chars();
    short.chars().all(|c| letters.any(|l| l == c))
}

/// Lower case without separators.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn without_digits(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn words(name: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        let alphanumeric = c.is_ascii_alphanumeric();
        if !alphanumeric || (c.is_ascii_uppercase() && lower) {
            found.push(String::new());
        }
        if alphanumeric && let Some(last) = found.last_mut() {
            last.push(c.to_ascii_lowercase());
        }
        lower = c.is_ascii_lowercase();
    }
    found.retain(|w| !w.is_empty());
    found
}

fn sorted(words: &[String]) -> Vec<&String> {
    let mut all: Vec<&String> = words.iter().collect();
    all.sort();
    all
}

/// Edits between two words, where two swapped neighbours count as one (optimal string alignment).
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(256).collect(), b.chars().take(256).collect());
    if a.len().abs_diff(b.len()) > 3 {
        return a.len().abs_diff(b.len());
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// The name without a generated ending, and that ending: the ten characters of kustomize, or eight and more of a hash.
pub fn split_hash(name: &str) -> Option<(&str, &str)> {
    let (base, end) = name.rsplit_once('-')?;
    let kustomize = end.len() == 10 && end.bytes().all(|c| b"2456789bcdfghkmt".contains(&c));
    let hex = (8..=64).contains(&end.len())
        && end.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
        && end.bytes().any(|c| c.is_ascii_alphabetic())
        && end.bytes().any(|c| c.is_ascii_digit());
    (!base.is_empty() && (kustomize || hex)).then_some((base, end))
}

/// Whether two names differ in a generated ending only: a hash of a known form, or as many characters, letters and
/// digits mixed.
pub fn same_but_generated(a: &str, b: &str) -> bool {
    if let (Some((base_a, end_a)), Some((base_b, end_b))) = (split_hash(a), split_hash(b)) {
        return base_a == base_b && end_a != end_b;
    }
    let (Some((base_a, end_a)), Some((base_b, end_b))) = (a.rsplit_once('-'), b.rsplit_once('-')) else { return false };
    let mixed = |end: &str| {
        end.bytes().any(|c| c.is_ascii_digit())
            && end.bytes().filter(u8::is_ascii_alphabetic).count() >= 2
            && end.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase())
    };
    base_a == base_b && end_a != end_b && end_a.len() == end_b.len() && end_a.len() >= 5 && mixed(end_a) && mixed(end_b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_other_writing_are_near_and_versions_are_not() {
        for (asked, live) in [
            ("orders-db", "order-db"),
            ("payment-gatway", "payment-gateway"),
            ("mailer_creds", "mailer-creds"),
            ("db-shop", "shop-db"),
            ("billing-db-creds", "billing-db-credentials"),
            ("redis-pasword", "redis-password"),
        ] {
            assert!(near(asked, live, true), "{asked} {live}");
        }
        assert!(near("shop-db", "shop-db-secret", false));
        assert!(!near("shop-db", "shop-db-secret", true));
        for (asked, live) in
            [("ledger-2025", "ledger-2026"), ("db-1", "db-2"), ("webhook-signing", "receiver-token"), ("ab", "cd")]
        {
            assert!(!near(asked, live, false), "{asked} {live}");
        }
    }

    #[test]
    fn keys_in_other_writing_are_near() {
        for (asked, live) in [
            ("API_KEY", "api_key"),
            ("apiKey", "api-key"),
            ("password", "db_password"),
            ("passwrod", "password"),
            ("unlock_code", "unlockCode"),
        ] {
            assert!(near_key(asked, live), "{asked} {live}");
        }
        for (asked, live) in [("password", "username"), ("tls.key", "ca.crt"), ("host", "port")] {
            assert!(!near_key(asked, live), "{asked} {live}");
        }
    }

    #[test]
    fn generated_endings_are_told_from_words() {
        assert_eq!(split_hash("app-config-7b2f9k46mt"), Some(("app-config", "7b2f9k46mt")));
        assert_eq!(split_hash("app-config-production"), None);
        assert_eq!(split_hash("shop-db-credentials"), None);
        assert!(same_but_generated("app-config-7b2f9k46mt", "app-config-h8d2k5c4bf"));
        assert!(same_but_generated("app-config-x7z2q", "app-config-a1b9w"));
        assert!(!same_but_generated("app-config-blue", "app-config-gray"));
        assert!(!same_but_generated("ledger-20251", "ledger-20262"));
    }
}
