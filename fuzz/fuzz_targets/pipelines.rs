//! libFuzzer's entry to [`chartgate_fuzz::pipelines`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chartgate_fuzz::pipelines(data));
