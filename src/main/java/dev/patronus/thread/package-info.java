/// Threads that never end in silence: restarted after an exception, the end of the process after an
/// [Error].
///
/// In: a thread's work. Out: a thread that is watched. Never knows: what the work is.
package dev.patronus.thread;
