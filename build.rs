//! Makes sure that the page can be embedded: an empty directory stands for a page that was not built. And keeps C libraries that are built in
//! to this program alone: a linker offers those that GDAL knows too (libdeflate) to GDAL, which would use parts of two versions.

fn main() -> std::io::Result<()> {
    std::fs::create_dir_all("web/dist")?;
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rustc-link-arg=-Wl,--exclude-libs,ALL");
    Ok(())
}
