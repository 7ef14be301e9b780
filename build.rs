//! Makes sure that the page can be embedded: an empty directory stands for a page that was not built.

fn main() -> std::io::Result<()> {
    std::fs::create_dir_all("web/dist")?;
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed=migrations");
    Ok(())
}
