/// The front door: one class per subcommand, each *ask, call, print*.
///
/// In: the words that were typed. Out: an answer in the format that was asked for, and an exit
/// code. Never knows: SQL, sockets, how a number came about. Commands are found in [Entries]; only
/// the one that was called is built, because building the model is the largest part of starting up.
package dev.patronus.cli;
