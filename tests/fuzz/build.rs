//! Compiles the counter of loads, which must not itself be counted.

#[cfg(feature = "libfuzzer")]
fn main() {
    println!("cargo::rerun-if-changed=src/loads.c");
    cc::Build::new().file("src/loads.c").compile("loads");
}

#[cfg(not(feature = "libfuzzer"))]
const fn main() {}
