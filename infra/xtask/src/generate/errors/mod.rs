//! One page for every stable code: the heading follows the code that raises it, the advice may be written by hand.

mod collect;
mod page;

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use super::{Generated, Outcome};
use collect::Raised;

pub const FOLDER: &str = "docs/errors";
const INDEX: &str = "# Codes

Every refusal, every problem that `xizmat check` finds and every finding about a document has a stable code, `room.reason`.
It stands at the end of the message, in the `code` field of machine-readable answers and on the portal's error page.
Codes of answers in a form that follow from the data schema (`field.max-length`, `field.pattern` and so on, one for each
JSON Schema keyword) are not listed: the form shows their message beside the field.

The heading of each page and this list are written by `xtask gen` from the sources; the advice is kept once it is
written by hand (delete the comment line above it).
";

pub fn generate(root: &Path) -> Outcome<Vec<Generated>> {
    let codes = collect::codes(root)?;
    let mut files = Vec::new();
    let mut index = INDEX.to_owned();
    let mut room = "";
    for (code, raised) in &codes {
        let path = format!("{FOLDER}/{code}.md");
        let present = fs::read_to_string(root.join(&path)).ok();
        let content = page::write(code, raised, present.as_deref());
        let (this_room, _) = code.split_once('.').unwrap_or((code, ""));
        if room != this_room {
            room = this_room;
            write!(index, "\n## {room}\n\n").map_err(|error| error.to_string())?;
        }
        writeln!(index, "- [`{code}`]({code}.md) {}", page::summary(&content)).map_err(|error| error.to_string())?;
        files.push(Generated { path: path.into(), content });
    }
    files.push(Generated { path: format!("{FOLDER}/README.md").into(), content: index });
    Ok(files)
}

/// Codes in the order of their names, each with every place that raises it.
type Codes = BTreeMap<String, Vec<Raised>>;
