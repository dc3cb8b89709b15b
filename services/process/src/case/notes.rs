//! What officers write down about a case for each other; it moves nothing.

use kernel::{
    Time,
    id::{PersonId, TaskId},
};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub task: TaskId,
    pub step: String,
    pub text: String,
    pub officer: PersonId,
    pub at: Time,
}
