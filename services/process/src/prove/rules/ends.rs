//! Every way in which a case may end.

use api::End;

use crate::prove::{
    Proof,
    state::{Local, Node, Shared},
};

/// An end, as a case comes to it.
pub struct Ending<'p> {
    /// Where it is found in the space.
    pub node: usize,
    pub step: usize,
    pub end: &'p End,
    pub local: Local,
    pub shared: &'p Shared,
}

impl Ending<'_> {
    /// What was applied for is delivered here.
    pub fn gives_result(&self) -> bool {
        self.end.gives_result()
    }

    /// Whether this document was issued before.
    pub fn is_issued(&self, proof: &Proof<'_, '_>, name: &str) -> bool {
        let documents = &proof.model.definition.spec.documents;
        documents.iter().position(|document| document.name == name).is_none_or(|at| self.local.issued & (1 << at) != 0)
    }
}

/// The shortest way to each comes first.
pub fn all<'p>(proof: &'p Proof<'_, '_>) -> impl Iterator<Item = Ending<'p>> {
    proof.space.nodes.iter().enumerate().filter_map(|(node, kept)| match kept {
        Node::Ended { step, local, shared } => {
            let end = proof.model.step(*step).end.as_ref()?;
            Some(Ending { node, step: *step, end, local: *local, shared })
        }
        Node::Running(..) | Node::Joined(_) => None,
    })
}
