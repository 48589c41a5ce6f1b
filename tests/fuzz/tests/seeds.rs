//! What `cargo fuzz-parsers` begins with, and what it found, holds in an ordinary test too.

use std::fs;
use std::path::Path;

/// One test, because what is allocated is counted over all threads.
#[test]
fn every_seed_holds() {
    check("seeds/hl7", fuzz::hl7);
    check("seeds/fhir-json", fuzz::fhir_json);
    check("seeds/fhir-xml", fuzz::fhir_xml);
    check("../../shared/exchange/tests/data", fuzz::fhir_json);
}

fn check(folder: &str, holds: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the folder of seeds") {
        let path = entry.expect("an entry of it").path();
        println!("{}", path.display());
        holds(&fs::read(&path).expect("a seed"));
        count += 1;
    }
    assert!(count > 0, "no seed in {}", folder.display());
}
