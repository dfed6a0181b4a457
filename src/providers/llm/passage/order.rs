//! A call as it came, read and made fit to be sent on: its model is the one that is paid for, its answer has an end, and it
//! is sent in the name of the run.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::catalogue::Model;
use super::{Turned, Way, tools};

/// Tokens of an answer for which a call names no limit.
const ANSWER: u32 = 32_000;

/// Features of the vendor that a call may ask for by name.
const BETA: HeaderName = HeaderName::from_static("anthropic-beta");

/// Under which a call may name its limit.
const LIMITS: [&str; 3] = ["max_tokens", "max_completion_tokens", "max_output_tokens"];

/// What is left to the vendor's default: each has a price of its own.
const DEAR: [&str; 3] = ["service_tier", "speed", "inference_geo"];

/// What is never changed: it is signed, sealed, or no text.
const KEPT: [&str; 4] = ["signature", "data", "encrypted_content", "thinking"];

/// On which a call is sent.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The one model that may be asked.
    pub model: &'a Model,
    /// What its server calls it.
    pub served_as: &'a str,
    /// In whose name.
    pub user: &'a str,
}

/// A call that can be sent.
#[derive(Debug, Clone)]
pub struct Order {
    /// How it speaks.
    pub way: Way,
    /// Who asks.
    pub role: &'static str,
    /// The most tokens of its answer.
    pub max_tokens: u32,
    beta: Option<HeaderValue>,
    body: Value,
}

impl Order {
    /// Reads a call. Texts in it are seen by nobody before `mask` has.
    pub fn read(
        way: Way,
        role: &'static str,
        headers: &HeaderMap,
        body: &[u8],
        terms: Terms<'_>,
        mask: &dyn Fn(&str) -> String,
    ) -> Result<Self, Turned> {
        let body: Value =
            serde_json::from_slice(body).map_err(|_| Turned::wrong("the body is not JSON"))?;
        if !body.is_object() {
            return Err(Turned::wrong("the body is no object"));
        }
        let asked = body["model"].as_str().unwrap_or_default();
        let Terms {
            model, served_as, ..
        } = terms;
        if asked != model.id
            && asked != served_as
            && !model.aliases.iter().any(|name| name == asked)
        {
            let asked: String = asked.chars().take(100).collect();
            return Err(Turned::unknown(format!(
                "the model `{asked}` is not let through here, only `{served_as}` is"
            )));
        }
        tools::check(way, &body)?;
        let mut order = Self {
            way,
            role,
            max_tokens: 0,
            beta: headers.get(BETA).cloned(),
            body: masked(body, mask),
        };
        order.settle(terms)?;
        Ok(order)
    }

    /// Makes it ours.
    fn settle(&mut self, terms: Terms<'_>) -> Result<(), Turned> {
        let way = self.way;
        let limit = |body: &Value| LIMITS.iter().find_map(|name| body[*name].as_u64());
        let named = limit(&self.body);
        let body = self
            .body
            .as_object_mut()
            .ok_or_else(|| Turned::wrong("the body is no object"))?;
        body.insert("model".into(), json!(terms.served_as));
        for name in DEAR {
            body.remove(name);
        }
        if way == Way::Count {
            return Ok(());
        }
        let most = u64::from(terms.model.output);
        let usual = match way {
            // What the limit is called there differs from server to server.
            Way::Chat => most,
            _ => u64::from(ANSWER).min(most),
        };
        let wanted = named.unwrap_or(usual);
        if wanted == 0 || wanted > most {
            let id = &terms.model.id;
            return Err(Turned::wrong(format!(
                "an answer of `{id}` has 1 to {most} tokens"
            )));
        }
        self.max_tokens = u32::try_from(wanted).unwrap_or(u32::MAX);
        let name = match way {
            Way::Responses => "max_output_tokens",
            _ => "max_tokens",
        };
        if named.is_none() && way != Way::Chat {
            body.insert(name.into(), json!(wanted));
        }
        match way {
            Way::Messages => {
                body.insert("metadata".into(), json!({"user_id": terms.user}));
            }
            // Nothing else says what a stream has used.
            Way::Chat if body.get("stream") == Some(&Value::Bool(true)) => {
                body.insert("stream_options".into(), json!({"include_usage": true}));
                body.insert("n".into(), json!(1));
            }
            Way::Chat => {
                body.insert("n".into(), json!(1));
            }
            // Nothing of a run is kept elsewhere for others to go on with, and no answer is written unheard.
            Way::Responses => {
                body.insert("store".into(), json!(false));
                body.insert("background".into(), json!(false));
            }
            Way::Count => {}
        }
        Ok(())
    }

