//! Is an image still what it was published as?

use super::publish::hash;
use super::{Image, Store, StoreError};

impl Store {
    /// Reads the whole disk of `image` again, compares its digest, and checks its structure.
    ///
    /// # Errors
    /// [`StoreError::Changed`] with both digests, [`StoreError::NotFlat`], [`StoreError::Damaged`]; or it cannot be read.
    pub async fn verify(&self, image: &Image) -> Result<(), StoreError> {
        let found = hash(image.disk.clone()).await?;
        if found != image.digest {
            return Err(StoreError::Changed { disk: image.disk.clone(), expected: image.digest, found });
        }
        self.check_flat_and_sound(&image.disk).await?;
        Ok(())
    }
}
