//! The closing summary as plain text.

use std::io::{self, Write};

use crate::{Format, Settings, Sink, Style, Summary};

/// Columns of a file: as wide as the README's examples.
const STYLE: Style = Style {
    colour: false,
    width: 100,
};

pub(crate) const FORMAT: Format = Format {
    name: "summary",
    about: "the closing summary as plain text",
    open: |out, _: &Settings| Box::new(Text { out }),
};

struct Text {
    out: Box<dyn Write + Send>,
}

impl Sink for Text {
    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        writeln!(self.out, "{}", summary.render(STYLE))?;
        self.out.flush()
    }
}
