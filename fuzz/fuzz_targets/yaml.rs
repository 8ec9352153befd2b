//! libFuzzer's entry to [`chartgate_fuzz::yaml`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chartgate_fuzz::yaml(data));
