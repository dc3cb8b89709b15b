//! Quantities as Kubernetes writes them, read and written in its canonical form, so that what is there compares as text.

/// Thousandths of a processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpu(pub u64);

/// Bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memory(pub u64);

const BINARY: [(&str, u64); 4] = [("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];
const DECIMAL: [(&str, u64); 4] = [("T", 1_000_000_000_000), ("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)];

impl Cpu {
    /// `500m`, `1` or `0.5`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(thousandths) = text.strip_suffix('m') {
            return whole(thousandths).map(Self);
        }
        let (units, part) = text.split_once('.').unwrap_or((text, "0"));
        if part.is_empty() || part.len() > 3 {
            return None;
        }
        let thousandths = whole(&format!("{part:0<3}"))?;
        Some(Self(whole(units)?.checked_mul(1000)?.checked_add(thousandths)?))
    }

    pub fn text(self) -> String {
        if self.0.is_multiple_of(1000) { (self.0 / 1000).to_string() } else { format!("{}m", self.0) }
    }
}

impl Memory {
    /// `256Mi`, `1Gi`, `500M`.
    pub fn parse(text: &str) -> Option<Self> {
        let unit = BINARY.iter().chain(&DECIMAL).find(|(unit, _)| text.ends_with(unit));
        let (number, factor) = match unit {
            Some((unit, factor)) => (text.strip_suffix(unit)?, *factor),
            None => (text, 1),
        };
        Some(Self(whole(number)?.checked_mul(factor)?))
    }

    pub fn text(self) -> String {
        let units = if self.0.is_multiple_of(1 << 10) { &BINARY } else { &DECIMAL };
        match units.iter().find(|(_, factor)| self.0.is_multiple_of(*factor)) {
            Some((unit, factor)) => format!("{}{unit}", self.0 / factor),
            None => self.0.to_string(),
        }
    }
}

fn whole(digits: &str) -> Option<u64> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_as_the_api_server_writes_them() {
        let cpu = |text: &str| Cpu::parse(text).map(Cpu::text);
        let memory = |text: &str| Memory::parse(text).map(Memory::text);
        for (written, kept) in [("500m", "500m"), ("1000m", "1"), ("0.5", "500m"), ("1.25", "1250m"), ("2", "2")] {
            assert_eq!(cpu(written).as_deref(), Some(kept));
        }
        for (written, kept) in [("256Mi", "256Mi"), ("1024Mi", "1Gi"), ("500M", "500M"), ("1", "1"), ("2048", "2Ki")] {
            assert_eq!(memory(written).as_deref(), Some(kept));
        }
    }

    #[test]
    fn what_is_no_quantity_is_none() {
        for text in ["", "much", "-1", "1.", "1.2345", "+1", "m", "1 Gi", "99999999999999999999"] {
            assert_eq!(Cpu::parse(text), None, "{text}");
        }
        for text in ["", "much", "-1Mi", "1.5Gi", "Mi", "99999999999Ti"] {
            assert_eq!(Memory::parse(text), None, "{text}");
        }
    }
}
