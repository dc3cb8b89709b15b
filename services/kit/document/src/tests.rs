//! Templates that work, templates that attack, and every letter a citizen's name may have.

use super::*;

fn options(language: &str, specimen: bool) -> Options {
    Options {
        language: language.into(),
        title: "Nikoh guvohnomasi".into(),
        identity: "justice-2026-1".into(),
        specimen,
        qr: "https://xizmat.example/verify?number=justice-2026-1".into(),
        issued_s: 1_796_000_000,
        pages_max: 5,
    }
}

fn rendered(template: &str, specimen: bool) -> Result<Vec<u8>, Vec<TemplateProblem>> {
    let inputs = sample_inputs(json!({"spouse": "Gʻayrat"}), "uz");
    render(template, &inputs, &options("uz", specimen))
}

const CERTIFICATE: &str = r#"#let inputs = json("inputs.json")
#set page(margin: 25mm, foreground: none)
= #inputs.document.title
#inputs.applicant.family_name #inputs.applicant.given_name, #inputs.data.spouse
#table(columns: 2, [№], [#inputs.document.number])
#image("qr.svg", width: 28mm, alt: "QR")
#datetime.today().display()
"#;

#[test]
fn the_same_facts_give_the_same_archivable_and_accessible_file() {
    let pdf = rendered(CERTIFICATE, false).unwrap();
    assert_eq!(pdf, rendered(CERTIFICATE, false).unwrap());
    let text = String::from_utf8_lossy(&pdf);
    assert!(text.contains("pdfaid:part>2<") && text.contains("pdfaid:conformance>A<"));
    assert!(text.contains("pdfuaid:part>1<"));
    assert!(text.contains("<rdf:li>uz</rdf:li>"), "the metadata name the language");
}

#[test]
fn specimen_covers_every_page_whatever_the_template_says() {
    let two_pages = format!("{CERTIFICATE}\n#pagebreak()\n== B");
    let inputs = sample_inputs(json!({"spouse": "Gʻayrat"}), "uz");
    let typeset = || compile(&TemplateWorld::new(&two_pages, &inputs, &options("uz", true)).unwrap()).unwrap();
    let on_pages = |document: &PagedDocument| -> Vec<usize> {
        document.pages().iter().map(|page| page.frame.items().count()).collect()
    };
    let (plain, marked) = (on_pages(&typeset()), on_pages(&specimen::lay_over(typeset()).unwrap()));
    assert_eq!((plain.len(), marked.len()), (2, 2));
    assert!(plain.iter().zip(&marked).all(|(plain, marked)| plain < marked), "{plain:?} {marked:?}");
    let (plain, marked) = (rendered(&two_pages, false).unwrap(), rendered(&two_pages, true).unwrap());
    assert!(marked.len() > plain.len());
}

#[test]
fn problems_name_their_place() {
    let problems = rendered("= Title\n#let x = unknown\n", false).unwrap_err();
    assert_eq!((problems[0].line, problems[0].column), (2, 10), "{problems:?}");
    let problems = rendered("= T\n#(1 + )", false).unwrap_err();
    assert_eq!(problems[0].line, 2, "{problems:?}");
}

#[test]
fn a_template_reaches_neither_files_nor_packages_nor_plugins() {
    for template in [
        "#read(\"/etc/passwd\")",
        "#read(\"../../secret\")",
        "#import \"@preview/cetz:0.3.4\": *",
        "#plugin(bytes((0, 97, 115, 109)))",
        "#std.plugin(bytes((0, 97, 115, 109)))",
        "#eval(\"plugin(bytes((0,)))\")",
        "#include \"own.typ\"",
    ] {
        assert!(rendered(template, false).is_err(), "{template}");
    }
}

#[test]
fn more_pages_than_allowed_are_refused() {
    let problems = rendered("#for n in range(6) {\n [= A]\n pagebreak()\n}", false).unwrap_err();
    assert!(problems[0].message.contains("pages"), "{problems:?}");
}

