//! Security headers on every answer: nothing runs, loads or frames unless it is ours.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Response, header},
    middleware::Next,
};

/// What the headers depend on.
#[derive(Debug, Clone, Default)]
pub struct Secure {
    /// Served over TLS: browsers are told never to come without it.
    pub https: bool,
}

/// Put into a response's extensions by a page whose form leads elsewhere (Chromium applies `form-action` to redirects).
#[derive(Debug, Clone, Default)]
pub struct FormAction(pub Vec<String>);

/// Put into a response's extensions by a page that must not be kept, indexed or named as referrer.
#[derive(Debug, Clone, Copy)]
struct Private;

/// Marks a response as nobody else's business.
pub fn private(mut response: Response<Body>) -> Response<Body> {
    response.extensions_mut().insert(Private);
    response
}

/// Put into a response's extensions by a page whose script asks for more.
#[derive(Debug, Clone, Copy)]
struct Asking;

/// Marks a page whose own script sends something to where the page came from, and reads the answer.
pub fn asking(mut response: Response<Body>) -> Response<Body> {
    response.extensions_mut().insert(Asking);
    response
}

/// Put into a response's extensions by a file that is shown as it is: the only policy it has.
#[derive(Debug, Clone, Copy)]
struct Alone(&'static str);

/// Its own style, and nothing else: no script, no form, no frame, nothing from anywhere, an origin of nobody.
const ALONE: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                     frame-ancestors 'none'";

/// Marks a response as a file that somebody wrote or sent: a browser shows it by itself, gives it nothing, and runs nothing of it.
pub fn alone(mut response: Response<Body>) -> Response<Body> {
    response.extensions_mut().insert(Alone(ALONE));
    response
}

/// The same for what browsers have viewers for. Chromium starts none in a sandbox; what is viewed has nothing of the page's origin as
/// it is: no cookies, no other pages. The styles and the object are the viewer's own.
const VIEWED: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Marks a response as a PDF that somebody sent, which a browser shows in its own viewer.
pub fn viewed(mut response: Response<Body>) -> Response<Body> {
    response.extensions_mut().insert(Alone(VIEWED));
    response
}

/// Middleware: `axum::middleware::from_fn_with_state(Secure { https }, web::secure)`.
pub async fn secure(State(settings): State<Secure>, request: Request, next: Next) -> Response<Body> {
    let mut response = next.run(request).await;
    let actions = response.extensions().get::<FormAction>().cloned().unwrap_or_default();
    let private = response.extensions().get::<Private>().is_some();
    let asks = response.extensions().get::<Asking>().is_some();
    let policy = match response.extensions().get::<Alone>() {
        Some(&Alone(only)) => HeaderValue::from_static(only),
        None => policy(&actions.0, asks),
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: HeaderValue| headers.insert(name, value);
    let fixed = HeaderValue::from_static;
    set(header::CONTENT_SECURITY_POLICY, policy);
    set(header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    set(header::X_FRAME_OPTIONS, fixed("DENY"));
    set(header::REFERRER_POLICY, fixed(if private { "no-referrer" } else { "same-origin" }));
    set(HeaderName::from_static("cross-origin-opener-policy"), fixed("same-origin"));
    set(HeaderName::from_static("cross-origin-resource-policy"), fixed("same-origin"));
    set(HeaderName::from_static("permissions-policy"), fixed("camera=(), geolocation=(), microphone=(), payment=()"));
    if settings.https {
        set(header::STRICT_TRANSPORT_SECURITY, fixed("max-age=63072000; includeSubDomains"));
    }
    if private {
        set(HeaderName::from_static("x-robots-tag"), fixed("noindex"));
    }
    // Whatever says nothing about caching may be about a person.
    if private || !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, fixed("no-store"));
    }
    response
}

fn policy(form_actions: &[String], asks: bool) -> HeaderValue {
    let mut actions = String::from("'self'");
    for action in form_actions.iter().filter(|action| is_origin(action)) {
        actions.push(' ');
        actions.push_str(action);
    }
    let asked = if asks { "connect-src 'self'; " } else { "" };
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; {asked}form-action {actions}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).expect("only origins without spaces or semicolons are let in")
}

/// Scheme, host and port: nothing that could add a directive.
fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use axum::{Router, routing::get};
    use tower::ServiceExt;

    use super::*;

    async fn answer(https: bool, page: fn() -> Response<Body>) -> Response<Body> {
        let router = Router::new().route("/", get(move || async move { page() }));
        let router = router.layer(axum::middleware::from_fn_with_state(Secure { https }, secure));
        router.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn nothing_runs_unless_it_is_ours() {
        let plain = answer(false, || Response::new(Body::empty())).await;
        let policy = plain.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        assert!(!policy.contains("connect-src"), "{policy}");
        let asks = answer(false, || asking(Response::new(Body::empty()))).await;
        let policy = asks.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains(" connect-src 'self';") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(plain.headers()["cache-control"], "no-store");
        assert_eq!(plain.headers()["x-content-type-options"], "nosniff");
        assert!(!plain.headers().contains_key("strict-transport-security"));
        let secret = answer(true, || private(Response::new(Body::empty()))).await;
        assert_eq!(secret.headers()["referrer-policy"], "no-referrer");
        assert_eq!(secret.headers()["x-robots-tag"], "noindex");
        assert!(secret.headers().contains_key("strict-transport-security"));
    }

    #[tokio::test]
    async fn a_file_that_stands_alone_may_do_nothing() {
        let file = answer(false, || alone(Response::new(Body::empty()))).await;
        let policy = file.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("sandbox; default-src 'none'; style-src 'unsafe-inline'"), "{policy}");
        assert!(!policy.contains("script") && !policy.contains("allow-") && !policy.contains("'self'"), "{policy}");
        assert_eq!(file.headers()["x-content-type-options"], "nosniff");
    }

    #[tokio::test]
    async fn a_document_in_a_viewer_runs_nothing_and_is_what_it_was_said_to_be() {
        let file = answer(false, || viewed(Response::new(Body::empty()))).await;
        let policy = file.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; ") && policy.contains("form-action 'none'"), "{policy}");
        assert!(!policy.contains("script") && !policy.contains("connect"), "{policy}");
        assert_eq!(file.headers()["x-content-type-options"], "nosniff");
        assert_eq!(file.headers()["cache-control"], "no-store");
    }

    #[test]
    fn only_origins_enter_the_policy() {
        let policy =
            policy(&["https://pay.example:8443".into(), "https://x; script-src *".into(), "data:".into()], false);
        let policy = policy.to_str().unwrap();
        assert!(policy.contains("form-action 'self' https://pay.example:8443;"), "{policy}");
        assert!(!policy.contains('*'));
    }
}
