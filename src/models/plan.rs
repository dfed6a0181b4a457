//! How statements are planned.

use sqlx::PgConnection;

/// Until the transaction ends, each statement is planned for the values it comes with. A list is asked with filters of
/// which most are absent and some find next to nothing: one plan for all of them would be a bad one for most.
pub async fn by_values(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("set local plan_cache_mode = force_custom_plan")
        .execute(conn)
        .await?;
    Ok(())
}