#[test]
fn what_is_not_accessible_is_refused() {
    let problems = rendered("= A\n#image(\"qr.svg\")", false).unwrap_err();
    assert!(problems.iter().any(|problem| problem.message.contains("alt")), "{problems:?}");
}

#[test]
fn the_text_font_has_every_letter_of_the_five_languages() {
    let letters = "oʻgʻOʻGʻʼ’ ўқғҳЎҚҒҲ áÁıIńŃǵǴóÓúÚwW әөүңһ ёйъыьэюяЁЙЪЫЬЭЮЯ №«»—–“”„§…";
    let faces = fonts::FONTS.faces.iter().filter(|font| font.info().family.as_str() == fonts::TEXT_FAMILY);
    let mut seen = 0;
    for face in faces {
        seen += 1;
        let missing: String =
            letters.chars().filter(|c| !c.is_whitespace() && !face.info().coverage.contains(u32::from(*c))).collect();
        assert_eq!(missing, "", "{:?}", face.info().variant);
    }
    assert!(seen >= 4);
}

#[test]
fn a_worker_can_warm_up() {
    assert!(warm_up());
}

#[test]
fn a_check_without_a_case_finds_mistakes_but_does_not_demand_facts() {
    assert_eq!(check("#let inputs = json(\"inputs.json\")\n= A\n#inputs.data.marriage.date"), Ok(()));
    assert!(check("= A\n#unknown-name").is_err());
    assert!(check("= A\n#{").is_err());
}

const LANGUAGES: [&str; 5] = ["uz", "uz-Cyrl", "kaa", "ru", "en"];

/// The path of every template of an example, with its text.
fn templates(service: &str) -> Vec<(std::path::PathBuf, String)> {
    let folder = format!("{}/../../../examples/{service}/templates", env!("CARGO_MANIFEST_DIR"));
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), std::fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn the_examples_templates_make_documents_in_every_language() {
    let marriage = json!({"marriage": {"date": "2019-06-15"}});
    let building = json!({
        "site": {"address": "Nókis qalası, Berdaq kóshesi, 31", "cadastre": "23:01:02:03:04:0567"},
        "building": {"name": "«Навруз» савдо маркази", "use": "public", "floors": 2, "area": 480},
    });
    let record = json!({"use": {"kind": "other", "details": "«Виза» uchun, Gʻijduvon"}});
    for (service, data) in [
        ("justice/marriage-certificate-copy", marriage),
        ("construction/building-permit", building),
        ("interior/no-criminal-record", record),
    ] {
        for (path, template) in templates(service) {
            for language in LANGUAGES {
                makes_a_document(&path, &template, &data, language);
            }
        }
    }
}

#[test]
fn a_residence_is_certified_with_children_and_a_last_day_and_without_in_every_language() {
    let alone = json!({"address": {"soato": "1735401", "street": "Berdaq", "house": "12"}});
    let family = json!({
        "address": {"soato": "1726269", "street": "Navoiy", "house": "1", "flat": "7"},
        "child": {"pinfl": "60904150170441", "others": true},
        "children": [{"name": "Karimov Ali", "birthDate": "2017-01-31"}, {"name": "Каримова Зарина", "birthDate": "2019-02-09"}],
        "consent": {"kind": "temporary", "until": "2027-12-31"},
    });
    let chosen = json!({"address": alone["address"], "child": {"pinfl": "60904150170441", "others": false}});
    for (path, template) in templates("interior/residence-registration") {
        for (data, language) in
            [&alone, &family, &chosen].into_iter().flat_map(|data| LANGUAGES.map(|language| (data, language)))
        {
            let inputs = sample_inputs(data.clone(), language);
            let pdf = render(&template, &inputs, &options(language, true));
            assert!(pdf.is_ok(), "{} in {language}: {:?}", path.display(), pdf.err());
            is_read(&path, &template, &inputs, language);
        }
    }
}

