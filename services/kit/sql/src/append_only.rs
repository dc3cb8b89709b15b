//! Tables whose rows are written once: triggers refuse any change on both engines, whoever asks for it.

/// Such a table. On PostgreSQL the roles that serve have no right to change it besides.
#[derive(Debug, Clone, Copy)]
pub struct AppendOnly {
    pub table: &'static str,
    /// The one change that is lawful, as a condition over `OLD` and `NEW`; empty: none.
    except: &'static str,
    /// The column that whoever serves may change so; empty: only the owner may.
    erasable: &'static str,
}

impl AppendOnly {
    pub const fn new(table: &'static str) -> Self {
        Self { table, except: "", erasable: "" }
    }

    /// Only the owner may make this change.
    pub const fn except(self, condition: &'static str) -> Self {
        Self { except: condition, ..self }
    }

    /// Whoever serves may make this change of this column.
    pub const fn erasable(self, column: &'static str, condition: &'static str) -> Self {
        Self { except: condition, erasable: column, ..self }
    }

    /// What a migration's hash covers.
    pub(crate) fn parts(&self) -> [&[u8]; 3] {
        [self.table.as_bytes(), self.except.as_bytes(), self.erasable.as_bytes()]
    }

    /// A condition that is unknown, because a value is missing, is not met.
    fn when(&self) -> String {
        if self.except.is_empty() { String::new() } else { format!("WHEN (({}) IS NOT TRUE)", self.except) }
    }

    pub(crate) fn sqlite(&self) -> String {
        let Self { table, .. } = self;
        let refuse = format!("BEGIN SELECT RAISE(ABORT, 'rows of {table} are written once and never changed'); END;");
        format!(
            "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {when} {refuse}
             CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
            when = self.when()
        )
    }

    /// `append_only()` raises; rights are given by its triggers and their argument.
    pub(crate) fn postgres(&self) -> String {
        let Self { table, erasable, .. } = self;
        format!(
            "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW {when} EXECUTE FUNCTION append_only('{erasable}');
             CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION append_only();
             CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION append_only();",
            when = self.when()
        )
    }
}
