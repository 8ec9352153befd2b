//! libFuzzer's entry to [`chartgate_fuzz::gitops`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chartgate_fuzz::gitops(data));
