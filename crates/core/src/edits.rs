//! How many single edits make one sequence of the other.

/// Number of items to insert, remove or change to make `b` of `a` (Levenshtein). Takes time in the product of both lengths: the
/// caller bounds them.
pub fn edits<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::edits;

    #[test]
    fn insertions_removals_and_changes_count_one_each() {
        for (a, b, number) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(edits(a.as_bytes(), b.as_bytes()), number, "{a} {b}");
            assert_eq!(edits(b.as_bytes(), a.as_bytes()), number, "{b} {a}");
        }
    }
}
