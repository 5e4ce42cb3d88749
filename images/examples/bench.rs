use std::time::Instant;
use camino::{Utf8Path,Utf8PathBuf};
#[tokio::main(flavor="current_thread")]
async fn main(){
 let dir=tempfile::tempdir_in(std::env::args().nth(1).unwrap()).unwrap(); let d=Utf8Path::from_path(dir.path()).unwrap();
 let q=kiln_images::qemu_img::QemuImg::find().unwrap(); let im=d.join("i.qcow2"); q.create(&im,"10GiB".parse().unwrap()).await.unwrap();
 for n in [1usize,3,100,1000]{ let t:Vec<Utf8PathBuf>=(0..n).map(|i|d.join(format!("{n}-{i}.qcow2"))).collect();
  let s=Instant::now(); kiln_images::overlay::create_many(&q,&im,Some("20GiB".parse().unwrap()),&t).await.unwrap(); println!("{n}: {:?}",s.elapsed()); }
 let s=Instant::now(); for i in 0..10 { q.create_overlay(&d.join(format!("p{i}")),&im,kiln_images::qemu_img::Format::Qcow2,None).await.unwrap(); } println!("10 by qemu-img: {:?}",s.elapsed());
}
