//! How much one person does on this node at the same time: what takes long and holds something while it does.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use uuid::Uuid;

use crate::error::{Error, Result};

/// Asked to come back after so long, when nobody knows how long it will take.
const LATER_S: u64 = 10;

type Held = HashMap<Uuid, usize>;

/// So many at the same time for each person. Clones count together.
#[derive(Debug, Clone)]
pub struct Turns {
    most: usize,
    held: Arc<Mutex<Held>>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    user: Uuid,
    turns: Turns,
}

impl Turns {
    /// So many for each person.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            held: Arc::default(),
        }
    }

    /// Takes one, if this person has not all of theirs.
    pub fn take(&self, user: Uuid) -> Result<Turn> {
        let mut held = self.held();
        let mine = held.entry(user).or_default();
        if *mine >= self.most {
            return Err(Error::TooMany { after_s: LATER_S });
        }
        *mine += 1;
        Ok(Turn {
            user,
            turns: self.clone(),
        })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut held = self.turns.held();
        if let Some(mine) = held.get_mut(&self.user) {
            *mine -= 1;
            if *mine == 0 {
                held.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_has_their_own_and_gets_them_back() {
        let turns = Turns::new(2);
        let (ada, bob) = (Uuid::now_v7(), Uuid::now_v7());
        let first = turns.take(ada).unwrap();
        let second = turns.clone().take(ada).unwrap();
        assert!(matches!(turns.take(ada), Err(Error::TooMany { .. })));
        drop(turns.take(bob).unwrap());
        drop(first);
        let third = turns.take(ada).unwrap();
        drop((second, third));
        assert!(turns.held().is_empty());
    }
}
