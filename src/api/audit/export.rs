//! The audit as a file, written while it is read: it may be long.

use std::{io, pin::Pin};

use futures::{Stream, StreamExt as _};
use poem::{Body, IntoResponse, Response};
use poem_openapi::{
    ApiResponse, Enum,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::ToJSON as _,
};

use super::{AuditEntry, hex};
use crate::services::audit::AuditRow;

const CSV: &str = "text/csv";
const LINES: &str = "application/x-ndjson";

/// The form of a file.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", rename = "AuditExportFormat")]
pub(super) enum Format {
    /// A table: comma-separated, with a line of names.
    Csv,
    /// One JSON object a line.
    Json,
}

type Parts = Pin<Box<dyn Stream<Item = crate::Result<Vec<AuditRow>>> + Send>>;

/// The audit as a file.
pub(super) struct Export {
    format: Format,
    parts: Parts,
}

impl Export {
    pub(super) fn new(
        format: Format,
        parts: impl Stream<Item = crate::Result<Vec<AuditRow>>> + Send + 'static,
    ) -> Self {
        Self {
            format,
            parts: Box::pin(parts),
        }
    }
}

impl IntoResponse for Export {
    fn into_response(self) -> Response {
        let (media_type, name, first, line): (_, _, _, fn(AuditRow) -> String) = match self.format {
            Format::Csv => (CSV, "audit.csv", TITLES, csv),
            Format::Json => (LINES, "audit.ndjson", "", json),
        };
        let first = futures::stream::iter([Ok(first.to_owned())]);
        let lines = self.parts.map(move |part| {
            // The head of the answer is on its way; all that is left is to break off.
            let part = part.map_err(|error| io::Error::other(error.to_string()))?;
            Ok::<_, io::Error>(part.into_iter().map(line).collect::<String>())
        });
        Response::builder()
            .content_type(media_type)
            .header(
                "content-disposition",
                format!("attachment; filename=\"{name}\""),
            )
            .body(Body::from_bytes_stream(first.chain(lines)))
    }
}

impl ApiResponse for Export {
    fn meta() -> MetaResponses {
        let media = |content_type| MetaMediaType {
            content_type,
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
        };
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The entries as a file.",
                status: Some(200),
                status_range: None,
                content: vec![media(CSV), media(LINES)],
                headers: vec![],
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}

const TITLES: &str = "seq,at,actor_id,actor,action,subject,detail,hash\r\n";

fn json(row: AuditRow) -> String {
    AuditEntry::from(row).to_json_string() + "\n"
}

fn csv(row: AuditRow) -> String {
    let actor = row.actor_id.map(crate::services::audit::user);
    let fields = [
        row.seq.to_string(),
        row.at.to_rfc3339(),
        actor.unwrap_or_default(),
        row.actor,
        row.action,
        row.subject,
        row.detail.to_string(),
        hex(&row.hash),
    ];
    fields.map(|field| cell(&field)).join(",") + "\r\n"
}

/// A cell that is read as the text it is. What begins like a formula would be computed by a spreadsheet.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_cell_is_read_as_the_text_it_is() {
        for (text, cell) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "'=1+1"),
            ("@sum(a,b)", "\"'@sum(a,b)\""),
        ] {
            assert_eq!(super::cell(text), cell);
        }
    }
}
