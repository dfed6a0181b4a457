//! What people see: aligned tables that fit the terminal, colours where they are wanted, and nothing that an answer
//! could do to the terminal.

use std::io::{self, IsTerminal, Write};

use chrono::{DateTime, Local, Utc};
use rustix::termios::tcgetwinsize;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Where a command speaks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Screen {
    /// Columns, of a terminal.
    width: Option<usize>,
    colours: bool,
}

/// Between columns.
const GAP: &str = "  ";
/// The column that gives way keeps so much while others can give as well.
const NARROW: usize = 8;
/// Less than this is left of no column.
const LEAST: usize = 1;

impl Screen {
    /// Standard output.
    pub(crate) fn new() -> Self {
        let out = io::stdout();
        if !out.is_terminal() {
            return Self::default();
        }
        let said = |name| std::env::var(name).is_ok_and(|value: String| !value.is_empty());
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let columns = tcgetwinsize(&out).map_or(0, |size| size.ws_col);
        Self {
            width: Some(usize::from(columns)).filter(|columns| *columns > 0),
            colours: !said("NO_COLOR") && !dumb,
        }
    }

    /// Whether somebody looks at it.
    pub(super) fn is_terminal(&self) -> bool {
        self.width.is_some()
    }

    /// A line, cut to fit.
    pub(crate) fn fit(&self, line: &str) -> String {
        match self.width {
            Some(width) => cut(line, width),
            None => line.to_owned(),
        }
    }

    /// Where something stands, in its colour.
    pub(super) fn status(&self, text: &str, status: &str) -> String {
        if !self.colours {
            return text.to_owned();
        }
        let colour = match status {
            "succeeded" | "published" => "32",
            "failed" | "rejected" => "31",
            "planning" | "running" => "36",
            "canceled" | "new" | "queued" => "2",
            _ => "33",
        };
        format!("\x1b[{colour}m{text}\x1b[0m")
    }

    /// What is beside the matter.
    pub(crate) fn faint(&self, text: &str) -> String {
        if self.colours {
            format!("\x1b[2m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// A moment: how long ago for people, exactly for programs.
    pub(super) fn moment(&self, at: DateTime<Utc>) -> String {
        if self.is_terminal() {
            ago((Utc::now() - at).num_seconds())
        } else {
            exactly(at)
        }
    }

    /// A moment of today, to the second.
    pub(super) fn clock(&self, at: DateTime<Utc>) -> String {
        if self.is_terminal() {
            at.with_timezone(&Local).format("%H:%M:%S").to_string()
        } else {
            exactly(at)
        }
    }

    /// The beginning of an id that is enough to name it by; all of it for programs.
    pub(super) fn id<'a>(&self, id: &'a str) -> &'a str {
        let short = id.find('_').map_or(0, |at| at + 1) + 12;
        if self.is_terminal() {
            id.get(..short).unwrap_or(id)
        } else {
            id
        }
    }
}

fn exactly(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn ago(seconds: i64) -> String {
    match seconds {
        ..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..172_800 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// Dollars of millionths.
pub(super) fn usd(micros: i64) -> String {
    let dollars = micros as f64 / 1e6;
    // Cents say nothing of what costs less than one.
    let digits = if dollars < 1.0 { 4 } else { 2 };
    format!("${dollars:.digits$}")
}

/// One line of what somebody wrote: without what a terminal would obey.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if harmless(c) { c } else { ' ' })
        .collect()
}

/// The same for several lines.
pub(crate) fn clean_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(clean).collect();
    lines.join("\n")
}

fn harmless(c: char) -> bool {
    // Neither control characters nor those that turn the direction of writing around.
    !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Cuts to so many columns, with a mark where something is missing.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let mut kept = String::new();
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if wide > left {
            break;
        }
        left -= wide;
        kept.push(c);
    }
    kept + "…"
}

/// Rows under a heading. One column gives way when there is not enough room.
#[derive(Debug)]
pub(super) struct Table {
    heading: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    gives_way: usize,
    /// The column that is coloured by what stands in it.
    status: Option<usize>,
}

impl Table {
    /// An empty one; `gives_way` is the column that is cut.
    pub(super) fn new(heading: &[&'static str], gives_way: usize) -> Self {
        let status = heading.iter().position(|name| *name == "STATUS");
        Self {
            heading: heading.to_vec(),
            rows: Vec::new(),
            gives_way,
            status,
        }
    }

    /// One more row.
    pub(super) fn row<const N: usize>(&mut self, cells: &[String; N]) {
        self.rows
            .push(cells.iter().map(|cell| clean(cell)).collect());
    }

    /// Shows it, or what to say when there is nothing in it.
    pub(super) fn show(&self, screen: &Screen, nothing: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.rows.is_empty() && screen.is_terminal() {
            return writeln!(out, "{nothing}");
        }
        self.write(&mut out, screen)
    }

    fn write(&self, out: &mut impl Write, screen: &Screen) -> io::Result<()> {
        let widths = self.widths(screen.width);
        let heading: Vec<String> = self.heading.iter().map(|&name| name.to_owned()).collect();
        writeln!(
            out,
            "{}",
            screen.faint(&line(&heading, &widths, |_, text| text))
        )?;
        for row in &self.rows {
            let paint = |column: usize, text: String| {
                if Some(column) == self.status {
                    screen.status(&text, &row[column].replace(' ', "_"))
                } else {
                    text
                }
            };
            writeln!(out, "{}", line(row, &widths, paint))?;
        }
        Ok(())
    }

    fn widths(&self, room: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = self.heading.iter().map(|name| name.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.width().max(*width);
            }
        }
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        let Some(room) = room.map(|room| room.saturating_sub(gaps)) else {
            return widths;
        };
        while widths.iter().sum::<usize>() > room {
            let Some(column) = self.next_to_give(&widths) else {
                break;
            };
            widths[column] -= 1;
        }
        widths
    }

