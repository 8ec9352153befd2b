//! Compiles the package anew when a file comes into `rules/`, which is embedded as a folder.

fn main() {
    println!("cargo:rerun-if-changed=rules");
}
