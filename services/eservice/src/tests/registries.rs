//! Which registries are asked: everybody is told before they begin, and of an application its applicant alone.

use kernel::Failure;
use proto::eservice::v1::{AskedRegistry, ListRegistriesRequest};

use super::world::{CITIZEN, OFFICER, World};
use crate::{bus::registries, store::MIGRATIONS};

const ANOTHER: u8 = 2;
const ARCHIVE: &str = "Single electronic archive of civil status records";
const RESOLUTION: &str = "Resolution of the Cabinet of Ministers No. 387 of 14 November 2016";

async fn told(world: &World, who: u8, case: &[u8]) -> Result<Vec<AskedRegistry>, Failure> {
    let request = ListRegistriesRequest {
        agency: "justice".into(),
        service: "marriage-certificate-copy".into(),
        language: "en".into(),
        case_id: case.to_vec(),
    };
    Ok(registries::list(world.host.clone(), world.call(who, request)).await?.registries)
}

fn row(purpose: &str, fields: &[&str]) -> AskedRegistry {
    AskedRegistry {
        title: ARCHIVE.into(),
        fields: fields.iter().map(|field| (*field).into()).collect(),
        purpose: purpose.into(),
        legal_basis: RESOLUTION.into(),
        uri: "https://lex.uz".into(),
    }
}

#[tokio::test]
async fn what_is_taken_what_for_and_by_which_law_is_told_before_anything_is_begun_and_to_whoever_began() {
    for (engine, database) in testkit::databases(MIGRATIONS).await {
        let world = World::new(database).await;
        let filling = "Finding the record of the marriage and issuing a copy of the certificate";
        let whole = [
            "Date",
            "Civil registry office",
            "Place",
            "Record number",
            "Husband",
            "Wife",
            "Husband’s PINFL",
            "Wife’s PINFL",
        ];
        // Where two fields are filled in from an answer, all of it is handed over.
        let expected = [row(filling, &whole), row("Checking the record of the marriage", &whole)];
        assert_eq!(told(&world, ANOTHER, &[]).await.unwrap(), expected, "{engine}");
        let case = world.open(CITIZEN).await.case_id;
        assert_eq!(told(&world, CITIZEN, &case).await.unwrap(), expected, "{engine}");
        for other in [ANOTHER, OFFICER] {
            assert_eq!(told(&world, other, &case).await.unwrap_err().code, "case.not-found", "{engine}: {other}");
        }
    }
}
