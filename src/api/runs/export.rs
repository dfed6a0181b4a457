//! A run as one document.

use std::{io, pin::Pin};

use futures::{Stream, StreamExt as _};
use poem::{Body, IntoResponse, Response, web::Data};
use poem_openapi::{
    ApiResponse, OpenApi,
    param::Path,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use serde_json::Value;

use crate::{
    api::{
        ApiState, Problem, Tag,
        auth::Auth,
        wire::{Id, kind},
    },
    services::export,
};

#[derive(Default)]
pub(in crate::api) struct ExportApi;

const LINES: &str = "application/x-ndjson";

type Parts = Pin<Box<dyn Stream<Item = crate::Result<Vec<Value>>> + Send>>;

/// The document, as it is read.
struct Document {
    name: String,
    parts: Parts,
}

#[OpenApi(prefix_path = "/api/v1/runs", tag = "Tag::Runs")]
impl ExportApi {
    /// Export a run
    ///
    /// Everything that is kept about it, one JSON object a line; `type` says what each is: `run`, `task`, `plan`s, the
    /// journal in order (`step`, `event`), `agent_run`, `model_call` with what was said, `tool_call`, `ledger_entry`. The
    /// last line, `end`, says how many came before it: a document without it broke off. Ids are without their prefix.
    /// Of a run that was forked, the journal it shares is contained, the calls in it are in the export of that run.
    #[oai(path = "/:id/export", method = "get", operation_id = "exportRun")]
    async fn export(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
    ) -> Result<Document, Problem> {
        let caller = auth.may("exportRun")?;
        let parts = export::run(&state.db, caller, id.0.0).await?;
        Ok(Document {
            name: format!("{}.ndjson", id.0),
            parts: Box::pin(parts),
        })
    }
}

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        let lines = self.parts.map(|part| {
            // The head of the answer is on its way; all that is left is to break off.
            let part = part.map_err(|error| io::Error::other(error.to_string()))?;
            let mut text = String::new();
            for line in part {
                text.push_str(&line.to_string());
                text.push('\n');
            }
            Ok::<_, io::Error>(text)
        });
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        Response::builder()
            .content_type(LINES)
            .header("content-disposition", disposition)
            .body(Body::from_bytes_stream(lines))
    }
}

impl ApiResponse for Document {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The run, a line for each thing.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: LINES,
                    schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}
