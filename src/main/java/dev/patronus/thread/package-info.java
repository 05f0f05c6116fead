/// Threads that are restarted after an exception and end the process after an error, and waiting
/// for the end of threads.
///
/// In: work. Out: running threads, counted failures. Never knows: what the work is.
@NullMarked
package dev.patronus.thread;

import org.jspecify.annotations.NullMarked;
