/// The daemon's process: log, service manager, lock and periodic tasks.
///
/// In: messages, ticks. Out: log lines, notifications. Never knows: what is counted.
@NullMarked
package dev.patronus.daemon.process;

import org.jspecify.annotations.NullMarked;