    /// Headers that go along.
    pub(in super::super) fn headers(&self) -> HeaderMap {
        let beta = self.beta.iter().map(|value| (BETA, value.clone()));
        beta.collect()
    }

    /// What is sent.
    pub(in super::super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.body).unwrap_or_default()
    }

    /// The question how long its prompt is, where the vendor answers that.
    #[must_use]
    pub fn count(&self, vendor: &str) -> Option<Self> {
        Way::of(Way::Count.path(), vendor)?;
        let kept = [
            "model",
            "messages",
            "system",
            "tools",
            "tool_choice",
            "thinking",
        ];
        let fields = self.body.as_object()?.iter();
        let fields = fields.filter(|(name, _)| kept.contains(&name.as_str()));
        Some(Self {
            way: Way::Count,
            body: fields.map(|(n, v)| (n.clone(), v.clone())).collect(),
            ..self.clone()
        })
    }

    /// Tokens of its prompt, guessed from above.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        u64::try_from(self.bytes().len() / 3).unwrap_or(u64::MAX)
    }

    /// What it adds to the conversation, and the hash of the whole, as calls of ours are recorded. The first one has all.
    #[must_use]
    pub fn recorded(&self, first: bool) -> Value {
        let said = match self.way {
            Way::Responses => &self.body["input"],
            _ => &self.body["messages"],
        };
        let said: Vec<Value> = match said {
            Value::Array(said) => said.iter().map(told).collect(),
            Value::Null => Vec::new(),
            words => vec![told(words)],
        };
        let spoken = said
            .iter()
            .rposition(|message| message["role"] == "assistant");
        let from = spoken.filter(|_| !first).map_or(0, |at| at + 1);
        let mut record = json!({
            "sha256": format!("{:x}", Sha256::digest(self.bytes())),
            "messages": said.len(),
            "appended": said[from..],
            "max_tokens": self.max_tokens,
        });
        if first {
            let instructions = self
                .body
                .get("system")
                .or_else(|| self.body.get("instructions"));
            record["system"] = instructions.map_or(Value::Null, |text| json!(plain(text)));
            record["tools"] = self.body["tools"].clone();
        }
        record
    }
}

/// A message as it is recorded: whose it is, and blocks.
fn told(message: &Value) -> Value {
    let text = |text: &str| json!([{"type": "text", "text": text}]);
    let content = match (message, &message["content"]) {
        (Value::String(words), _) | (_, Value::String(words)) => text(words),
        (_, Value::Array(blocks)) => json!(blocks),
        // What a tool said, where that is no message.
        (other, _) => json!([other]),
    };
    json!({"role": message["role"].as_str().unwrap_or("user"), "content": content})
}

/// Instructions come as a text or as blocks of it.
fn plain(text: &Value) -> String {
    if let Some(text) = text.as_str() {
        return text.to_owned();
    }
    let blocks = text.as_array().into_iter().flatten();
    let texts: Vec<&str> = blocks.filter_map(|block| block["text"].as_str()).collect();
    texts.join("\n")
}

