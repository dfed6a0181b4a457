//! What tests say: which commands a repository's tests are, what their output means, what changed between two
//! trees. Pure: reads files it is shown and text it is given, runs nothing.
