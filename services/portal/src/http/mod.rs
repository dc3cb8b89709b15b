//! The portal's pages: each works without JavaScript, in five languages, and holds no fact of its own.

mod account;
mod acting;
mod applications;
mod apply;
mod asked;
mod attached;
mod audit;
mod behalf;
mod calendar;
mod cash;
mod catalogue;
mod closed;
mod description;
mod eligibility;
mod experience;
mod fault;
mod files;
mod finance;
mod forms;
mod frame;
mod guard;
mod machine;
mod menu;
mod officer;
mod onward;
mod own_data;
mod pages;
mod parts;
mod passport;
mod pay;
mod posted;
mod preferences;
mod provider;
mod publication;
mod rating;
mod records;
mod registries;
mod reissue;
mod search_engines;
mod sign_in;
mod staff;
mod start;
mod stuck;
mod submit;
mod thread;
mod trust;
mod twin;
mod verify;
mod visit;
mod withdraw;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, StatusCode},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use kernel::{Clock, Random};

pub use closed::router as closed;
pub use experience::Experiences;
pub use guard::Limits;
pub use machine::document;
pub use menu::Menus;
pub use provider::{Asserted, Provider};
pub use trust::{Latest, Lists};

use crate::{Config, assets, bus::Services, store::Sessions};

pub struct Portal {
    pub services: Services,
    pub provider: Provider,
    pub sessions: Sessions,
    pub limits: Limits,
    pub menus: Menus,
    pub experiences: Experiences,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub trial: bool,
    /// Turns a network's address into something that other services can count but not read.
    pub asker_key: [u8; 32],
    /// What signing said last of what is trusted and what no longer counts.
    pub trust: Latest,
    pub lists: Lists,
    pub config: Config,
}

type Shared = axum::extract::State<Arc<Portal>>;

/// A form of ours is never larger.
const FORM_BYTES_MAX: usize = 256 * 1024;
/// How much of a file to verify is read, though only a small one is kept.
const UPLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;

pub fn router(portal: Arc<Portal>) -> Router {
    let secure = web::Secure { https: portal.config.base_url.starts_with("https://") };
    let pages = Router::new()
        .merge(public())
        .merge(citizen())
        .merge(asked::routes())
        .merge(files::routes())
        .merge(preferences::routes())
        .merge(own_data::routes())
        .merge(acting::routes())
        .merge(officer::routes())
        .merge(audit::routes())
        .merge(records::routes())
        .merge(reissue::routes())
        .merge(rating::routes())
        .merge(stuck::routes())
        .merge(finance::routes())
        .merge(cash::routes())
        .merge(staff::routes())
        .merge(publication::routes())
        .fallback(async || fault::Refused(fault::no_such_page()))
        .layer(from_fn_with_state(portal.clone(), guard::guard))
        .layer(web::compression());
    Router::new()
        .route("/assets/{name}", get(asset))
        .merge(pages)
        .layer(from_fn_with_state(secure, web::secure))
        .with_state(portal)
}

fn public() -> Router<Arc<Portal>> {
    Router::new()
        .route("/", get(catalogue::home))
        .route("/life-events/{name}", get(catalogue::life_event))
        .route("/search", get(catalogue::search))
        .route("/help", get(catalogue::help))
        .route("/accessibility", get(catalogue::accessibility))
        .route("/sign-in", get(sign_in::leave))
        .route("/signed-in", get(sign_in::arrive))
        .route("/sign-out", post(sign_in::sign_out))
        .merge(search_engines::routes())
        .merge(passport::routes())
        .merge(forms::routes())
        .merge(eligibility::routes())
        .merge(twin::routes())
        .merge(machine::routes().router())
}

fn citizen() -> Router<Arc<Portal>> {
    Router::new()
        .route("/services/{agency}/{service}/start", get(start::offer).post(start::open))
        .route("/applications", get(applications::list))
        .route("/applications/{agency}/{service}/{case}", get(applications::track))
        .route("/applications/{agency}/{service}/{case}/calendar", get(calendar::deadline))
        .route("/applications/{agency}/{service}/{case}/registries", get(registries::of_case))
        .route("/applications/{agency}/{service}/{case}/pages/{page}", get(apply::question).post(apply::keep))
        .route("/applications/{agency}/{service}/{case}/parts", get(parts::list))
        .route("/applications/{agency}/{service}/{case}/check", get(submit::check).post(submit::send))
        .route("/applications/{agency}/{service}/{case}/next", get(submit::next))
        .route("/applications/{agency}/{service}/{case}/pay", get(pay::offer).post(pay::begin))
        .route("/applications/{agency}/{service}/{case}/returned", get(pay::returned))
        .route("/applications/{agency}/{service}/{case}/confirmation", get(submit::confirmation))
        .route(
            "/applications/{agency}/{service}/{case}/discard",
            get(applications::ask_discard).post(applications::discard),
        )
        .route("/applications/{agency}/{service}/{case}/onward/{start}", get(onward::back).post(onward::begin))
        .route("/applications/{agency}/{service}/{case}/withdraw", get(withdraw::ask).post(withdraw::withdraw))
        .route("/applications/{agency}/{service}/{case}/representation", post(applications::end_representation))
        .route(
            "/applications/{agency}/{service}/{case}/questions/{number}",
            get(thread::ask).merge(files::large(thread::answer)),
        )
        .route("/applications/{agency}/{service}/{case}/documents/{document}", get(applications::download))
        .route("/applications/{agency}/{service}/{case}/receipts/{number}", get(applications::receipt))
        .route("/inbox", get(account::inbox))
        .route("/inbox/{message}/read", post(account::mark_read))
        .route("/data-use", get(account::data_use))
}

/// `/assets/govuk.css` is the address other services' pages link to; the hashed names are kept for a year.
async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    if name == "govuk.css" {
        return web::serve_asset(&assets::CSS_FILE, &headers, true);
    }
    match assets::ALL.into_iter().find(|asset| asset.name == name) {
        Some(asset) => web::serve_asset(asset, &headers, false),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
