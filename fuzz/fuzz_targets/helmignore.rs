//! libFuzzer's entry to [`chartgate_fuzz::helmignore`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chartgate_fuzz::helmignore(data));
