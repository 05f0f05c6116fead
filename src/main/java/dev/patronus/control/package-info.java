/// The daemon's door: sealed [Request] and [Reply], their JSON lines, and both ends of the Unix
/// socket.
///
/// In: a question from another process. Out: its answer as a value. Never knows: how the answer is
/// found, how it is shown.
package dev.patronus.control;
