//! Tells: turns a report into text, JSON, YAML or Markdown.
