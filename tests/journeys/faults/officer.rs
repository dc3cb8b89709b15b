//! A registrar who decides whatever stands in the queue, while the platform may be gone at any moment.

use tests::{platform::Platform, visitor::Visitor};

pub struct Officer {
    visitor: Visitor,
    portal: String,
}

impl Officer {
    pub async fn sign_in(platform: &Platform, login: &str) -> Self {
        let officer = tests::officer::Officer::of(platform, login).await;
        Self { visitor: officer.visitor, portal: officer.portal }
    }

    /// Approves every task that stands in the queue now; says how many decisions were taken.
    pub async fn approve_all(&mut self) -> usize {
        let Ok(queue) = self.visitor.try_open(&format!("{}/officer", self.portal)).await else { return 0 };
        if !queue.status.is_success() {
            return 0;
        }
        let mut decided = 0;
        for link in queue.links().into_iter().filter(|link| link.path().starts_with("/officer/tasks/")) {
            let Ok(task) = self.visitor.try_open(link.as_str()).await else { return decided };
            if !task.status.is_success() || !task.has_input("_outcome") {
                continue;
            }
            let form = task.form("/officer/tasks/").set("_outcome", "approve");
            if matches!(self.visitor.acknowledged(&form).await, Ok(Some(_))) {
                decided += 1;
            }
        }
        decided
    }
}
