/// The prompt and the script: lines become words and stages, and somebody else runs them.
///
/// In: what a person types at a terminal, or lines from a pipe. Out: [TypedLine]s to whoever runs
/// them ([Commands]), and the exit code of the whole. Never knows: which commands there are, what
/// they mean, that a database exists.
package dev.patronus.shell;