/// The document with its texts masked.
fn masked(value: Value, mask: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(mask(&text)),
        Value::Array(items) => items.into_iter().map(|item| masked(item, mask)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, field)| {
                let field = match field {
                    field if KEPT.contains(&name.as_str()) => field,
                    field => masked(field, mask),
                };
                (name, field)
            })
            .collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Catalogue;
    use super::*;

    fn read(way: Way, body: &Value) -> Result<Order, Turned> {
        let catalogue = Catalogue::embedded();
        let terms = Terms {
            model: catalogue.for_role("coder"),
            served_as: "claude-sonnet-5-5",
            user: "run_1",
        };
        let mask = |text: &str| text.replace("hush", "***");
        let body = body.to_string();
        Order::read(
            way,
            "coder",
            &HeaderMap::new(),
            body.as_bytes(),
            terms,
            &mask,
        )
    }

    fn sent(way: Way, body: &Value) -> Value {
        serde_json::from_slice(&read(way, body).unwrap().bytes()).unwrap()
    }

    #[test]
    fn a_call_is_sent_in_the_name_of_its_run_and_with_an_end() {
        let body = json!({
            "model": "claude-sonnet-5-5", "metadata": {"user_id": "me"}, "service_tier": "priority",
            "messages": [{"role": "assistant", "content": [{"type": "thinking", "thinking": "hush", "signature": "hush"}]},
                         {"role": "user", "content": "hush now"}],
        });
        let order = sent(Way::Messages, &body);
        assert_eq!(order["metadata"], json!({"user_id": "run_1"}));
        assert_eq!(
            (&order["max_tokens"], &order["service_tier"]),
            (&json!(ANSWER), &Value::Null)
        );
        assert_eq!(order["messages"][1]["content"], "*** now");
        assert_eq!(
            order["messages"][0], body["messages"][0],
            "what is signed stays"
        );
        let order = sent(
            Way::Responses,
            &json!({"model": "claude-sonnet-5-5", "store": true, "input": "hi"}),
        );
        assert_eq!(
            (&order["store"], &order["max_output_tokens"]),
            (&json!(false), &json!(ANSWER))
        );
        let order = sent(
            Way::Chat,
            &json!({"model": "claude-sonnet-5-5", "stream": true, "n": 9}),
        );
        assert_eq!(
            (&order["stream_options"]["include_usage"], &order["n"]),
            (&json!(true), &json!(1))
        );
    }

    #[test]
    fn what_is_recorded_is_what_was_added_as_blocks() {
        let said = json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
                          {"role": "user", "content": [{"type": "text", "text": "c"}]}]);
        let body = json!({"model": "claude-sonnet-5-5", "messages": said, "system": [{"type": "text", "text": "s"}]});
        let order = read(Way::Messages, &body).unwrap();
        let added = json!({"role": "user", "content": [{"type": "text", "text": "c"}]});
        assert_eq!(order.recorded(false)["appended"], json!([added]));
        let first = order.recorded(true);
        assert_eq!(
            (&first["system"], &first["messages"]),
            (&json!("s"), &json!(3))
        );
        assert_eq!(first["appended"][0]["content"][0]["text"], "a");
        let order = read(
            Way::Responses,
            &json!({"model": "claude-sonnet-5-5", "input": "hi"}),
        )
        .unwrap();
        assert_eq!(
            order.recorded(false)["appended"][0]["content"][0]["text"],
            "hi"
        );
    }

    #[test]
    fn the_length_of_a_prompt_is_asked_for_with_the_prompt_alone() {
        let body =
            json!({"model": "claude-sonnet-5-5", "max_tokens": 10, "stream": true, "messages": []});
        let order = read(Way::Messages, &body).unwrap();
        let count = order.count("anthropic").unwrap();
        assert_eq!(
            count.body,
            json!({"model": "claude-sonnet-5-5", "messages": []})
        );
        assert!(order.count("ollama").is_none());
    }

    #[test]
    fn what_would_reach_out_at_the_vendor_is_refused() {
        let with = |way, field: &str, value: Value| {
            let mut body = json!({"model": "claude-sonnet-5-5", "messages": [], "input": []});
            body[field] = value;
            read(way, &body)
        };
        let own = json!([{"name": "a"}, {"type": "custom", "name": "b"}, {"type": "bash_20250124", "name": "bash"}]);
        with(Way::Messages, "tools", own).unwrap();
        with(
            Way::Responses,
            "tools",
            json!([{"type": "function"}, {"type": "local_shell"}]),
        )
        .unwrap();
        for (way, field, value) in [
            (
                Way::Messages,
                "tools",
                json!([{"type": "web_search_20250305"}]),
            ),
            (
                Way::Count,
                "tools",
                json!([{"type": "code_execution_20250522"}]),
            ),
            (Way::Messages, "mcp_servers", json!([{"url": "http://a"}])),
            (Way::Responses, "tools", json!([{"type": "web_search"}])),
            (Way::Chat, "tools", json!([{}])),
            (Way::Chat, "web_search_options", json!({})),
            (
                Way::Chat,
                "messages",
                json!([{"content": [{"type": "image_url", "image_url": {"url": "http://a"}}]}]),
            ),
            (
                Way::Responses,
                "input",
                json!([{"content": [{"type": "input_image", "image_url": "http://a"}]}]),
            ),
            (
                Way::Messages,
                "messages",
                json!([{"content": [{"type": "tool_result", "content": [
                {"type": "image", "source": {"type": "url", "url": "http://a"}}]}]}]),
            ),
        ] {
            assert!(
                with(way, field, value.clone()).is_err(),
                "{way:?} {field} {value}"
            );
        }
    }
}
