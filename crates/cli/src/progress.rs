//! A sign of life on stderr for reads that take long. Only for a person: never when stderr is no terminal.

use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Shows how long it has taken, from the first second on, until it is dropped; then the line is gone again.
pub struct Progress {
    done: Option<mpsc::Sender<()>>,
    shown: Option<JoinHandle<()>>,
}

impl Progress {
    pub fn start(what: &'static str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { done: None, shown: None };
        }
        let (done, ended) = mpsc::channel();
        let shown = std::thread::spawn(move || {
            let begun = Instant::now();
            let mut printed = false;
            while ended.recv_timeout(Duration::from_millis(500)) == Err(mpsc::RecvTimeoutError::Timeout) {
                if begun.elapsed() >= Duration::from_secs(1) {
                    let _ = write!(std::io::stderr(), "\r{what} … {} s", begun.elapsed().as_secs());
                    printed = true;
                }
            }
            if printed {
                let _ = write!(std::io::stderr(), "\r\u{1b}[K");
            }
        });
        Self { done: Some(done), shown: Some(shown) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // The thread ends when its channel closes; the line is cleared before anything else is printed.
        drop(self.done.take());
        if let Some(shown) = self.shown.take() {
            let _ = shown.join();
        }
    }
}
