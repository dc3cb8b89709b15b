//! SPECIMEN over every page of what a trial platform issues, laid over finished pages so that no template can remove it.

use std::fmt::Write as _;

use typst::layout::Point;
use typst_layout::PagedDocument;

use crate::{TemplateProblem, compile, world::TemplateWorld};

/// The same word in every language of the platform: it warns whoever is handed the paper.
const MARK: &str = r##"#let mark = place(center + horizon, rotate(-35deg, text(
  size: 76pt, weight: "bold", fill: rgb("#b0002026"), tracking: 4pt, hyphenate: false,
)[SPECIMEN]))
"##;

/// Page foregrounds are artifacts in a tagged PDF: a screen reader does not stumble over the mark on each page.
pub fn lay_over(document: PagedDocument) -> Result<PagedDocument, Vec<TemplateProblem>> {
    let mut source = MARK.to_owned();
    for page in document.pages() {
        let size = page.frame.size();
        let (width, height) = (size.x.to_pt(), size.y.to_pt());
        writeln!(source, "#page(width: {width}pt, height: {height}pt, margin: 0pt, foreground: mark)[]")
            .expect("writing to a string does not fail");
    }
    let marks = compile(&TemplateWorld::own(&source))?;
    let mut pages: Vec<_> = document.pages().to_vec();
    if marks.pages().len() != pages.len() {
        return Err(vec![TemplateProblem::anywhere("SPECIMEN could not be laid over every page.")]);
    }
    for (page, mark) in pages.iter_mut().zip(marks.pages()) {
        page.frame.push_frame(Point::zero(), mark.frame.clone());
    }
    let mut document = document;
    let info = document.info_mut().clone();
    Ok(PagedDocument::new(pages.into_iter().collect(), info))
}
