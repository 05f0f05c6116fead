/// What is promised of the packaged program as a file tree: that it starts, from where, how.
///
/// In: `target/patronus`. Out: what the shell and the run time print. Never knows: what a command
/// answers.
package dev.patronus.dist;