    /// The column that is cut next: the one meant for it, then the widest; ids last.
    fn next_to_give(&self, widths: &[usize]) -> Option<usize> {
        if widths
            .get(self.gives_way)
            .is_some_and(|width| *width > NARROW)
        {
            return Some(self.gives_way);
        }
        let others = (1..widths.len()).max_by_key(|&column| widths[column]);
        let enough = |column: &usize| widths[*column] > LEAST;
        others.filter(enough).or_else(|| Some(0).filter(enough))
    }
}

fn line(cells: &[String], widths: &[usize], paint: impl Fn(usize, String) -> String) -> String {
    let mut line = String::new();
    let last = cells.len().saturating_sub(1);
    for (column, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        let text = cut(cell, width);
        let missing = width.saturating_sub(text.width());
        line += &paint(column, text);
        // Nothing invisible at the ends of lines.
        if column < last {
            line += &" ".repeat(missing);
            line += GAP;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(screen: &Screen) -> String {
        let mut table = Table::new(&["ID", "STATUS", "TITLE", "COST"], 2);
        let title = "Bolts 日本 sold\ntwice\x1b[2J";
        for cells in [
            ["task_1", "awaiting plan", title, "$1.00"],
            ["task_22", "failed", "Nuts", "$0.10"],
        ] {
            table.row(&cells.map(str::to_owned));
        }
        let mut out = Vec::new();
        table.write(&mut out, screen).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_is_aligned_and_cut_to_the_terminal_where_there_is_one() {
        assert_eq!(
            shown(&Screen::default()),
            "ID       STATUS         TITLE                      COST\n\
             task_1   awaiting plan  Bolts 日本 sold twice [2J  $1.00\n\
             task_22  failed         Nuts                       $0.10\n"
        );
        let narrow = Screen {
            width: Some(42),
            colours: false,
        };
        assert_eq!(
            shown(&narrow),
            "ID       STATUS         TITLE        COST\n\
             task_1   awaiting plan  Bolts 日本…  $1.00\n\
             task_22  failed         Nuts         $0.10\n"
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in 10..60 {
            let screen = Screen {
                width: Some(width),
                colours: false,
            };
            let text = shown(&screen);
            let widest = text.lines().map(UnicodeWidthStr::width).max();
            assert!(widest <= Some(width), "{width}:\n{text}");
        }
    }

    #[test]
    fn colours_come_only_where_they_are_wanted() {
        let coloured = Screen {
            width: Some(80),
            colours: true,
        };
        let text = shown(&coloured);
        assert!(
            text.contains("\x1b[31mfailed\x1b[0m") && text.contains("\x1b[33mawaiting plan\x1b[0m")
        );
        // What others wrote brings none.
        assert_eq!(text.matches('\x1b').count(), 6);
    }

    #[test]
    fn ids_are_short_for_people_and_whole_for_programs() {
        let id = "task_0192f0c1a2b37c4d8e9fa0b1c2d3e4f5";
        let terminal = Screen {
            width: Some(80),
            colours: false,
        };
        assert_eq!(terminal.id(id), "task_0192f0c1a2b3");
        assert_eq!(Screen::default().id(id), id);
        assert_eq!(terminal.id("odd"), "odd");
    }
}
