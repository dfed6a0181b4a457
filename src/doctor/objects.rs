//! The object store is optional; one that is configured and does not answer is a mistake worth knowing.

use super::report::Finding;
use crate::{
    config::{ObjectPlace, ObjectsConfig},
    providers::blobs::Blobs,
};

pub(super) async fn check(config: &ObjectsConfig) -> Vec<Finding> {
    let Some(place) = &config.place else {
        let usual = "not configured: packs and long outputs are kept in the database";
        return vec![Finding::ok("object store", usual)];
    };

    let found = match place {
        ObjectPlace::Folder(folder) if !folder.is_dir() => {
            Err("the folder is not there; it is made when it is needed first".to_owned())
        }
        _ => match Blobs::configured(config) {
            Ok(Some(blobs)) => blobs.probe().await.map_err(|error| error.to_string()),
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        },
    };
    vec![match found {
        Ok(()) => Finding::ok("object store", format!("answers at {place}")),
        Err(cause) => Finding::fail("object store", format!("does not answer at {place}"))
            .detail(cause)
            .remedy("correct CODEGRAPH_OBJECT_STORE and its keys, or start that server"),
    }]
}
