//! A source of random bytes that gives the same bytes for the same seed: two runs of a gate print the same.

use crate::template::call::Random;

/// SplitMix64 (Steele, Lea, Flood 2014): no cryptography, and none is needed where nothing is deployed.
#[derive(Debug, Clone)]
pub(super) struct Seeded(u64);

impl Seeded {
    /// A source for a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Random for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.next().to_le_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}
