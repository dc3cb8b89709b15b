//! Connections to one PostgreSQL server. A server whose node is lost says nothing any more, and the kernel goes on waiting for it for
//! a quarter of an hour: here statements have a deadline, and the first that misses it has all connections made anew.

use std::{
    sync::{Arc, RwLock},
    time::Duration,
};

use sqlx::{
    PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::Error;

/// How long an end waits for transactions under way.
const CLOSING: Duration = Duration::from_secs(5);

pub(crate) struct Pool {
    options: PgPoolOptions,
    server: PgConnectOptions,
    current: RwLock<Generation>,
    /// What the server may take for one statement.
    answer: Duration,
}

#[derive(Clone)]
struct Generation {
    number: u64,
    pool: PgPool,
}

/// Whose connection a transaction holds.
#[derive(Clone)]
pub(crate) struct Held {
    pool: Arc<Pool>,
    generation: u64,
}

impl Pool {
    pub async fn connect(
        options: PgPoolOptions,
        server: PgConnectOptions,
        answer: Duration,
    ) -> Result<Self, sqlx::Error> {
        let pool = options.clone().connect_with(server.clone()).await?;
        Ok(Self { options, server, current: RwLock::new(Generation { number: 1, pool }), answer })
    }

    pub fn current(&self) -> PgPool {
        self.generation().pool
    }

    fn generation(&self) -> Generation {
        self.current.read().expect("nobody panics with it").clone()
    }

    pub async fn begin(
        self: &Arc<Self>,
        statement: &'static str,
    ) -> Result<(Transaction<'static, Postgres>, Held), Error> {
        let Generation { number, pool } = self.generation();
        let held = Held { pool: self.clone(), generation: number };
        let begun = held.answers(pool.begin_with(statement)).await;
        if matches!(begun, Err(Error::Busy(_))) && pool.num_idle() > 0 {
            // Connections are free, and none of them answers.
            self.fell_silent(number);
        }
        Ok((begun?, held))
    }

    /// Connections on which somebody still waits for a silent server are not waited for.
    pub async fn close(&self) {
        let _ = tokio::time::timeout(CLOSING, self.current().close()).await;
    }

    /// Whoever holds a connection of that generation keeps it to its own end; everybody else gets a new one.
    fn fell_silent(&self, generation: u64) {
        let mut current = self.current.write().expect("nobody panics with it");
        if current.number != generation {
            return;
        }
        let pool = self.options.clone().connect_lazy_with(self.server.clone());
        let before = std::mem::replace(&mut *current, Generation { number: generation + 1, pool });
        drop(current);
        tracing::warn!("the database does not answer; all connections to it are made anew");
        tokio::spawn(async move { before.pool.close().await });
    }
}

impl Held {
    pub async fn answers<T>(&self, asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Error> {
        let Ok(answer) = tokio::time::timeout(self.pool.answer, asked).await else {
            self.pool.fell_silent(self.generation);
            return Err(Error::Unreachable(format!("no answer within {} s", self.pool.answer.as_secs())));
        };
        Ok(answer?)
    }
}