/// The same facts can be read as a page.
fn is_read(path: &std::path::Path, template: &str, inputs: &Value, language: &str) {
    let html = twin(template, inputs, &options(language, false));
    let html = html.unwrap_or_else(|problems| panic!("{} in {language}: {problems:?}", path.display()));
    let html = String::from_utf8(html).unwrap();
    for told in [&inputs["document"]["code"], &inputs["agency"]["title"]] {
        assert!(html.contains(told.as_str().unwrap()), "{} in {language}: {html}", path.display());
    }
    assert!(html.contains("<h2>") && !html.contains("SPECIMEN"), "{}: {html}", path.display());
}

fn read(template: &str, specimen: bool) -> Result<String, Vec<TemplateProblem>> {
    let inputs = sample_inputs(json!({"spouse": "<b onclick=\"x\">Gʻayrat</b> & Co"}), "uz");
    twin(template, &inputs, &options("uz", specimen)).map(|html| String::from_utf8(html).unwrap())
}

#[test]
fn a_twin_says_what_the_document_says_in_its_order_and_nothing_of_how_it_looks() {
    let html = read(CERTIFICATE, false).unwrap();
    assert_eq!(html, read(CERTIFICATE, false).unwrap(), "the same facts, the same bytes");
    assert!(html.starts_with("<div lang=\"uz-Latn\"><h2>Sample</h2>") && html.ends_with("</div>"), "{html}");
    assert!(html.contains("Karimova Dilnoza") && html.contains("<td>sample-2026-1</td>"), "{html}");
    assert!(html.contains("<span>QR</span>") && !html.contains("<img"), "of a picture what it shows: {html}");
    let words = "#grid(columns: 2, [first], align(center)[second])\n#place(top)[third]\n#v(1cm)\n#rect[fourth]#line()";
    let html = read(words, true).unwrap();
    assert!(html.contains("<p><strong>SPECIMEN</strong></p>"), "{html}");
    let places = ["first", "second", "third", "fourth"].map(|word| html.find(word).unwrap_or_else(|| panic!("{html}")));
    assert!(places.is_sorted(), "{html}");
    assert!(!html.contains("style") && !html.contains("id="), "{html}");
}

#[test]
fn whatever_a_template_or_a_citizen_writes_a_twin_holds_no_script_style_picture_or_unsafe_link() {
    let html = read(CERTIFICATE, false).unwrap();
    let escaped = "&lt;b onclick=&quot;x&quot;&gt;Gʻayrat&lt;/b&gt; &amp; Co";
    assert!(html.contains(escaped) && !html.contains("<b"), "{html}");
    let html = read("#link(\"javascript:alert(1)\")[a] #link(\"https://x.uz/?a=1&b\")[b] #footnote[c]", false).unwrap();
    assert!(!html.contains("javascript") && html.contains("href=\"https://x.uz/?a=1&amp;b\""), "{html}");
    for template in [
        "#html.elem(\"script\")[alert(1)]",
        "#std.html.elem(\"iframe\")",
        "#context if target() == \"html\" [another word]",
        "$ x^2 $",
        "#include \"aloud.typ\"",
    ] {
        assert!(read(template, false).is_err(), "{template}");
    }
}

fn makes_a_document(path: &std::path::Path, template: &str, data: &Value, language: &str) {
    let mut inputs = sample_inputs(data.clone(), language);
    inputs["facts"]["record"] = json!({
        "spouse1": "Karimov Gʻayrat", "spouse2": "Каримова Ўғилой", "date": "2019-06-15",
        "place": "Nókis qalası", "actNumber": "1735-42",
    });
    inputs["document"]["title"] = "Nusxa".into();
    let pdf = render(template, &inputs, &options(language, true));
    let pdf = pdf.unwrap_or_else(|problems| panic!("{} in {language}: {problems:?}", path.display()));
    is_read(path, template, &inputs, language);
    if let Some(folder) = std::env::var_os("XIZMAT_RENDERED_SAMPLES").map(std::path::PathBuf::from) {
        let service = path.ancestors().nth(2).and_then(|folder| folder.file_name()).unwrap().to_string_lossy();
        let name = path.file_stem().unwrap().to_string_lossy();
        std::fs::write(folder.join(format!("{service}-{name}-{language}.pdf")), pdf).unwrap();
    }
}
