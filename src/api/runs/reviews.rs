//! Reviews by people of what a run has changed.

use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi,
    param::{Header, Path, Query},
    payload::Json,
};

use crate::{
    api::{
        ApiState, Problem, Tag,
        auth::Auth,
        views::Person,
        wire::{Cursor, Id, Limit, Text, kind},
    },
    services::reviews::{self, CommentRow, Draft, Review},
};

#[derive(Default)]
pub(in crate::api) struct ReviewsApi;

/// Which file lines are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "DiffSide", rename_all = "snake_case")]
enum Side {
    /// As it was: where lines were removed.
    Old,
    /// As it is now.
    New,
}

/// How a review reached the agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "ReviewSentAs", rename_all = "snake_case")]
enum SentAs {
    /// As the wish for changes of a person who was asked before the delivery.
    Decision,
    /// As words to the agent at work.
    Message,
}

/// A comment on lines of a changed file.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct NewReviewComment {
    /// The file, as it is called now.
    #[oai(validator(min_length = 1, max_length = 1000))]
    path: Text,
    /// The line, or the last of several.
    #[oai(validator(minimum(value = "1"), maximum(value = "10000000")))]
    line: u32,
    /// The first of several lines.
    #[oai(validator(minimum(value = "1"), maximum(value = "10000000")))]
    start_line: Option<u32>,
    /// Which file they are lines of.
    side: Side,
    /// What is said about them.
    #[oai(validator(min_length = 1, max_length = 20_000))]
    text: Text,
}

/// A review: something about the whole, comments on lines, or both.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct NewReview {
    /// What is said about the whole.
    #[oai(validator(max_length = 20_000))]
    text: Option<Text>,
    /// What is said about lines.
    #[oai(validator(max_items = 200))]
    comments: Vec<NewReviewComment>,
}

/// A comment on lines of a changed file.
#[derive(Debug, Object)]
struct ReviewComment {
    /// The file.
    path: String,
    /// Which file they are lines of.
    side: Side,
    /// The first line.
    start_line: i32,
    /// The last line.
    line: i32,
    /// Those lines.
    code: String,
    /// What is said about them.
    text: String,
}

/// A review that was sent.
#[derive(Debug, Object)]
#[oai(rename = "PersonReview")]
struct ReviewView {
    /// Its id.
    id: Id<kind::Review>,
    /// Who wrote it.
    by: Person,
    /// When it was sent.
    created_at: DateTime<Utc>,
    /// How it reached the agents.
    sent_as: SentAs,
    /// What is said about the whole; may be empty.
    text: String,
    /// What is said about lines.
    comments: Vec<ReviewComment>,
}

/// A page of the reviews of a run.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct ReviewPage {
    /// Oldest first.
    items: Vec<ReviewView>,
    /// Where the next page begins; absent on the last.
    next_cursor: Option<String>,
}

#[derive(ApiResponse)]
enum Sent {
    /// It has been sent; the same request with the same `Idempotency-Key` gives the same review.
    #[oai(status = 201)]
    Created(Json<ReviewView>),
}

#[OpenApi(prefix_path = "/api/v1/runs", tag = "Tag::Runs")]
impl ReviewsApi {
    /// Send a review
    ///
    /// The agents get all comments as one. A run that waits for a decision on its delivery takes it as the wish for
    /// changes; one at work hears it before its next turn; any other answers 409. 422 names each comment that is about
    /// lines which the difference does not show.
    #[oai(path = "/:id/reviews", method = "post", operation_id = "sendReview")]
    async fn send(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        /// A key of the caller's choice: the same request again is sent once.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 200))]
        key: Header<Option<String>>,
        body: Json<NewReview>,
    ) -> Result<Sent, Problem> {
        let caller = auth.may("sendReview")?;
        let comment = |comment: NewReviewComment| reviews::Comment {
            path: comment.path.into(),
            old: comment.side == Side::Old,
            start: comment.start_line.unwrap_or(comment.line),
            line: comment.line,
            text: comment.text.into(),
        };
        let draft = Draft {
            text: body.0.text.map(String::from).unwrap_or_default(),
            comments: body.0.comments.into_iter().map(comment).collect(),
            key: key.0,
        };
        let review = reviews::send(&state.db, &state.work.records, caller, id.0.0, draft).await?;
        Ok(Sent::Created(Json(review.into())))
    }

    /// List the reviews of a run
    ///
    /// Those that people sent; what the reviewing agent says is in `getChecks`.
    #[oai(path = "/:id/reviews", method = "get", operation_id = "listReviews")]
    async fn list(
        &self,
        state: Data<&ApiState>,
        auth: Auth,
        /// The run.
        id: Path<Id<kind::Run>>,
        /// How many items at most.
        limit: Query<Option<Limit>>,
        /// Where to go on: `next_cursor` of the page before.
        cursor: Query<Option<Cursor>>,
    ) -> Result<Json<ReviewPage>, Problem> {
        let caller = auth.may("listReviews")?;
        let most = Limit::of(limit.0);
        let after = Cursor::one(cursor.0)?;
        let reviews = reviews::list(&state.db, caller, id.0.0, after, most + 1).await?;
        let (reviews, next_cursor) = Cursor::page(reviews, most, |review| review.row.id);
        Ok(Json(ReviewPage {
            items: reviews.into_iter().map(ReviewView::from).collect(),
            next_cursor,
        }))
    }
}

impl From<Review> for ReviewView {
    fn from(review: Review) -> Self {
        let row = review.row;
        let comment = |comment: CommentRow| ReviewComment {
            path: comment.path,
            side: match comment.side.as_str() {
                "old" => Side::Old,
                _ => Side::New,
            },
            start_line: comment.start_line,
            line: comment.end_line,
            code: comment.quoted,
            text: comment.body,
        };
        Self {
            id: row.id.into(),
            by: Person::new(row.author_id, row.author),
            created_at: row.created_at,
            sent_as: match row.sent_as.as_str() {
                "decision" => SentAs::Decision,
                _ => SentAs::Message,
            },
            text: row.body,
            comments: review.comments.into_iter().map(comment).collect(),
        }
    }
}
