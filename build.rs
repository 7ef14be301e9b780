//! Makes sure that the page can be embedded: an empty directory stands for a page that was not built.

fn main() -> std::io::Result<()> {
    for directory in ["web/dist"] {
        std::fs::create_dir_all(directory)?;
        println!("cargo::rerun-if-changed={directory}");
    }
    println!("cargo::rerun-if-changed=migrations");
    Ok(())
}
