//! What earlier runs on a repository came to, for whoever plans the next one.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

/// A run that ended.
#[derive(Debug, Clone)]
pub struct PastRow {
    /// What was asked.
    pub title: String,
    /// How it ended, in the words of `run_end`.
    pub end: String,
    /// When.
    pub ended_at: DateTime<Utc>,
    /// What its coder, or failing that its planner, said about it in the end.
    pub summary: Option<String>,
    /// What its reviewer said.
    pub verdict: Option<String>,
    /// What it changed: objects with a `path`.
    pub files: Option<Value>,
}

/// What other tasks of the repository of this run came to, those first whose words are most like those of its task, then
/// the newest; of the newest 200, and only what the person who gave the task may see.
pub async fn like(db: impl PgExecutor<'_>, run: Uuid, most: i64) -> sqlx::Result<Vec<PastRow>> {
    sqlx::query_as!(
        PastRow,
        r#"with own as (
               select t.id, t.repository_id, t.created_by, r.owner_id = t.created_by or r.visibility = 'team' as all_of_it,
                      replace(plainto_tsquery('english', left(t.title || ' ' || t.description, 4000))::text, '&', '|')::tsquery as words
               from runs n join tasks t on t.id = n.task_id join repositories r on r.id = t.repository_id
               where n.id = $1
           ), others as (
               select t.id, t.title, to_tsvector('english', t.title || ' ' || left(t.description, 4000)) as words
               from own o join tasks t on t.repository_id = o.repository_id
               where t.id <> o.id and (o.all_of_it or t.created_by = o.created_by)
               order by t.id desc limit 200
           )
           select s.title, run_end(n.outcome, n.output ->> 'result') as "end!", n.ended_at as "ended_at!",
                  coalesce(code.output #>> '{finish,summary}', plan.output #>> '{plan,summary}') as summary,
                  review.output #>> '{verdict,summary}' as verdict, code.output #> '{change,files}' as files
           from own o cross join others s
           join lateral (select * from runs a where a.task_id = s.id and a.outcome in ('succeeded', 'failed')
                         order by a.id desc limit 1) n on true
           left join lateral (select p.output from steps p where p.run_id = n.id and p.name in ('code', 'choose')
                              order by p.seq desc limit 1) code on true
           left join lateral (select p.output from steps p where p.run_id = n.id and p.name = 'review'
                              order by p.seq desc limit 1) review on true
           left join lateral (select p.output from steps p where p.run_id = n.id and p.name = 'plan'
                              order by p.seq desc limit 1) plan on true
           where n.ended_at is not null
           order by ts_rank(s.words, o.words) desc, s.id desc limit $2"#,
        run,
        most
    )
    .fetch_all(db)
    .await
}
