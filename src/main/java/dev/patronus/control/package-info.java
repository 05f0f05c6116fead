/// The daemon's control protocol: sealed [Request] and [Reply], their JSON lines, and both ends of
/// the Unix domain socket.
///
/// In: a request from another process. Out: its reply as a value. Never knows: how a reply is
/// computed or shown.
@NullMarked
package dev.patronus.control;

import org.jspecify.annotations.NullMarked;
