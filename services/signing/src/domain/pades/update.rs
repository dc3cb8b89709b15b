//! Appends changed objects to a PDF without touching a byte of it (incremental update, ISO 32000-1, 7.5.6).

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary, xref::XrefType};

use super::object;

/// Objects to be appended, in the order they were added.
pub struct Update<'a> {
    original: &'a [u8],
    document: &'a Document,
    out: Vec<u8>,
    offsets: Vec<(ObjectId, usize)>,
    next: u32,
}

impl<'a> Update<'a> {
    pub fn new(original: &'a [u8], document: &'a Document) -> Self {
        let mut out = original.to_vec();
        if out.last() != Some(&b'\n') {
            out.push(b'\n');
        }
        // The trailer's Size counts free and compressed objects too; an id above both is surely new.
        let size = document.trailer.get(b"Size").and_then(Object::as_i64).unwrap_or_default();
        let next = u32::try_from(size).unwrap_or_default().max(document.max_id + 1);
        Self { original, document, out, offsets: Vec::new(), next }
    }

    pub fn new_id(&mut self) -> ObjectId {
        let id = (self.next, 0);
        self.next += 1;
        id
    }

    pub fn put(&mut self, id: ObjectId, value: &Object) {
        self.begin(id);
        object::write(value, &mut self.out);
        self.end();
    }

    /// Writes an object whose bytes the caller made; returns where in the file they begin.
    pub fn put_raw(&mut self, id: ObjectId, bytes: &[u8]) -> usize {
        self.begin(id);
        let at = self.out.len();
        self.out.extend_from_slice(bytes);
        self.end();
        at
    }

    fn begin(&mut self, id: ObjectId) {
        self.offsets.push((id, self.out.len()));
        self.out.extend_from_slice(format!("{} {} obj\n", id.0, id.1).as_bytes());
    }

    fn end(&mut self) {
        self.out.extend_from_slice(b"\nendobj\n");
    }

    /// Ends the update with a cross-reference of the kind the file has (readers want one kind a file).
    pub fn finish(mut self) -> Vec<u8> {
        let previous = self.document.xref_start;
        match self.document.reference_table.cross_reference_type {
            XrefType::CrossReferenceTable => self.finish_with_table(previous),
            XrefType::CrossReferenceStream => self.finish_with_stream(previous),
        }
        debug_assert!(self.out.starts_with(self.original));
        self.out
    }

    fn finish_with_table(&mut self, previous: usize) {
        self.offsets.sort_unstable();
        let start = self.out.len();
        self.out.extend_from_slice(b"xref\n");
        for (first, run) in runs(&self.offsets) {
            self.out.extend_from_slice(format!("{first} {}\n", run.len()).as_bytes());
            for ((_, generation), offset) in run {
                // Exactly 20 bytes an entry (7.5.4).
                self.out.extend_from_slice(format!("{offset:010} {generation:05} n\r\n").as_bytes());
            }
        }
        self.out.extend_from_slice(b"trailer\n");
        let trailer = self.trailer(previous);
        object::write_dictionary(&trailer, &mut self.out);
        self.out.extend_from_slice(format!("\nstartxref\n{start}\n%%EOF\n").as_bytes());
    }

    fn finish_with_stream(&mut self, previous: usize) {
        let id = self.new_id();
        let start = self.out.len();
        self.offsets.push((id, start));
        self.offsets.sort_unstable();
        let mut index = Vec::new();
        let mut content = Vec::new();
        for (first, run) in runs(&self.offsets) {
            index.extend([Object::from(i64::from(first)), Object::from(run.len() as i64)]);
            for ((_, generation), offset) in run {
                content.push(1);
                content.extend_from_slice(&(offset as u64).to_be_bytes()[3..]);
                content.extend_from_slice(&generation.to_be_bytes());
            }
        }
        let mut dictionary = self.trailer(previous);
        dictionary.set("Type", "XRef");
        dictionary.set("W", vec![Object::from(1), Object::from(5), Object::from(2)]);
        dictionary.set("Index", index);
        dictionary.set("Length", content.len() as i64);
        let mut stream = Stream::new(Dictionary::new(), content);
        stream.dict = dictionary;
        self.out.extend_from_slice(format!("{} {} obj\n", id.0, id.1).as_bytes());
        object::write(&Object::Stream(stream), &mut self.out);
        self.out.extend_from_slice(format!("\nendobj\nstartxref\n{start}\n%%EOF\n").as_bytes());
    }

    /// `/Root`, `/Info` and `/ID` stay what they were; the first half of `/ID` is the document's name for life.
    fn trailer(&self, previous: usize) -> Dictionary {
        let mut trailer = dictionary! { "Size" => i64::from(self.next), "Prev" => previous as i64 };
        for key in [&b"Root"[..], b"Info", b"ID"] {
            if let Ok(value) = self.document.trailer.get(key) {
                trailer.set(key, value.clone());
            }
        }
        trailer
    }
}

/// Groups sorted entries into runs of consecutive object numbers.
fn runs(sorted: &[(ObjectId, usize)]) -> Vec<(u32, Vec<(ObjectId, usize)>)> {
    let mut runs: Vec<(u32, Vec<(ObjectId, usize)>)> = Vec::new();
    for entry @ ((number, _), _) in sorted {
        match runs.last_mut() {
            Some((first, run)) if *first + run.len() as u32 == *number => run.push(*entry),
            _ => runs.push((*number, vec![*entry])),
        }
    }
    runs
}
