//! Repositories on disk: mirrors, working trees, recorded trees. A repository is hostile until proven otherwise:
//! nothing in it is run here. What may not live here: SQL, forges' APIs.
