/// What tests share: real things, started and asked from outside.
///
/// In: the packaged program, files, signals. Out: what a person at a terminal would have seen.
/// Never knows: a class of the program itself.
package dev.patronus.testing;
