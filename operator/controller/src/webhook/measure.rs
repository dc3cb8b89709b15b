//! Bounds what a body can cost before anything is built from it: bytes, depth, and how many values it holds.

/// A resource and the one before it, of at most 3 MiB each (the API server takes no larger request), and what is said
/// about them.
pub const BYTES_MAX: usize = 7 << 20;
/// Far deeper than any resource that the schemas allow.
pub const DEPTH_MAX: usize = 64;
/// A definition of a thousand steps has a tenth of it, with the API server's own notes on who wrote which field.
pub const VALUES_MAX: usize = 400_000;

/// Which bound was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    Bytes,
    Depth,
    Values,
}

impl Excess {
    pub fn text(self) -> String {
        match self {
            Self::Bytes => format!("more than {BYTES_MAX} bytes"),
            Self::Depth => format!("nested more than {DEPTH_MAX} deep"),
            Self::Values => format!("more than {VALUES_MAX} values"),
        }
    }
}

/// One pass without memory. What is not JSON is found later, by the parser.
pub fn bounded(body: &[u8]) -> Result<(), Excess> {
    if body.len() > BYTES_MAX {
        return Err(Excess::Bytes);
    }
    let (mut depth, mut values) = (0_usize, 0_usize);
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_text(&mut bytes),
            b'{' | b'[' => {
                depth += 1;
                values += 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(Excess::Depth);
        }
        if values > VALUES_MAX {
            return Err(Excess::Values);
        }
    }
    Ok(())
}

fn skip_text(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_cost_too_much_is_seen_before_it_is_read() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(bounded(nested(DEPTH_MAX).as_bytes()), Ok(()));
        assert_eq!(bounded(nested(DEPTH_MAX + 1).as_bytes()), Err(Excess::Depth));
        assert_eq!(bounded(format!("[0{}]", ",0".repeat(VALUES_MAX - 1)).as_bytes()), Ok(()));
        assert_eq!(bounded(format!("[0{}]", ",0".repeat(VALUES_MAX)).as_bytes()), Err(Excess::Values));
        assert_eq!(bounded(&vec![b' '; BYTES_MAX + 1]), Err(Excess::Bytes));
        // Brackets that are text are no depth, whatever stands before the quotation mark.
        let text = format!(r#"{{"a": "{}", "b\\": "\"{}"}}"#, "[".repeat(500), ",".repeat(VALUES_MAX + 1));
        assert_eq!(bounded(text.as_bytes()), Ok(()));
    }
}
