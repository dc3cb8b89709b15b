//! The search index: normalised words of each revision, and trigrams of those words for what was typed wrongly.

use std::collections::BTreeMap;

use kernel::Hash;
use sql::{AssertSqlSafe, Error, Tx, Value, args};

use crate::domain::words::trigrams;

/// A revision that holds a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    pub word: String,
    pub revision: Hash,
    pub weight: i64,
}

/// Adds a revision's words.
pub async fn index(tx: &mut Tx, revision: Hash, words: &BTreeMap<String, i64>) -> Result<(), Error> {
    for (word, weight) in words {
        tx.execute(
            "INSERT INTO search_words (word, revision, weight) VALUES ($1, $2, $3) ON CONFLICT (word, revision) DO NOTHING",
            args![word, revision, *weight],
        )
        .await?;
        for trigram in trigrams(word) {
            tx.execute(
                "INSERT INTO search_trigrams (trigram, word) VALUES ($1, $2) ON CONFLICT (trigram, word) DO NOTHING",
                args![trigram, word],
            )
            .await?;
        }
    }
    Ok(())
}

/// Words that share a trigram with this one, with the revisions that hold them.
pub async fn words_like(tx: &mut Tx, word: &str) -> Result<Vec<Occurrence>, Error> {
    let wanted = trigrams(word);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (1..=wanted.len()).map(|place| format!("${place}")).collect();
    let select = AssertSqlSafe(format!(
        "SELECT word, revision, weight FROM search_words
         WHERE word IN (SELECT word FROM search_trigrams WHERE trigram IN ({}))",
        places.join(", ")
    ));
    let wanted = wanted.into_iter().map(|trigram| Value::Text(Some(trigram))).collect();
    let rows = tx.fetch_all(select, wanted).await?;
    rows.iter()
        .map(|row| {
            Ok(Occurrence { word: row.text(0)?, revision: row.parsed(1, Hash::from_slice)?, weight: row.int(2)? })
        })
        .collect()
}
