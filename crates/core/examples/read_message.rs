//! Reads messages from standard input, a JSON array of texts, and prints what each is read as.

use std::io::Read;

fn main() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).expect("standard input is UTF-8");
    let texts: Vec<String> = serde_json::from_str(&input).unwrap_or_else(|_| vec![input.clone()]);
    for text in texts {
        let reading = keytrace_core::messages::read(&text);
        let candidates: Vec<_> = reading.candidates.iter().map(|c| c.class.name()).collect();
        println!("{}", text.chars().take(260).collect::<String>().replace('\n', "⏎"));
        println!("    {candidates:?} by {} signals {:?}", reading.candidates[0].pattern, reading.signals);
        println!("    {:?} at {:?}", reading.fields, keytrace_core::messages::line_time(&text));
    }
}
