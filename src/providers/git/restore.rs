//! A working tree as it was recorded.

use super::{Error, Workspace, names};
use crate::failpoint;

impl Workspace {
    /// Makes the content equal to a recorded tree. What is ignored stays, and so does what was too large to record:
    /// nobody could bring it back.
    pub async fn restore(&self, tree: &str) -> Result<(), Error> {
        let tree = names::object(tree)?;
        let _turn = self.turn().await?;
        // New files first have to be known to be removed.
        self.stage().await?;
        failpoint::pass("before", "tree restored");
        self.git("read-tree")
            .args(["--reset", "-u", tree])
            .run("write the files of a tree")
            .await?;
        failpoint::pass("during", "tree restored");
        self.remove_strangers().await?;
        let should = self
            .git("rev-parse")
            .args(["--verify", "--quiet", "--end-of-options"])
            .arg(format!("{tree}^{{tree}}"))
            .line("look up a tree")
            .await?;
        // Looks at the disk once more: only what is there counts.
        self.stage().await?;
        let is = self.write_tree().await?;
        if is == should {
            failpoint::pass("after", "tree restored");
            Ok(())
        } else {
            Err(Error::NotRestored { is, should })
        }
    }
}
