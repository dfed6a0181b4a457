//! What a call may ask its vendor to do besides answering: nothing that reaches out from there. Who runs behind a wall
//! without a network would have one through the vendor's servers, and what they cost there is in no price of ours.

use serde_json::Value;

use super::{Turned, Way};

/// Tools that whoever asks performs itself.
const OF_MESSAGES: [&str; 5] = ["custom", "bash_", "text_editor_", "memory_", "computer_"];
const OF_OPENAI: [&str; 4] = ["function", "custom", "local_shell", "apply_patch"];

/// Fields that have the vendor reach out or keep something.
const REACHING: [&str; 3] = ["mcp_servers", "container", "web_search_options"];

/// Refuses what would reach out.
pub(super) fn check(way: Way, body: &Value) -> Result<(), Turned> {
    if let Some(field) = REACHING.iter().find(|field| !body[**field].is_null()) {
        return Err(Turned::wrong(format!("`{field}` is not let through here")));
    }
    for tool in list(&body["tools"]) {
        let kind = tool["type"].as_str();
        let own = match (way, kind) {
            (Way::Messages | Way::Count, None) => true,
            (Way::Messages | Way::Count, Some(kind)) => {
                OF_MESSAGES.iter().any(|own| kind.starts_with(own))
            }
            (Way::Chat | Way::Responses, kind) => OF_OPENAI.contains(&kind.unwrap_or_default()),
        };
        if !own {
            let kind = kind.unwrap_or("without a type");
            return Err(Turned::wrong(format!(
                "the tool `{kind}` is performed by the vendor, and not let through here; switch it off"
            )));
        }
    }
    let said = match way {
        Way::Responses => list(&body["input"]),
        _ => list(&body["messages"]),
    };
    if said.iter().flat_map(blocks).any(is_elsewhere) {
        return Err(Turned::wrong(
            "pictures and files that the vendor would fetch are not let through here; send their content",
        ));
    }
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The blocks of a message, with those of results of tools in it.
fn blocks<'m>(message: &'m Value) -> Vec<&'m Value> {
    let inner = |block: &'m Value| std::iter::once(block).chain(list(&block["content"]));
    let outer = list(&message["content"]).iter();
    outer
        .chain(list(&message["output"]))
        .flat_map(inner)
        .collect()
}

/// Whether it is something that lies elsewhere.
fn is_elsewhere(block: &Value) -> bool {
    let away = |address: &Value| {
        address
            .as_str()
            .is_some_and(|text| !text.starts_with("data:"))
    };
    match block["type"].as_str() {
        Some("image" | "document") => block["source"]["type"] == "url",
        Some("image_url") => away(&block["image_url"]["url"]),
        Some("input_image") => away(&block["image_url"]),
        Some("input_file") => away(&block["file_url"]),
        _ => false,
    }
}
