// Written by services/portal/assets/build.mjs. Do not edit.
/// Address of the style sheet: the name changes with its content.
pub const CSS: &str = "/assets/xizmat-67ebf6ba124f.css";
pub const CSS_FILE: web::Asset = web::Asset {
    name: "xizmat-67ebf6ba124f.css",
    kind: "text/css; charset=utf-8",
    plain: include_bytes!("xizmat-67ebf6ba124f.css"),
    brotli: include_bytes!("xizmat-67ebf6ba124f.css.br"),
    gzip: include_bytes!("xizmat-67ebf6ba124f.css.gz"),
};
/// Address of the script: the name changes with its content.
pub const JS: &str = "/assets/xizmat-68a58d023b40.js";
pub const JS_FILE: web::Asset = web::Asset {
    name: "xizmat-68a58d023b40.js",
    kind: "text/javascript; charset=utf-8",
    plain: include_bytes!("xizmat-68a58d023b40.js"),
    brotli: include_bytes!("xizmat-68a58d023b40.js.br"),
    gzip: include_bytes!("xizmat-68a58d023b40.js.gz"),
};
/// Address of the script that sends files in parts: the name changes with its content.
pub const UPLOAD: &str = "/assets/upload-23e5b32bdab9.js";
pub const UPLOAD_FILE: web::Asset = web::Asset {
    name: "upload-23e5b32bdab9.js",
    kind: "text/javascript; charset=utf-8",
    plain: include_bytes!("upload-23e5b32bdab9.js"),
    brotli: include_bytes!("upload-23e5b32bdab9.js.br"),
    gzip: include_bytes!("upload-23e5b32bdab9.js.gz"),
};
