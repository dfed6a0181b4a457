//! Walls around commands that are not trusted: agents' and tests'. What may not live here: what the commands are.
