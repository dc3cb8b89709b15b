//! Routes that machines call are served and described (OpenAPI 3.1) by the same words, so that neither goes its own way.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Method,
    routing::{MethodFilter, MethodRouter, any, on},
};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The routes of an edge, and what machines are told of them.
pub struct Described<S = ()> {
    router: Router<S>,
    paths: Map<String, Value>,
    pages: Vec<&'static str>,
}

/// One thing that a machine may ask.
pub struct Operation {
    method: Method,
    path: &'static str,
    /// Where the router finds it, when that is not the path as it is told.
    route: &'static str,
    /// Any other method gets an answer of the protocol's own kind instead of a 405.
    any_method: bool,
    body_bytes_max: Option<usize>,
    described: Map<String, Value>,
}

/// A body: its media type and what it looks like.
pub struct Content {
    kind: &'static str,
    schema: Value,
}

/// `id` is unique in its document; `summary` is one line.
pub fn operation(method: Method, path: &'static str, id: &'static str, summary: &str) -> Operation {
    let described = Map::from_iter([
        ("operationId".to_owned(), json!(id)),
        ("summary".to_owned(), json!(summary)),
        ("responses".to_owned(), json!({})),
    ]);
    Operation { method, path, route: path, any_method: false, body_bytes_max: None, described }
}

impl Operation {
    /// What the summary leaves open.
    pub fn about(mut self, text: &str) -> Self {
        self.described.insert("description".into(), json!(text));
        self
    }

    /// The router tells only whole segments apart: it finds `/{name}.json` under `/{name}`.
    pub fn routed(mut self, route: &'static str) -> Self {
        self.route = route;
        self
    }

    /// A part of the address that varies, with one that is always there.
    pub fn within(mut self, name: &str, example: &str, about: &str) -> Self {
        self.parameters().push(json!({
            "name": name, "in": "path", "required": true, "description": about, "schema": { "type": "string" }, "example": example
        }));
        self
    }

    pub fn any_method(mut self) -> Self {
        self.any_method = true;
        self
    }

    /// A larger body is refused.
    pub fn at_most(mut self, bytes: usize) -> Self {
        self.body_bytes_max = Some(bytes);
        self
    }

    pub fn takes(mut self, content: Content) -> Self {
        let body = json!({ "required": true, "content": { content.kind: { "schema": content.schema } } });
        self.described.insert("requestBody".into(), body);
        self
    }

    /// Each field of `T` is a parameter of the address.
    pub fn query<T: JsonSchema>(mut self) -> Self {
        let schema = schema::<T>();
        let required = |name: &str| {
            schema["required"].as_array().is_some_and(|required| required.iter().any(|one| one.as_str() == Some(name)))
        };
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let mut schema = field.clone();
            let about = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            let mut parameter = json!({ "name": name, "in": "query", "required": required(name), "schema": schema });
            if let Some(about) = about {
                parameter["description"] = about;
            }
            self.parameters().push(parameter);
        }
        self
    }

    fn parameters(&mut self) -> &mut Vec<Value> {
        let parameters = self.described.entry("parameters").or_insert_with(|| json!([]));
        parameters.as_array_mut().expect("made a list above")
    }

    pub fn answers(self, status: u16, about: &str, content: Content) -> Self {
        let content = json!({ content.kind: { "schema": content.schema } });
        self.answer(status, json!({ "description": about, "content": content }))
    }

    /// An answer whose body says nothing to a machine.
    pub fn says(self, status: u16, about: &str) -> Self {
        self.answer(status, json!({ "description": about }))
    }

    fn answer(mut self, status: u16, response: Value) -> Self {
        let responses = self.described.get_mut("responses").and_then(Value::as_object_mut);
        responses.expect("made when the operation was").insert(status.to_string(), response);
        self
    }

    /// One of these schemes of the document proves the caller; an empty name: none is needed.
    pub fn proved_by(mut self, schemes: &[&str]) -> Self {
        let schemes = schemes.iter().map(|name| if name.is_empty() { json!({}) } else { json!({ *name: [] }) });
        self.described.insert("security".into(), schemes.collect());
        self
    }
}

impl Content {
    pub fn json<T: JsonSchema>() -> Self {
        Self { kind: "application/json", schema: schema::<T>() }
    }

    pub fn form<T: JsonSchema>() -> Self {
        Self { kind: "application/x-www-form-urlencoded", schema: schema::<T>() }
    }

    /// Parts with these names; each is a file.
    pub fn files(names: &[&str]) -> Self {
        let files: Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), json!({ "type": "string", "format": "binary" }))).collect();
        Self {
            kind: "multipart/form-data",
            schema: json!({ "type": "object", "properties": files, "required": names }),
        }
    }

    /// JSON whose shape a standard tells.
    pub fn object(kind: &'static str) -> Self {
        Self { kind, schema: json!({ "type": "object" }) }
    }

    pub fn text(kind: &'static str) -> Self {
        Self { kind, schema: json!({ "type": "string" }) }
    }
}

fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    if let Some(schema) = schema.as_object_mut() {
        // Names of our types say nothing to anybody outside.
        schema.remove("title");
    }
    schema
}

impl<S: Clone + Send + Sync + 'static> Default for Described<S> {
    fn default() -> Self {
        Self { router: Router::new(), paths: Map::new(), pages: Vec::new() }
    }
}

impl<S: Clone + Send + Sync + 'static> Described<S> {
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves and describes an operation.
    pub fn machine<H, T>(mut self, operation: Operation, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let Operation { method, path, route, any_method, body_bytes_max, mut described } = operation;
        let verb = method.as_str().to_lowercase();
        let filter = MethodFilter::try_from(method).expect("an operation has one of HTTP's own methods");
        let mut routes = if any_method { any(handler) } else { on(filter, handler) };
        if let Some(bytes) = body_bytes_max {
            routes = routes.layer(DefaultBodyLimit::max(bytes));
            let about = described.get("description").and_then(Value::as_str).unwrap_or_default();
            let about = format!("{about} The body has at most {bytes} bytes.");
            described.insert("description".into(), json!(about.trim()));
        }
        let verbs = self.paths.entry(path).or_insert_with(|| json!({}));
        verbs.as_object_mut().expect("made an object above").insert(verb, Value::Object(described));
        Self { router: self.router.route(route, routes), ..self }
    }

    /// Serves what only people open.
    pub fn page(mut self, path: &'static str, methods: MethodRouter<S>) -> Self {
        self.pages.push(path);
        Self { router: self.router.route(path, methods), ..self }
    }

    pub fn router(self) -> Router<S> {
        self.router
    }

    /// Paths of what only people open.
    pub fn pages(&self) -> &[&'static str] {
        &self.pages
    }

    /// The OpenAPI document. `prefix` is where the edge is mounted; `schemes` are the ways by which callers prove
    /// themselves.
    pub fn document(&self, title: &str, about: &str, prefix: &str, schemes: Value) -> Value {
        let license = json!({ "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") });
        let mut document = json!({
            "openapi": "3.1.0",
            "info": { "title": title, "version": env!("CARGO_PKG_VERSION"), "description": about, "license": license },
            "servers": [{ "url": prefix }],
            "paths": self.paths,
        });
        if schemes.as_object().is_some_and(|schemes| !schemes.is_empty()) {
            document["components"] = json!({ "securitySchemes": schemes });
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{Request, StatusCode},
        routing::get,
    };
    use tower::ServiceExt;

    use super::*;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its shape is used")]
    struct Asked {
        /// What is looked for.
        word: String,
        page: Option<u32>,
    }

    fn edge() -> Described {
        let search = operation(Method::GET, "/search", "search", "Searches.").query::<Asked>();
        let put = operation(Method::POST, "/words", "add", "Adds.").about("One word.").at_most(5);
        Described::new()
            .machine(search.answers(200, "Found.", Content::json::<Asked>()), async || "found")
            .machine(put.takes(Content::text("text/plain")).says(204, "Kept."), async |body: String| body)
            .machine(word().answers(200, "It.", Content::object("application/json")), async || "word")
            .page("/", get(async || "page"))
    }

    fn word() -> Operation {
        let word = operation(Method::GET, "/words/{word}.json", "word", "A word.");
        word.routed("/words/{word}").within("word", "salom", "The word.")
    }

    async fn asked(method: Method, path: &str, body: &'static str) -> StatusCode {
        let request = Request::builder().method(method).uri(path).body(Body::from(body)).unwrap();
        edge().router().oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn what_is_described_is_served_and_the_other_way_round() {
        let document = edge().document("Words", "About words.", "/words", json!({}));
        let search = &document["paths"]["/search"]["get"];
        assert_eq!(search["parameters"][0]["name"], "word");
        assert_eq!(search["parameters"][0]["description"], "What is looked for.");
        assert_eq!(
            (&search["parameters"][0]["required"], &search["parameters"][1]["required"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(document["paths"]["/words"]["post"]["description"], "One word. The body has at most 5 bytes.");
        let word = &document["paths"]["/words/{word}.json"]["get"];
        assert_eq!(
            (&word["parameters"][0]["in"], &word["parameters"][0]["example"]),
            (&json!("path"), &json!("salom"))
        );
        assert_eq!(document["paths"].as_object().unwrap().len(), 3, "a page is not described");
        assert_eq!(asked(Method::GET, "/words/salom.json", "").await, StatusCode::OK);
        assert_eq!(asked(Method::GET, "/search", "").await, StatusCode::OK);
        assert_eq!(asked(Method::POST, "/search", "").await, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(asked(Method::POST, "/words", "short").await, StatusCode::OK);
        assert_eq!(asked(Method::POST, "/words", "too long").await, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!((asked(Method::GET, "/", "").await, edge().pages()), (StatusCode::OK, &["/"][..]));
    }
}
